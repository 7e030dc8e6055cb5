"""A caller of the API: real events into the real handler, one identity at a time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.factories import ADA, BOB

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
