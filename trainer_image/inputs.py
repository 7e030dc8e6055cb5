"""What a run needs from storage: the dataset, and the checkpoint it goes on from."""

import asyncio
import shutil
from pathlib import Path

from brightrun.training.protocol import Checkpoint, FailureCode, StartAnswer
from trainer_image.board import Board
from trainer_image.client import ApiUnreachable, UrlExpired, WorkerApi
from trainer_image.failures import RunFailed
from trainer_image.order import DATASET, RESUME


async def fetch_inputs(api: WorkerApi, answer: StartAnswer, folder: Path, board: Board) -> None:
    """Put the dataset, and the checkpoint if there is one, where the training process looks.

    Raises:
        RunFailed: `DATASET_CHECKSUM`: the dataset is not what was declared, or cannot be fetched.
        ApiUnreachable: the connection keeps breaking.
    """
    await _fetch_dataset(api, answer, folder / DATASET)
    if answer.resume_from is not None:
        await _fetch_checkpoint(api, answer.resume_from, folder / RESUME, board)


async def _fetch_dataset(api: WorkerApi, answer: StartAnswer, path: Path) -> None:
    """A URL signed with a role's session dies with it; a fresh one is asked for once."""
    try:
        await api.fetch(answer.dataset, path)
    except UrlExpired:
        try:
            await api.fetch(await api.dataset(), path)
        except UrlExpired as error:
            raise RunFailed(
                FailureCode.DATASET_CHECKSUM, "storage refuses the dataset's URL, also a fresh one"
            ) from error


async def _fetch_checkpoint(api: WorkerApi, saved: Checkpoint, folder: Path, board: Board) -> None:
    """Without its checkpoint a run starts over: slower, and with the same result."""
    await asyncio.to_thread(folder.mkdir)
    try:
        for file in saved.files:
            await api.fetch(file, folder / file.name)
    except (UrlExpired, RunFailed, ApiUnreachable) as error:
        shutil.rmtree(folder)
        board.say(
            f"checkpoint of step {saved.step} cannot be read, starting over: {error}", "warning"
        )
