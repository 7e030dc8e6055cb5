"""The storage quota counts what is on its way, and many at once get no more than one by one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from brightrun.multipart import GIB
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.usage_totals import stored_bytes
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import numbers
from brightrun.ports.dynamodb.writes import commit
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.validate_dataset import app as validate_dataset
from tests.support.api.datasets import NEW, upload
from tests.support.api.http_calls import ADA_CALLS, Call, an_event, answered
from tests.support.factories import ADA, NOON

FILE = {"name": "g", "jsonl": {"file_name": "g.jsonl", "file_size": 600}}


@pytest.fixture
def nearly_full(deps: Deps) -> None:
    """A thousand bytes are left."""
    commit(deps.table, [stored_bytes(deps.table, ADA, "models", 200 * GIB - 1000)])


def held(deps: Deps) -> dict[str, int]:
    sums = numbers(deps.table, keys.counts(ADA, Kind.BYTES))
    return {name: int(size) for name, size in sums.items() if size and name != "models"}


def test_what_is_on_its_way_takes_its_room(api: Call, nearly_full: None) -> None:
    first = api("POST /api/datasets", {**NEW, "file_size": 600})
    second = api("POST /api/datasets", {**NEW, "file_size": 600})

    assert (first.status, second.refusal) == (201, (429, "quota_exceeded"))
    assert api("POST /api/datasets", {**NEW, "file_size": 400}).status == 201


def test_the_library_has_no_room_of_its_own(api: Call, nearly_full: None) -> None:
    statuses = [api("POST /api/training-files", FILE).status for _ in range(2)]

    assert statuses == [201, 429]
    assert api("POST /api/datasets", {**NEW, "file_size": 600}).status == 429


def test_a_file_counts_once_from_its_declaration_to_its_end(api: Call, deps: Deps) -> None:
    size = NEW["file_size"]
    made = api("POST /api/datasets", NEW).data["dataset"]
    declared = held(deps)
    upload(deps, made["storage_path"])
    api(f"POST /api/datasets/{made['id']}/confirm")
    confirmed = held(deps)
    validate_dataset.handle({}, None, deps)
    read = held(deps)
    api(f"DELETE /api/datasets/{made['id']}")

    assert (declared, confirmed, read) == (
        {"uploading": size}, {"datasets": size}, {"datasets": size},
    )  # fmt: skip
    assert held(deps) == {}


def test_an_upload_that_never_came_gives_its_room_back_once(api: Call, deps: Deps) -> None:
    made = api("POST /api/datasets", NEW).data["dataset"]
    validate_dataset.handle({}, None, replace(deps, now=lambda: NOON + timedelta(hours=25)))
    expired = held(deps)
    api(f"DELETE /api/datasets/{made['id']}")

    assert expired == {}
    assert held(deps) == {}


def test_an_upload_that_is_deleted_gives_its_room_back(api: Call, deps: Deps) -> None:
    made = api("POST /api/datasets", NEW).data["dataset"]
    api(f"DELETE /api/datasets/{made['id']}")

    assert held(deps) == {}


class Interrupted:
    """A client before whose next transaction somebody else is faster, once."""

    def __init__(self, client: Any, faster: Callable[[], object]) -> None:
        self._client = client
        self._faster: Callable[[], object] | None = faster

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **asked: Any) -> Any:
        faster, self._faster = self._faster, None
        if faster is not None:
            faster()
        return self._client.transact_write_items(**asked)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("POST /api/datasets", {**NEW, "file_size": 600}),
        ("POST /api/training-files", FILE),
    ],
)
def test_of_two_at_once_the_second_is_refused(
    api: Call, deps: Deps, nearly_full: None, route: str, body: dict[str, Any]
) -> None:
    """Both have seen room for one: the one that comes second must see that it is taken."""
    client: Any = Interrupted(deps.table.client, lambda: api(route, body))
    slow = replace(deps, table=replace(deps.table, client=client))

    answer = answered(handle(an_event(route, body, ADA_CALLS, None, None, None), None, slow))

    assert answer.refusal == (429, "quota_exceeded")
    assert sum(held(deps).values()) == 600


def test_of_two_last_uploads_at_once_the_second_is_refused(api: Call, deps: Deps) -> None:
    few = replace(deps, settings=deps.settings.model_copy(update={"max_datasets_in_flight": 1}))
    client: Any = Interrupted(deps.table.client, lambda: api("POST /api/datasets", NEW))
    slow = replace(few, table=replace(few.table, client=client))
    event = an_event("POST /api/datasets", NEW, ADA_CALLS, None, None, None)

    assert answered(handle(event, None, slow)).refusal == (429, "quota_exceeded")
    assert len(api("GET /api/datasets").data["datasets"]) == 1


@pytest.mark.parametrize("query", [{"search": "x"}, {"stars": 5}])
def test_a_cursor_of_the_whole_list_is_none_of_a_search(api: Call, query: dict[str, Any]) -> None:
    path = "GET /api/models" if "stars" in query else "GET /api/datasets"
    answer = api(path, query={**query, "cursor": "eyJwayI6IngifQ=="})

    assert answer.refusal == (400, "invalid_request")
    assert list(answer.body["details"]) == ["cursor"]
