"""A wish to stop within a step, and what a step says of time when its process has just begun."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.support.trainer.loops import ROWS, a_loop, newest
from tests.support.trainer.rows import a_learner, tuned
from trainer_image.ipc.events import CheckpointSaved, Event
from trainer_image.ipc.failures import RunStopped
from trainer_image.machine.gpu import Load
from trainer_image.machine.load_sampler import LoadSampler
from trainer_image.model.base_model import decoder
from trainer_image.training import checkpoint
from trainer_image.training.checkpoint import RunState
from trainer_image.training.checkpoint_writer import CheckpointWriter
from trainer_image.training.distributed import Ranks
from trainer_image.training.pace import Pace


def asked_at(look: int) -> Callable[[], bool]:
    """Return a wish to stop that is there from the n-th look on."""
    looks = iter(range(1, 10**6))
    return lambda: next(looks) >= look


def test_a_wish_to_stop_gives_the_step_up_at_its_next_micro_step() -> None:
    """Seven rows that share no pass: asked at the third, two are computed."""
    learner = a_learner(ROWS, tuned(batch_size=7), budget_tokens=1)
    passes: list[int] = []
    decoder(learner.model).register_forward_pre_hook(lambda *_: passes.append(1))

    result = learner.gradients(learner.plan.step(0), stop_wanted=asked_at(3))

    assert result.stop_wanted
    assert passes == [1, 1]


class WithoutRoom(Ranks):
    """A rank whose exchange with the others finds no memory, as NCCL says it."""

    def add_up(self, tensor: Tensor) -> None:
        raise RuntimeError(f"NCCL error: Cuda failure 2 'out of memory' for {len(tensor)} numbers")


def test_an_exchange_that_fails_is_not_tried_again_by_one_rank_alone() -> None:
    """The others have left it: they would wait for half an hour for sums that never come."""
    learner = a_learner(ROWS, tuned(batch_size=7))
    learner.ranks = WithoutRoom()

    with pytest.raises(RuntimeError, match="NCCL error"):
        learner.gradients(learner.plan.step(0))


def test_a_step_that_nobody_stops_looks_once_for_each_micro_step() -> None:
    learner = a_learner(ROWS, tuned(batch_size=7), budget_tokens=1)
    looks: list[int] = []

    def look() -> bool:
        looks.append(1)
        return False

    result = learner.gradients(learner.plan.step(0), stop_wanted=look)

    assert not result.stop_wanted
    assert len(looks) == 7


def test_a_step_that_was_given_up_leaves_the_state_before_it(tmp_path: Path) -> None:
    """Stopped in its fourth step: what is kept is what three whole steps made."""
    whole = a_loop(tmp_path / "whole", stop_after=3)
    loop = a_loop(tmp_path / "cut", stop_after=3)
    for each in (whole, loop):
        with pytest.raises(RunStopped) as stopped:
            each.run()
        assert stopped.value.step == 3

    state, kept = checkpoint.load(newest(tmp_path / "cut"), "same-run")
    assert state.step == 3
    assert torch.equal(kept["adapter"], loop.learner.adapter.values.cpu())
    assert torch.equal(kept["adapter"], whole.learner.adapter.values.cpu())


def test_a_run_that_is_stopped_before_a_step_keeps_nothing_to_resume(tmp_path: Path) -> None:
    said: list[Event] = []
    loop = a_loop(tmp_path, stop_after=0, emit=said.append)

    with pytest.raises(RunStopped) as stopped:
        loop.run()

    assert stopped.value.step == 0
    assert not [event for event in said if isinstance(event, CheckpointSaved)]


def test_a_checkpoint_that_is_there_is_not_written_again_for_a_stop(tmp_path: Path) -> None:
    """The fourth step ends an epoch: its checkpoint is the one to go on from."""
    said: list[Event] = []
    loop = a_loop(tmp_path, stop_after=4, emit=said.append)

    with pytest.raises(RunStopped):
        loop.run()

    assert [event.step for event in said if isinstance(event, CheckpointSaved)] == [4]


def a_state(step: int) -> tuple[RunState, Mapping[str, Tensor]]:
    state = RunState(step=step, identity="r", training_seconds=0, trained_tokens=0)
    return state, {"adapter": torch.arange(4.0)}


def test_training_does_not_wait_for_the_disk_and_the_end_does(tmp_path: Path) -> None:
    may_write = threading.Event()
    said: list[Event] = []

    def told(event: Event) -> None:
        may_write.wait()
        said.append(event)

    writer = CheckpointWriter(tmp_path, told)
    writer.begin(*a_state(5))
    assert said == []

    may_write.set()
    writer.finish()

    assert said == [CheckpointSaved(step=5, directory=str(newest(tmp_path)))]


def test_a_disk_that_is_full_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    writer = CheckpointWriter(tmp_path / "file", lambda _event: None)

    writer.begin(*a_state(5))

    with pytest.raises(OSError, match="Not a directory"):
        writer.finish()


def test_the_first_step_of_a_process_is_counted_as_fast_as_the_others() -> None:
    """Twenty seconds of compiling, then a tenth of a second for every hundred tokens."""
    pace = Pace(before_seconds=7.0)
    pace.take(200, 20.0)
    assert pace.eta_seconds(3, now=20.0) is None
    assert pace.training_seconds == 27.0

    pace.take(100, 0.1)
    first = pace.eta_seconds(2, now=20.5)
    pace.take(300, 0.3)

    assert first == 1.0
    assert pace.training_seconds == pytest.approx(7.0 + 0.2 + 0.4)
    assert pace.eta_seconds(0, now=21.0) == 0.0


def test_a_process_that_took_one_step_counts_it_as_it_was() -> None:
    pace = Pace()
    pace.take(200, 20.0)

    assert pace.eta_seconds(0, now=20.0) == 0.0
    assert pace.training_seconds == 20.0


def test_the_driver_is_asked_beside_the_training() -> None:
    may_answer = threading.Event()

    def read() -> Load:
        may_answer.wait()
        return Load(90.0, 40.0)

    sampler = LoadSampler(read)
    assert sampler.take() == Load()
    assert sampler.take() == Load()

    may_answer.set()
    newest = Load()
    while newest == Load():
        newest = sampler.take()

    assert newest == Load(90.0, 40.0)
