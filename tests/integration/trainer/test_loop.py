"""The run as a whole: stopped anywhere it goes on bit for bit, and it survives bad numbers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from brightrun.training.estimator import Setting
from brightrun.training.protocol import FailureCode
from tests.integration.trainer.rows import a_learner, some_rows, tuned
from trainer_image import checkpoint
from trainer_image.events import CheckpointSaved, Event, StepTaken
from trainer_image.failures import RunFailed, RunStopped
from trainer_image.layout import Layout
from trainer_image.loop import Loop, LoopSettings, delivered_adapter
from trainer_image.packed import TokenRow

ROWS = some_rows([20, 35, 12, 50, 28, 9, 41])
HELD_OUT = some_rows([30, 22], seed=9)
STEPS = 8  # 7 rows, 2 to a step, twice


def a_loop(
    folder: Path,
    *,
    stop_after: int | None = None,
    checkpoint_seconds: float = 1e9,
    rows: Sequence[TokenRow] = ROWS,
    held_out: Sequence[TokenRow] = HELD_OUT,
    emit: Callable[[Event], None] = lambda _event: None,
    **changes: Any,
) -> Loop:
    tune = tuned(**{"dropout": 0.1, "batch_size": 2, "epochs": 2, **changes})
    steps_begun = 0

    def stop_wanted() -> bool:
        nonlocal steps_begun
        steps_begun += 1
        return steps_begun == stop_after

    settings = LoopSettings(
        folder=folder,
        identity="same-run",
        checkpoint_seconds=checkpoint_seconds,
        layout=Layout(Setting(1024, 0), 1.0, None),
        emit=emit,
        stop_wanted=stop_wanted,
    )
    return Loop(a_learner(rows, tune), held_out, settings)


def newest(folder: Path) -> Path:
    return checkpoint.found(folder)[-1][1]


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


def test_the_same_seed_gives_the_same_losses_and_another_does_not(tmp_path: Path) -> None:
    losses = [
        [point.training_loss for point in a_loop(tmp_path / str(n), seed=seed).run().points]
        for n, seed in enumerate((1, 1, 2))
    ]

    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_a_checkpoint_is_small(tmp_path: Path) -> None:
    """Twelve bytes per adapter weight; the best weights add four where they are others."""
    loop = a_loop(tmp_path)
    loop.run()

    size_bytes = sum(path.stat().st_size for path in newest(tmp_path).iterdir())
    assert size_bytes < 16 * loop.learner.adapter.values.numel() + 10_000


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


def test_another_runs_checkpoint_is_refused(tmp_path: Path) -> None:
    loop = a_loop(tmp_path)
    loop.run()

    with pytest.raises(RunFailed, match="other data"):
        checkpoint.load(newest(tmp_path), "another-run")


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    a_loop(tmp_path).run()
    (file,) = newest(tmp_path).glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])

    with pytest.raises(RunFailed, match="damaged"):
        checkpoint.load(newest(tmp_path), "same-run")


def break_step(loop: Loop, number: int, times: int) -> None:
    """Let the gradients of one step come out as NaN, the first `times` times."""
    left = [times]
    sound = loop.learner.adapter.clear_gradients

    def clear_and_break() -> None:
        sound()
        if loop.progress.step == number and left[0]:
            left[0] -= 1
            loop.learner.adapter.reduced.fill_(float("nan"))

    loop.learner.adapter.clear_gradients = clear_and_break  # type: ignore[method-assign]


@pytest.mark.parametrize("step", [0, 5])
def test_a_flipped_bit_costs_some_steps_and_changes_nothing(tmp_path: Path, step: int) -> None:
    whole = a_loop(tmp_path / "whole")
    whole.run()
    events: list[Event] = []
    loop = a_loop(tmp_path / "broken", checkpoint_seconds=0, emit=events.append)
    break_step(loop, step, times=1)

    loop.run()

    assert torch.equal(loop.learner.adapter.values, whole.learner.adapter.values)
    assert any(getattr(event, "level", "") == "warning" for event in events)


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


def test_a_divergence_fails_with_a_reason(tmp_path: Path) -> None:
    loop = a_loop(tmp_path, checkpoint_seconds=0)
    break_step(loop, 5, times=2)

    with pytest.raises(RunFailed, match=r"step 6.*learning_rate") as failure:
        loop.run()

    assert failure.value.failure.code is FailureCode.NON_FINITE_LOSS
    assert bool(loop.learner.adapter.values.isfinite().all())


def test_early_stopping_delivers_the_best_weights(tmp_path: Path) -> None:
    """The held-out rows want tokens that are never an answer in training: each epoch is worse."""
    narrow = tuple(TokenRow(r.ids % 9 + 3, r.ids % 9 + 3, r.conversation) for r in ROWS)
    other = tuple(TokenRow(r.ids % 9 + 3, r.ids % 9 + 300, r.conversation) for r in ROWS)
    loop = a_loop(tmp_path, rows=narrow, held_out=other, epochs=10, early_stopping_patience=2)
    progress = loop.run()

    assert (progress.best_step, progress.step) == (4, 12)
    assert progress.ended_early
    best = delivered_adapter(progress, loop.hyperparameters)
    assert best is not None
    assert not torch.equal(best, loop.learner.adapter.values)


def test_every_step_has_a_point_and_each_epoch_a_validation(tmp_path: Path) -> None:
    events: list[Event] = []
    a_loop(tmp_path, emit=events.append).run()

    points = [event.point for event in events if isinstance(event, StepTaken)]
    assert [point.step for point in points] == list(range(1, 9))
    assert [point.step for point in points if point.validation_loss is not None] == [4, 8]
    assert sum(point.total_tokens or 0 for point in points) == 2 * sum(len(r.ids) for r in ROWS)
    assert [event.step for event in events if isinstance(event, CheckpointSaved)] == [4, 8]
