"""What a run needs from storage: the dataset, and the checkpoint it goes on from.

A download goes on where it broke: a checkpoint has gigabytes. Size and SHA-256 decide.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import httpx

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import Checkpoint, Download, StartAnswer
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import DATASET, RESUME
from trainer_image.worker.api_client import TRIES, ApiRefused, ApiUnreachable, WorkerApi
from trainer_image.worker.report_queue import ReportQueue
from trainer_image.worker.signed_urls import Arriving, UrlExpired

Renew = Callable[[], Awaitable[Download]]


async def fetch_inputs(
    api: WorkerApi, answer: StartAnswer, folder: Path, board: ReportQueue
) -> None:
    """Put the dataset, and the checkpoint if there is one, where the training process looks.

    Raises:
        RunFailed: `DATASET_CHECKSUM`: the dataset is not what was declared, or cannot be fetched.
        ApiUnreachable: the connection keeps breaking.
    """
    try:
        await fetch(api, answer.dataset, folder / DATASET, api.dataset)
    except UrlExpired as error:
        raise RunFailed(
            FailureCode.DATASET_CHECKSUM, "storage refuses the dataset's URL, also a fresh one"
        ) from error
    if answer.resume_from is not None:
        await _fetch_checkpoint(api, answer.resume_from, folder / RESUME, board)


async def _fetch_checkpoint(
    api: WorkerApi, saved: Checkpoint, folder: Path, board: ReportQueue
) -> None:
    """Without its checkpoint a run starts over: slower, and with the same result."""
    await asyncio.to_thread(folder.mkdir)
    try:
        for file in saved.files:
            await fetch(api, file, folder / file.name, _renewing(api, saved.step, file))
    except (UrlExpired, RunFailed, ApiUnreachable, ApiRefused) as error:
        await asyncio.to_thread(shutil.rmtree, folder)
        board.say(
            f"checkpoint of step {saved.step} cannot be read, starting over: {error}", "warning"
        )


def _renewing(api: WorkerApi, step: int, file: Download) -> Renew:
    """A URL signed with a role's session dies with it, also in the middle of a large file."""

    async def renew() -> Download:
        saved = await api.resume_from()
        files = saved.files if saved is not None and saved.step == step else ()
        for fresh in files:
            if (fresh.name, fresh.sha256) == (file.name, file.sha256):
                return fresh
        raise UrlExpired

    return renew


async def fetch(api: WorkerApi, file: Download, path: Path, renew: Renew) -> None:
    """Download one file and compare its size and SHA-256; on error nothing is left.

    A break costs what was on its way, a refused URL is replaced once by what `renew` gives, and
    what is not the declared file is fetched once more.

    Raises:
        UrlExpired: storage refuses also a fresh URL.
        RunFailed: `DATASET_CHECKSUM` when what arrives is not what was declared; `DISK_TOO_SMALL`.
        ApiUnreachable: the connection keeps breaking.
    """
    try:
        with closing(await asyncio.to_thread(Arriving, path)) as arriving:
            await _Fetching(api, file, arriving).finish(renew)
    except OSError as error:
        _remove(path)
        message = f"{file.name} with {file.size_bytes} bytes cannot be written: {error.strerror}"
        raise RunFailed(FailureCode.DISK_TOO_SMALL, message) from error
    except BaseException:
        _remove(path)
        raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


class _Fetching:
    """One download, and what has gone wrong with it."""

    def __init__(self, api: WorkerApi, file: Download, arriving: Arriving) -> None:
        self._api, self._file, self._arriving = api, file, arriving
        self._pauses = api.pauses(TRIES)
        self._refused_at_bytes: int | None = None
        self._was_damaged = False

    async def finish(self, renew: Renew) -> None:
        """Go on until the file is there; tries are counted anew whenever something came."""
        while True:
            before = self._arriving.size_bytes
            try:
                if before < self._file.size_bytes:
                    await self._api.storage.go_on(self._file, self._arriving)
                return self._arriving.require(self._file)
            except UrlExpired:
                if self._refused_at_bytes == self._arriving.size_bytes:
                    raise
                self._refused_at_bytes = self._arriving.size_bytes
                self._file = await renew()
            except RunFailed:
                if self._was_damaged:
                    raise
                self._was_damaged = True
                self._arriving.start_over()
            except httpx.TransportError as error:
                await self._rest(error, has_moved=self._arriving.size_bytes > before)

    async def _rest(self, error: httpx.TransportError, *, has_moved: bool) -> None:
        if has_moved:
            self._pauses = self._api.pauses(TRIES)
        pause = self._pauses.pop(0)
        if pause is None:
            raise ApiUnreachable(f"download of {self._file.name}: {error}") from error
        await asyncio.sleep(pause)
