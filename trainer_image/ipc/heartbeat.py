"""Signs of progress of the training process: few enough to read, and never without progress.

Its parent ends it when none comes for minutes: a GPU that hangs in a driver call, a dead network
mount or a collective that waits for ever look healthy from outside, and are billed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trainer_image.ipc.events import Beat, Event

APART_SECONDS = 5.0
"""Between two signs; the parent waits for minutes."""


class Heartbeat:
    """Call it when something has got on; one of many calls is said aloud. Threads may share it."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        apart_seconds: float = APART_SECONDS,
    ) -> None:
        self._emit, self._clock, self._apart_seconds = emit, clock, apart_seconds
        self._said_at: float | None = None

    def __call__(self) -> None:
        now = self._clock()
        if self._said_at is None or now - self._said_at >= self._apart_seconds:
            self._said_at = now
            self._emit(Beat())

    @contextmanager
    def while_changing(
        self, measure: Callable[[], object], *, look_seconds: float = APART_SECONDS
    ) -> Iterator[None]:
        """Beat as long as `measure` gives something new: for a library that says nothing.

        Bytes on the disk while weights are fetched, memory in use while they are loaded.
        """
        over = threading.Event()

        def look() -> None:
            before = measure()
            while not over.wait(look_seconds):
                now = measure()
                if now != before:
                    self()
                before = now

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()
