"""RunPod's API key on every request: read when it is first needed, and again when it is refused.

A key is entered by hand and changed by hand, while this process lives for hours: white space around
it is no part of it, and a refused one is read anew once, in case it was mended meanwhile.
"""

import time
from collections.abc import Callable, Generator

import httpx

from brightrun.errors import ProviderRefused

REFUSED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})
_READ_AGAIN_AFTER_SECONDS = 10.0
"""Many jobs hear of the same refusal at once; the secret is asked for by one of them."""


class RunPodKey(httpx.Auth):
    """Signs requests with the key that a secret holds."""

    def __init__(
        self, read: Callable[[], str], elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        """Say how the secret is read, and by which clock it is not read too often."""
        self._read = read
        self._elapsed = elapsed
        self._key = ""
        self._read_at = float("-inf")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request; once more with another key, if the first was refused and has changed.

        A refused request has begun nothing, so it may be sent again, whatever it asks for.

        Raises:
            ProviderRefused: the secret holds nothing that could be a key.
        """
        if not self._key:
            self._renew()
        response = yield _signed(request, self._key)
        if response.status_code in REFUSED and self._has_changed():
            yield _signed(request, self._key)

    def _has_changed(self) -> bool:
        if self._elapsed() - self._read_at < _READ_AGAIN_AFTER_SECONDS:
            return False
        before = self._key
        self._renew()
        return self._key != before

    def _renew(self) -> None:
        self._read_at = self._elapsed()
        key = self._read().strip()
        if not (key.isascii() and key.isprintable() and key and " " not in key):
            message = "The secret holds no RunPod API key: it is empty, or no key looks like it"
            raise ProviderRefused(message, httpx.codes.UNAUTHORIZED)
        self._key = key


def _signed(request: httpx.Request, key: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {key}"
    return request
