"""Runs over small rows, in this process, that tests stop, resume and spoil."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from brightrun.training.memory_model import Setting, Workload
from brightrun.training.model_dimensions import Shape
from tests.support.trainer.rows import a_learner, some_rows, tuned
from tests.support.trainer.tiny_model import SHAPE
from trainer_image.data.batches import TokenRow
from trainer_image.ipc.events import Event
from trainer_image.training import checkpoint
from trainer_image.training.loop import Loop, LoopSettings
from trainer_image.training.memory_plan import MemoryPlan

ROWS = some_rows([20, 35, 12, 50, 28, 9, 41])
HELD_OUT = some_rows([30, 22], seed=9)
STEPS = 8  # 7 rows, 2 to a step, twice


def a_loop(  # noqa: PLR0913 - what tests choose
    folder: Path,
    *,
    stop_after: int | None = None,
    checkpoint_seconds: float = 1e9,
    rows: Sequence[TokenRow] = ROWS,
    held_out: Sequence[TokenRow] = HELD_OUT,
    emit: Callable[[Event], None] = lambda _event: None,
    peak_flops: float | None = None,
    clock: Callable[[], float] | None = None,
    **changes: Any,
) -> Loop:
    """Return a run over a small model; `stop_after` asks it to stop after its n-th step.

    Each look at the clock is a second later than the one before, if no clock is given.
    """
    tune = tuned(**{"dropout": 0.1, "batch_size": 2, "epochs": 2, **changes})
    running: list[Loop] = []

    def stop_wanted() -> bool:
        return running[0].progress.step == stop_after

    settings = LoopSettings(
        folder=folder,
        identity="same-run",
        checkpoint_seconds=checkpoint_seconds,
        layout=MemoryPlan(Setting(1024, 0), Shape.from_config(SHAPE), Workload(rank=4), peak_flops),
        emit=emit,
        stop_wanted=stop_wanted,
        clock=clock or itertools.count().__next__,
    )
    running.append(Loop(a_learner(rows, tune), held_out, settings))
    return running[0]


def newest(folder: Path) -> Path:
    """Return the last complete checkpoint."""
    return checkpoint.found(folder)[-1][1]


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
