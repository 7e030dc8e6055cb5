"""The identity provider's public keys, fetched seldom, kept while they may be right.

Bounded on purpose: an unknown key id makes at most one fetch a minute, so that invented tokens
cannot make us call the provider once per request; a provider that fails is left alone for some
seconds, and keys that were once good stay in use meanwhile.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import httpx

_TRIES = 2
_KEEP_SECONDS = 3600.0
_ASK_AGAIN_SECONDS = 60.0
_LEAVE_ALONE_SECONDS = 5.0
_log = logging.getLogger(__name__)

Jwk = Mapping[str, Any]


class KeysUnavailable(Exception):
    """The provider gave no keys, and none are known from before. Trying again later helps."""


class KeySet:
    """The keys of one provider by their id; a class, because it remembers between requests."""

    def __init__(self, client: httpx.Client, url: str, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that only ever rise."""
        self._client = client
        self._url = url
        self._clock = clock
        self._keys: dict[str, Jwk] = {}
        self._stale_after = clock()
        self._ask_after = clock()

    def find(self, key_id: str) -> Jwk | None:
        """Return the public key with this id, or None when the provider has no such key.

        Raises:
            KeysUnavailable: no keys could be had, now or before.
        """
        now = self._clock()
        known = key_id in self._keys and now < self._stale_after
        if not known and now >= self._ask_after:
            self._refresh()
        if not self._keys:
            raise KeysUnavailable(self._url)
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        fetched = next((keys for _ in range(_TRIES) if (keys := self._fetch())), None)
        now = self._clock()
        if fetched is None:
            self._ask_after = now + _LEAVE_ALONE_SECONDS
            return
        self._keys = fetched
        self._stale_after = now + _KEEP_SECONDS
        self._ask_after = now + _ASK_AGAIN_SECONDS

    def _fetch(self) -> dict[str, Jwk] | None:
        try:
            answer = self._client.get(self._url).raise_for_status().json()
            return {key["kid"]: key for key in answer["keys"]}
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            _log.warning("no keys from %s: %s", self._url, error)
            return None


def key_set(url: str, clock: Callable[[], float]) -> KeySet:
    """Return an empty set that will ask `url`, for at most two seconds at a time."""
    return KeySet(httpx.Client(timeout=httpx.Timeout(2.0, connect=1.0)), url, clock)
