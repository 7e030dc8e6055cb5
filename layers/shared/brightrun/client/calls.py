"""One HTTP call of the native API: made, repeated where that is safe, and read into a model."""

import time
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

import httpx
from pydantic import TypeAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from brightrun.client.errors import NoConnection, refusal

ATTEMPTS = 5
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_LONGEST_WAIT_SECONDS = 60.0
_REPEATED = frozenset({502, 503, 504})
_RATE_LIMITED = 429
_SAFE_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})
"""Of these, asking twice leaves what asking once leaves."""

T = TypeVar("T")
Json = dict[str, Any]
Query = Mapping[str, str | int | bool | None]
Sleep = Callable[[float], None]


class _Unanswered(Exception):
    """No answer, or one that asks to come again; carries how long that should take."""

    def __init__(self, answer: httpx.Response | None, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.answer = answer
        self.again = again


class Caller:
    """Calls on one API with one key.

    A call is repeated, up to five times in all, after a lost connection, 502, 503 and 504 where its
    method makes that harmless or an idempotency key does, and after the API's own 429 in any case:
    nothing was done then.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Sleep = time.sleep,
    ) -> None:
        identity = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(
            base_url=url, headers=identity, timeout=_TIMEOUT, transport=transport
        )
        self._sleep = sleep

    def get(self, path: str, kind: type[T], query: Query | None = None) -> T:
        """Return what is there."""
        return read(kind, self._data("GET", path, query=query))

    def text(self, path: str, query: Query | None = None) -> str:
        """Return an answer that is not JSON."""
        return self._send("GET", path, query=query).text

    def post(
        self,
        path: str,
        kind: type[T],
        body: Json | None = None,
        *,
        idempotency_key: str | None = None,
        repeatable: bool = False,
    ) -> T:
        """Return what came of it.

        Args:
            idempotency_key: makes it safe to ask twice.
            repeatable: for calls of which the API says that asking again changes nothing.
        """
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        safe = repeatable or idempotency_key is not None
        return read(kind, self._data("POST", path, body=body, headers=headers, safe=safe))

    def patch(self, path: str, kind: type[T], body: Json) -> T:
        """Return the thing as it is after the change."""
        return read(kind, self._data("PATCH", path, body=body))

    def put(self, path: str, kind: type[T], body: Json) -> T:
        """Return the thing as it was set."""
        return read(kind, self._data("PUT", path, body=body))

    def delete(self, path: str, kind: type[T]) -> T:
        """Return what is told of what has gone."""
        return read(kind, self._data("DELETE", path))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _data(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> object:
        answer = self._send(method, path, query=query, body=body, headers=headers, safe=safe)
        told: Json = answer.json()
        return told["data"]

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> httpx.Response:
        """Return a successful answer.

        Raises:
            ApiError: the API refused, or failed each time.
            NoConnection: nothing answered.
        """
        known = {name: value for name, value in (query or {}).items() if value is not None}
        request = self._http.build_request(
            method, path, params=known, json=body, headers=dict(headers or {})
        )
        return persistently(
            lambda: self._http.send(request),
            safe=safe or method in _SAFE_METHODS,
            sleep=self._sleep,
        )


def persistently(
    attempt: Callable[[], httpx.Response], *, safe: bool, sleep: Sleep
) -> httpx.Response:
    """Return the first answer that is worth keeping.

    Raises:
        ApiError: the answer is a refusal, or a failure each time.
        NoConnection: there was no answer.
    """
    tries = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=_wait,
        retry=retry_if_exception(lambda error: isinstance(error, _Unanswered) and error.again),
        sleep=sleep,
        reraise=True,
    )
    try:
        return tries(lambda: _answered(attempt, safe=safe))
    except _Unanswered as given_up:
        if given_up.answer is None:
            raise NoConnection(f"no answer from the API: {given_up}") from given_up
        raise refusal(given_up.answer.status_code, _body(given_up.answer)) from given_up


def _answered(attempt: Callable[[], httpx.Response], *, safe: bool) -> httpx.Response:
    try:
        answer = attempt()
    except httpx.TransportError as error:
        # A connection that never stood has carried nothing.
        harmless = safe or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        raise _Unanswered(None, str(error) or type(error).__name__, again=harmless) from error
    if answer.is_success:
        return answer
    again = (safe and answer.status_code in _REPEATED) or _comes_later(answer)
    raise _Unanswered(answer, f"status {answer.status_code}", again=again)


def _comes_later(answer: httpx.Response) -> bool:
    """Whether only the rate of calls is refused; a used-up quota is not free in a minute."""
    if answer.status_code != _RATE_LIMITED:
        return False
    body = _body(answer)
    code = body.get("code") if isinstance(body, dict) else None
    return code in {None, "rate_limited"} and _asked_wait(answer) <= _LONGEST_WAIT_SECONDS


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    answer = error.answer if isinstance(error, _Unanswered) else None
    asked = 0.0 if answer is None else _asked_wait(answer)
    return max(asked, 2.0 ** (state.attempt_number - 1))


def _asked_wait(answer: httpx.Response) -> float:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else 0.0


def _body(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def read(kind: type[T], data: object) -> T:
    """Return data as a model; what a newer API adds is left out."""
    answer: T = _adapter(cast("Hashable", kind)).validate_python(data, extra="ignore")
    return answer


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
