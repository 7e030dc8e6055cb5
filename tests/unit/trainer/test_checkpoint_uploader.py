"""A checkpoint counts only when the curve up to it is known: nobody will repeat those steps."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from brightrun.training.protocol import CheckpointRequest, Point, StoredFile
from trainer_image.ipc.events import CheckpointSaved, StepTaken
from trainer_image.worker.api_client import ApiUnreachable
from trainer_image.worker.checkpoint_uploader import CheckpointSender
from trainer_image.worker.report_queue import ReportQueue

if TYPE_CHECKING:
    from trainer_image.worker.api_client import WorkerApi

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Recorder:
    """The two calls that a checkpoint needs, in the order in which they came."""

    def __init__(self, board: ReportQueue, away: tuple[int, ...] = ()) -> None:
        self.board, self.calls, self.away = board, list[str](), away

    async def store(self, *_: object, step: int, **__: object) -> tuple[StoredFile, ...]:
        if step in self.away:
            raise ApiUnreachable("nobody answers")
        self.calls.append("stored")
        return (StoredFile(name="state", size_bytes=1, sha256="0" * 64),)

    async def record_checkpoint(self, said: CheckpointRequest) -> None:
        self.calls.append(f"recorded, curve told: {self.board.has_told(said.step)}")


def a_board(steps: int) -> ReportQueue:
    board = ReportQueue(clock=lambda: 0.0, now=lambda: NOON)
    for step in range(1, steps + 1):
        point = Point(step=step, epoch=0.0, timestamp=NOON, training_loss=1.0)
        board.note(StepTaken(point=point, total_steps=9))
    return board


def test_a_point_is_told_when_its_report_was_received_and_not_before() -> None:
    board = a_board(3)
    assert not board.has_told(1)
    board.next_report()
    assert not board.has_told(3)
    board.received()

    assert board.has_told(3)


def test_a_checkpoint_waits_for_the_points_before_it_to_be_received(tmp_path: Path) -> None:
    board = a_board(4)
    api = Recorder(board)
    sender = CheckpointSender(cast("WorkerApi", api), board, tmp_path / "sending", api.store)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "state").write_bytes(b"x")

    async def a_report_comes_late() -> None:
        sender.offer(CheckpointSaved(step=4, directory=str(tmp_path / "kept")))
        sender.close()
        sending = asyncio.create_task(sender.run())
        await asyncio.sleep(0.3)
        assert api.calls == ["stored"]
        board.next_report()
        board.received()
        await sending

    asyncio.run(a_report_comes_late())
    assert api.calls == ["stored", "recorded, curve told: True"]


def sent(tmp_path: Path, api: Recorder, *steps: int) -> None:
    """Offer these checkpoints one after another, each when the one before was dealt with."""
    sender = CheckpointSender(
        cast("WorkerApi", api), api.board, tmp_path / "sending", api.store, curve_looks=1
    )

    async def one_after_another() -> None:
        sending = asyncio.create_task(sender.run())
        for step in steps:
            kept = tmp_path / f"kept-{step}"
            kept.mkdir()
            sender.offer(CheckpointSaved(step=step, directory=str(kept)))
            await asyncio.sleep(0.3)
        sender.close()
        await sending

    asyncio.run(one_after_another())


def test_a_checkpoint_whose_points_nobody_hears_is_told_all_the_same(tmp_path: Path) -> None:
    """A hole in the curve is better than a checkpoint that is not kept."""
    api = Recorder(a_board(4))
    sent(tmp_path, api, 4)

    assert api.calls == ["stored", "recorded, curve told: False"]


def test_a_checkpoint_that_cannot_be_sent_does_not_end_the_sending(tmp_path: Path) -> None:
    """While our API is away the run goes on, and keeps the next one."""
    board = a_board(4)
    board.next_report()
    board.received()
    api = Recorder(board, away=(2,))
    sent(tmp_path, api, 2, 4)

    assert api.calls == ["stored", "recorded, curve told: True"]
