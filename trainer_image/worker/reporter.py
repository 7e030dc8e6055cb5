"""Heartbeats of an attempt: at each news and at each interval, what has not been received yet."""

import asyncio
import contextlib
from collections.abc import Callable

from brightrun.errors import Superseded
from trainer_image.worker.api_client import TRIES, ApiRefused, ApiUnreachable, WorkerApi
from trainer_image.worker.report_queue import ReportQueue

MOST_REFUSALS = 3
"""Reports refused in a row (not: unanswered) before a worker believes that it is not wanted."""


class Reporter:
    """Sends the queue's reports; `is_superseded` once the job belongs to somebody else."""

    def __init__(
        self,
        api: WorkerApi,
        board: ReportQueue,
        *,
        pause_seconds: float,
        on_stop: Callable[[str], None],
    ) -> None:
        self._api, self._board = api, board
        self._pause_seconds, self._on_stop = pause_seconds, on_stop
        self._news = asyncio.Event()
        self.is_superseded = False

    def wake(self) -> None:
        """Have what is new reported now."""
        self._news.set()

    async def run(self, interval_seconds: float) -> None:
        """Report for ever.

        Raises:
            Superseded: told so, or refused several times in a row: the token has died with the
                attempt, and training on would be paid for nothing.
        """
        refusals = 0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), interval_seconds)
            self._news.clear()
            try:
                answer = await self._api.report(self._board.next_report())
            except Superseded:
                self.is_superseded = True
                raise
            except ApiUnreachable:
                await asyncio.sleep(interval_seconds)
                continue
            except ApiRefused as error:
                refusals += 1
                if refusals == MOST_REFUSALS:
                    self.is_superseded = True
                    raise Superseded("our API refuses this attempt's reports") from error
                await asyncio.sleep(interval_seconds)
                continue
            refusals = 0
            self._board.received()
            if answer.action == "stop":
                self._on_stop(answer.reason or "asked to")
            if self._board.has_news:
                self._news.set()
            await asyncio.sleep(self._pause_seconds)

    async def flush(self) -> None:
        """Send what has not been reported yet; the token may die with `finish`."""
        with contextlib.suppress(ApiUnreachable, ApiRefused):
            while self._board.has_news:
                # no later report will carry these, and several at once may be told to wait
                await self._api.report(self._board.next_report(), tries=TRIES)
                self._board.received()
