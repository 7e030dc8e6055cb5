"""A run stopped anywhere goes on bit for bit; its checkpoints are small, whole, or of no use."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.support.trainer.loops import ROWS, STEPS, a_loop, break_step, newest
from tests.support.trainer.rows import refuse_more_than, some_rows
from trainer_image.data.batches import TokenRow
from trainer_image.ipc.events import Event, LineWritten
from trainer_image.ipc.failures import RunStopped
from trainer_image.training import checkpoint


@pytest.mark.parametrize("stop_after", range(1, STEPS))
def test_a_run_stopped_after_any_step_goes_on_bit_for_bit(tmp_path: Path, stop_after: int) -> None:
    """Dropout on; weights, optimizer and metrics equal those of a run that was left alone."""
    whole = a_loop(tmp_path / "whole")
    whole.run()
    with pytest.raises(RunStopped):
        a_loop(tmp_path / "parts", stop_after=stop_after).run()

    second = a_loop(tmp_path / "parts")
    second.resume(newest(tmp_path / "parts"))
    progress = second.run()

    assert progress.resumed_from == stop_after
    for name, tensor in whole.learner.state().items():
        assert torch.equal(second.learner.state()[name], tensor), name
    assert [point.training_loss for point in progress.points] == [
        point.training_loss for point in whole.progress.points
    ]
    assert progress.best_loss == whole.progress.best_loss


def test_a_checkpoint_is_small(tmp_path: Path) -> None:
    """Twelve bytes per adapter weight; the best weights add four where they are others."""
    loop = a_loop(tmp_path)
    loop.run()

    size_bytes = sum(path.stat().st_size for path in newest(tmp_path).iterdir())
    assert size_bytes < 16 * loop.learner.adapter.values.numel() + 10_000


def test_large_checkpoints_come_less_often() -> None:
    """8B: rank 16 is 42 M weights of 16 bytes, rank 128 on 14B 514 M, at ten megabytes a second."""
    assert checkpoint.seconds_apart(120.0, 41_943_040) == 120.0
    assert checkpoint.seconds_apart(120.0, 514_000_000) == pytest.approx(822.4)


def test_the_last_two_checkpoints_and_the_best_are_kept(tmp_path: Path) -> None:
    """The best is that of the first epoch here: its later learning rate ruins the weights."""
    loop = a_loop(
        tmp_path, checkpoint_seconds=0, epochs=4, learning_rate=0.001, scheduler="constant"
    )
    loop.run()

    steps = [step for step, _ in checkpoint.found(tmp_path)]
    assert steps == sorted({loop.progress.best_step or 0, 15, 16})


def test_a_half_written_checkpoint_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / ".checkpoint-00000009.draft").mkdir(parents=True)

    assert checkpoint.found(tmp_path) == []


def test_a_checkpoint_that_breaks_off_while_written_is_not_seen(tmp_path: Path) -> None:
    """As if the process had been killed in the middle: the one before it stays the newest."""
    whole = checkpoint.RunState(step=4, identity="r", training_seconds=0, trained_tokens=0)
    checkpoint.save(tmp_path, whole, {"adapter": torch.zeros(3)})
    torn = whole.model_copy(update={"step": 5})

    with pytest.raises(ValueError, match="Tensor"):
        checkpoint.save(tmp_path, torn, {"adapter": "no tensor"})  # type: ignore[dict-item]

    assert [step for step, _ in checkpoint.found(tmp_path)] == [4]


def spoil(folder: Path, how: str) -> str:
    """Make the newest checkpoint useless; return what will be said of it."""
    (tensors,) = newest(folder).glob("*.safetensors")
    (state,) = newest(folder).glob("*.json.gz")
    if how == "other":
        said = json.loads(gzip.decompress(state.read_bytes()))
        state.write_bytes(gzip.compress(json.dumps(said | {"identity": "another"}).encode()))
        return "other data"
    file = {"tensors": tensors, "state": state}.get(how)
    if file is not None:
        file.write_bytes(file.read_bytes()[:100])
    else:
        said = json.loads(gzip.decompress(state.read_bytes()))
        state.write_bytes(gzip.compress(json.dumps(said | {"of_later": 1}).encode()))
    return "cannot be read"


@pytest.mark.parametrize("how", ["tensors", "state", "later", "other"])
def test_a_checkpoint_of_no_use_costs_its_steps_and_no_more(tmp_path: Path, how: str) -> None:
    """Damaged, of another run, or written by a later version: the run starts over and says so."""
    whole = a_loop(tmp_path / "whole")
    whole.run()
    with pytest.raises(RunStopped):
        a_loop(tmp_path / "first", stop_after=3).run()
    why = spoil(tmp_path / "first", how)
    events: list[Event] = []
    second = a_loop(tmp_path / "second", emit=events.append)

    second.resume(newest(tmp_path / "first"))
    progress = second.run()

    (warning,) = [event for event in events if isinstance(event, LineWritten)]
    assert warning.message.startswith("starting over")
    assert why in warning.message
    assert progress.resumed_from is None
    assert torch.equal(second.learner.adapter.values, whole.learner.adapter.values)


def test_a_resumed_run_knows_its_best_and_its_patience(tmp_path: Path) -> None:
    """Each epoch is worse than the first: the second process stops where one would have."""
    other = tuple(TokenRow(r.ids % 9 + 3, r.ids % 9 + 300, r.conversation) for r in ROWS)
    narrow = tuple(TokenRow(r.ids % 9 + 3, r.ids % 9 + 3, r.conversation) for r in ROWS)
    asked: dict[str, Any] = {"rows": narrow, "held_out": other, "epochs": 10}
    whole = a_loop(tmp_path / "whole", early_stopping_patience=2, **asked).run()
    with pytest.raises(RunStopped):
        a_loop(tmp_path / "parts", stop_after=9, early_stopping_patience=2, **asked).run()

    second = a_loop(tmp_path / "parts", early_stopping_patience=2, **asked)
    second.resume(newest(tmp_path / "parts"))
    assert second.progress.without_gain == 1
    progress = second.run()

    assert (progress.best_step, progress.step, progress.ended_early) == (4, 12, True)
    assert whole.best_adapter is not None
    assert progress.best_adapter is not None
    assert torch.equal(progress.best_adapter, whole.best_adapter)


def test_a_run_that_had_ended_early_stays_ended(tmp_path: Path) -> None:
    state = checkpoint.RunState(
        step=4, identity="same-run", training_seconds=0, trained_tokens=0, ended_early=True
    )
    loop = a_loop(tmp_path)
    loop.resume(checkpoint.save(tmp_path, state, loop.learner.state()))

    assert loop.run().step == 4


def test_a_shortage_of_memory_is_remembered_and_resumed(tmp_path: Path) -> None:
    """Dropout is drawn for packed rows, so the process that goes on must pack as the first did."""
    long = some_rows([60] * 20)
    asked: dict[str, Any] = {"rows": long, "batch_size": 10, "epochs": 2}
    whole = a_loop(tmp_path / "whole", **asked)
    refuse_more_than(whole.learner, 599)
    layouts = [layout.model_dump() for layout in whole.run().layouts]
    assert layouts == [{"step": 1, "micro_step_tokens": 512, "checkpointed_layers": 0}]

    first = a_loop(tmp_path / "parts", stop_after=2, **asked)
    refuse_more_than(first.learner, 599)
    with pytest.raises(RunStopped):
        first.run()
    second = a_loop(tmp_path / "parts", **asked)
    second.resume(newest(tmp_path / "parts"))
    second.run()

    assert second.learner.budget_tokens == 512
    assert torch.equal(second.learner.adapter.values, whole.learner.adapter.values)


def test_a_resumed_run_can_go_back_to_where_it_resumed(tmp_path: Path) -> None:
    """The new process has written no checkpoint of its own when its first step goes wrong."""
    whole = a_loop(tmp_path / "whole")
    whole.run()
    with pytest.raises(RunStopped):
        a_loop(tmp_path / "first", stop_after=3).run()
    second = a_loop(tmp_path / "second")
    second.resume(newest(tmp_path / "first"))
    break_step(second, 3, times=1)

    second.run()

    assert torch.equal(second.learner.adapter.values, whole.learner.adapter.values)
