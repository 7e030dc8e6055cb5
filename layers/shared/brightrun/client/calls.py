"""One HTTP call of the native API: made, repeated where that is safe, and read into a model."""

import time
from collections.abc import Callable, Generator, Hashable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

import httpx
from pydantic import TypeAdapter

from brightrun.client.errors import refusal
from brightrun.client.repeating import ATTEMPTS, Sleep, body_of, persistently

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_SAFE_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})
"""Of these, asking twice leaves what asking once leaves."""

T = TypeVar("T")
Json = dict[str, Any]
Query = Mapping[str, str | int | bool | None]
Key = str | Callable[[], str]
"""An API key or a token; or what returns the one that holds now, asked before each call."""


class _Bearer(httpx.Auth):
    """Signs each request with the key that holds when it is sent: a token ends in mid-command."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        key = self._key if isinstance(self._key, str) else self._key()
        request.headers["Authorization"] = f"Bearer {key}"
        yield request


class Caller:
    """Calls on one API with one key.

    A call is repeated, up to five times in all, after a lost connection, 502, 503 and 504 where its
    method makes that harmless or an idempotency key does, and after the API's own 429 in any case:
    nothing was done then.
    """

    def __init__(
        self,
        url: str,
        api_key: Key | None,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Sleep = time.sleep,
        attempts: int = ATTEMPTS,
    ) -> None:
        identity = None if api_key is None else _Bearer(api_key)
        self._http = httpx.Client(
            base_url=url, auth=identity, timeout=_TIMEOUT, transport=transport
        )
        self._sleep = sleep
        self._attempts = attempts

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
        answer = persistently(
            lambda: self._http.send(request),
            safe=safe or method in _SAFE_METHODS,
            sleep=self._sleep,
            attempts=self._attempts,
        )
        if not answer.is_success:
            raise refusal(answer.status_code, body_of(answer))
        return answer


def read(kind: type[T], data: object) -> T:
    """Return data as a model; what a newer API adds is left out."""
    answer: T = _adapter(cast("Hashable", kind)).validate_python(data, extra="ignore")
    return answer


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
