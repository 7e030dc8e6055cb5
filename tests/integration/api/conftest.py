"""A caller of the API: real events into the real handler, one identity at a time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from brightrun.datasets.record import Dataset
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.factories import ADA, BOB, a_dataset

EVENT = json.loads(Path("events/api_request.json").read_text())


@dataclass(frozen=True)
class Answer:
    """A status, and what stands in the envelope."""

    status: int
    body: dict[str, Any]
    text: str
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        """What went well; fails the test when something went wrong."""
        assert self.body.get("success") is True, self.text
        return self.body["data"]

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of what was refused."""
        return self.status, self.body["code"]


Call = Callable[..., Answer]


def identity(**facts: str) -> dict[str, str]:
    """What the authorizer says of somebody."""
    return {"kind": "user", "admin": "false", **facts}


ADA_CALLS = identity(user_id=ADA)
BOB_CALLS = identity(user_id=BOB)
NOBODY = {"kind": "anonymous", "reason": "no token was sent"}


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


def an_event(
    route: str,
    body: object,
    caller: dict[str, str],
    raw: str | None,
    headers: dict[str, str] | None,
    query: dict[str, Any] | None,
) -> dict[str, Any]:
    method, path = route.split(" ", 1)
    context = {
        **EVENT["requestContext"],
        "http": {**EVENT["requestContext"]["http"], "method": method, "path": path},
        "authorizer": {"lambda": caller},
    }
    event = {**EVENT, "rawPath": path, "rawQueryString": "", "requestContext": context}
    event["headers"] = {"content-type": "application/json", **(headers or {})}
    event["queryStringParameters"] = {k: str(v) for k, v in (query or {}).items()}
    event["body"] = raw if raw is not None else None if body is None else json.dumps(body)
    return event


def answered(response: dict[str, Any]) -> Answer:
    text = response["body"]
    is_json = str(response["headers"].get("Content-Type", "")).startswith("application/json")
    body = json.loads(text) if is_json else {}
    return Answer(response["statusCode"], body, text, response["headers"])


@pytest.fixture
def dataset(deps: Deps) -> Dataset:
    """A ready dataset of Ada's: 1,000 pairs, 200,000 tokens."""
    dataset = a_dataset()
    commit(deps.table, [put_new(deps.table, dataset)])
    return dataset
