"""A transport of httpx that is made by the first request.

To read the machine's certificates takes a twentieth of a cold start, and most of what a function
answers asks nobody outside AWS.
"""

from collections.abc import Callable
from threading import Lock

import httpx


class OnFirstUse(httpx.BaseTransport):
    """Another transport, once somebody needs it; threads share one."""

    def __init__(self, make: Callable[[], httpx.BaseTransport]) -> None:
        self._make = make
        self._made: httpx.BaseTransport | None = None
        self._making = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request by the transport, made now if there is none."""
        with self._making:
            self._made = self._made or self._make()
        return self._made.handle_request(request)

    def close(self) -> None:
        """Close what was made."""
        if self._made is not None:
            self._made.close()
