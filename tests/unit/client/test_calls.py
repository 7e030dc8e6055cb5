"""One call: repeated where that is safe, refused in the API's words, read with what is known."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from brightrun.client import ApiError, BrightRun, NoConnection
from brightrun.client.errors import (
    LimitReached,
    NotAllowed,
    NotSignedIn,
    RequestInvalid,
    ResourceMissing,
    ServiceFailed,
    StateConflict,
)
from brightrun.client.storage import Piece

BUDGET = {
    "month": "2026-11", "monthly_limit": "1000.00", "spent": "0", "committed": "0",
    "remaining": "1000.00", "warn_at_percent": [80, 100],
}  # fmt: skip
GOOD = httpx.Response(200, json={"success": True, "data": BUDGET})
KEY = {"id": "k", "name": "n", "hint": "abcd", "scopes": ["read"], "revoked_at": None,
       "created_at": "2026-11-28T12:00:00Z", "ends_at": None, "last_used_at": None}  # fmt: skip
MADE = httpx.Response(201, json={"success": True, "data": {"api_key": KEY, "secret": "s"}})


def refused(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": "No.", "code": code}, headers=headers)


@dataclass
class Line:
    """Answers one after another; an exception among them is a connection that broke."""

    answers: list[httpx.Response | Exception]
    asked: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> BrightRun:
        transport = httpx.MockTransport(self)
        return BrightRun("https://api.test", "key", transport=transport, sleep=self.slept.append)


BROKEN = httpx.ReadError("broken")
UNCONNECTED = httpx.ConnectError("refused")


@pytest.mark.parametrize("spoilt", [httpx.Response(502), httpx.Response(503), BROKEN, UNCONNECTED])
def test_what_only_reads_is_asked_again(spoilt: httpx.Response | Exception) -> None:
    line = Line([spoilt, spoilt, GOOD])

    assert line.client().limits.read().month == "2026-11"
    assert (len(line.asked), line.slept) == (3, [1.0, 2.0])


def test_five_attempts_are_the_most() -> None:
    line = Line([httpx.Response(503)])

    with pytest.raises(ServiceFailed) as failed:
        line.client().limits.read()
    assert (failed.value.status, failed.value.code, len(line.asked)) == (503, "http_503", 5)


def test_without_an_answer_there_is_no_connection() -> None:
    line = Line([BROKEN])

    with pytest.raises(NoConnection, match="broken"):
        line.client().limits.read()
    assert len(line.asked) == 5


@pytest.mark.parametrize("spoilt", [httpx.Response(502), BROKEN])
def test_what_makes_something_is_not_asked_twice_without_an_idempotency_key(
    spoilt: httpx.Response | Exception,
) -> None:
    line = Line([spoilt, MADE])

    with pytest.raises((ApiError, NoConnection)):
        line.client().api_keys.create("laptop")
    assert len(line.asked) == 1


def test_an_idempotency_key_makes_it_safe_and_stays_the_same() -> None:
    line = Line([BROKEN, refused(400, "invalid_request")])

    with pytest.raises(RequestInvalid):
        line.client().jobs.clone("job", idempotency_key="once")
    assert [ask.headers["idempotency-key"] for ask in line.asked] == ["once", "once"]


def test_a_connection_that_never_stood_carried_nothing_so_it_is_tried_again() -> None:
    line = Line([UNCONNECTED, MADE])

    assert line.client().api_keys.create("laptop").secret == "s"


def test_a_rate_limit_is_waited_for_as_long_as_it_says() -> None:
    line = Line([refused(429, "rate_limited", **{"Retry-After": "7"}), MADE])

    assert line.client().api_keys.create("laptop").secret == "s"
    assert line.slept == [7.0]


@pytest.mark.parametrize(
    "answer",
    [
        refused(429, "quota_exceeded", **{"Retry-After": "60"}),
        refused(429, "rate_limited", **{"Retry-After": "3600"}),
    ],
)
def test_a_limit_that_a_minute_does_not_lift_is_told_at_once(answer: httpx.Response) -> None:
    line = Line([answer])

    with pytest.raises(LimitReached):
        line.client().limits.read()
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_request", RequestInvalid),
        (401, "unauthenticated", NotSignedIn),
        (403, "forbidden", NotAllowed),
        (404, "job_not_found", ResourceMissing),
        (409, "dataset_in_use", StateConflict),
        (500, "artifact_corrupt", ServiceFailed),
    ],
)
def test_a_refusal_has_status_code_message_and_details(
    status: int, code: str, kind: type[ApiError]
) -> None:
    told = {"error": "No.", "code": code, "details": {"field": ["is wrong"]}}
    line = Line([httpx.Response(status, json=told)])

    with pytest.raises(kind) as refusal:
        line.client().limits.read()
    known = refusal.value
    assert (known.status, known.code, known.message) == (status, code, "No.")
    assert known.details == {"field": ["is wrong"]}
    assert len(line.asked) == 1


def test_what_a_newer_api_adds_is_left_out() -> None:
    newer = httpx.Response(200, json={"success": True, "data": {**BUDGET, "new": {"a": 1}}})

    assert Line([newer]).client().limits.read().month == "2026-11"


def test_a_redirect_is_no_success() -> None:
    line = Line([httpx.Response(307, headers={"Location": "https://elsewhere.test"})])

    with pytest.raises(ApiError, match="307"):
        line.client().limits.read()


def test_the_key_goes_to_the_api_and_not_to_the_storage(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    seen: list[httpx.Request] = []

    def storage(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    line = Line([GOOD])
    client = BrightRun(
        "https://api.test",
        "secret",
        transport=httpx.MockTransport(line),
        storage_transport=httpx.MockTransport(storage),
    )
    client.limits.read()
    client.storage.put("https://storage.test/file", {}, Piece(file, 0, 1))

    assert line.asked[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in seen[0].headers
