"""The GPUs' load, asked of the driver beside the training: an answer takes milliseconds."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from trainer_image.machine.gpu import Load, read_load


class LoadSampler:
    """Gives the newest answer there is, and asks again."""

    def __init__(self, read: Callable[[], Load] = read_load) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, "load")
        self._asked: Future[Load] | None = None
        self._newest = Load()

    def take(self) -> Load:
        """Return the load when it was last told; nothing is waited for."""
        if self._asked is not None and self._asked.done():
            self._newest = self._asked.result()
            self._asked = None
        if self._asked is None:
            self._asked = self._thread.submit(self._read)
        return self._newest
