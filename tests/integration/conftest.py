"""A caller of the API, and a dataset of hers."""

from typing import Any

import pytest

from brightrun.datasets.record import Dataset
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, Answer, Call, an_event, answered
from tests.support.factories import a_dataset


@pytest.fixture
def api(deps: Deps) -> Call:
    """Call a route as Ada, or as whoever is named."""

    def calling(
        route: str,
        body: object = None,
        *,
        caller: dict[str, str] = ADA_CALLS,
        raw: str | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        return answered(handle(an_event(route, body, caller, raw, headers, query), None, deps))

    return calling


@pytest.fixture
def dataset(deps: Deps) -> Dataset:
    """A ready dataset of Ada's: 1,000 pairs, 200,000 tokens."""
    dataset = a_dataset()
    commit(deps.table, [put_new(deps.table, dataset)])
    return dataset
