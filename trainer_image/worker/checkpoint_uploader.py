"""Sending while training goes on: checkpoints in the background, the delivered files at the end."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from brightrun.training.protocol import (
    CheckpointRequest,
    FinishRequest,
    StoredFile,
)
from trainer_image.ipc.events import CheckpointSaved
from trainer_image.ipc.failures import RunFailed
from trainer_image.worker.api_client import ApiRefused, ApiUnreachable, WorkerApi
from trainer_image.worker.report_queue import ReportQueue
from trainer_image.worker.uploads import store

Send = Callable[..., Awaitable[tuple[StoredFile, ...]]]
"""`sending.store`, or what stands for it."""
TERMINAL = "terminal.json"
CURVE_LOOK_SECONDS = 0.2
CURVE_LOOKS = 300
"""Together a minute."""


class CheckpointSender:
    """Uploads the newest checkpoint; one that was overtaken while another was sent is skipped.

    Files are linked aside at once, because the training process deletes old checkpoints.
    """

    def __init__(
        self,
        api: WorkerApi,
        board: ReportQueue,
        folder: Path,
        send: Send = store,
        *,
        curve_looks: int = CURVE_LOOKS,
    ) -> None:
        self._api, self._board, self._folder, self._store = api, board, folder, send
        self._curve_looks = curve_looks
        self._waiting: asyncio.Queue[tuple[int, Path] | None] = asyncio.Queue()

    def offer(self, saved: CheckpointSaved) -> None:
        """Take one complete checkpoint; if it is gone already, a newer one has come."""
        aside = self._folder / f"step-{saved.step}"
        aside.mkdir(parents=True, exist_ok=True)
        try:
            for path in Path(saved.directory).iterdir():
                (aside / path.name).unlink(missing_ok=True)
                os.link(path, aside / path.name)
        except FileNotFoundError:
            shutil.rmtree(aside)
            return
        self._waiting.put_nowait((saved.step, aside))

    def close(self) -> None:
        """Send what is waiting, then end `run`."""
        self._waiting.put_nowait(None)

    async def run(self) -> None:
        """Send checkpoints until closed. One that cannot be sent is logged: the run goes on."""
        while (parcel := await self._waiting.get()) is not None:
            while not self._waiting.empty():
                newer = self._waiting.get_nowait()
                if newer is None:
                    self.close()
                    break
                shutil.rmtree(parcel[1], ignore_errors=True)
                parcel = newer
            await self._send(*parcel)

    async def _send(self, step: int, aside: Path) -> None:
        try:
            files = await self._store(self._api, aside, kind="checkpoint", step=step)
            await self._curve_is_told(step)
            await self._api.record_checkpoint(CheckpointRequest(step=step, files=files))
        except (ApiUnreachable, ApiRefused, RunFailed) as error:
            self._board.say(f"checkpoint of step {step} was not stored: {error}", "warning")
        else:
            self._board.say(f"checkpoint of step {step} is stored")
        shutil.rmtree(aside, ignore_errors=True)

    async def _curve_is_told(self, step: int) -> None:
        """Wait until the points up to `step` were received, within reason.

        A run that goes on from here does not repeat them, so they would be missing for ever if this
        worker died now. A hole in the curve is still better than a checkpoint that is not kept.
        """
        for _ in range(self._curve_looks):
            if self._board.has_told(step):
                return
            await asyncio.sleep(CURVE_LOOK_SECONDS)


async def send_artifacts(api: WorkerApi, folder: Path) -> tuple[StoredFile, ...]:
    """Upload every file of the delivered folder and return the list.

    Raises:
        RunFailed: `UPLOAD_FAILED`.
    """
    return await store(api, folder, kind="artifact")


async def send_verdict(api: WorkerApi, folder: Path, verdict: FinishRequest) -> None:
    """Leave the verdict in storage as `terminal.json`: it counts even if `finish` gets lost.

    `folder` is the verdict's own: nothing else is in it.
    """
    (folder / TERMINAL).write_text(verdict.model_dump_json(), encoding="utf-8")
    await store(api, folder, kind="artifact")
