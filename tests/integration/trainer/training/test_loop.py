"""The run as a whole: what it reports, when it stops, and how it survives bad numbers."""

from pathlib import Path
from typing import Any

import pytest
import torch

from brightrun.training.failure_codes import FailureCode
from brightrun.training.memory_model import Setting, Workload
from brightrun.training.model_dimensions import Shape
from tests.support.trainer.loops import ROWS, a_loop, break_step, newest
from trainer_image.bench_gpu.scenes import LLAMA_8B
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import RowSize
from trainer_image.ipc.events import CheckpointSaved, Event, LineWritten, StepTaken
from trainer_image.ipc.failures import RunFailed, RunStopped
from trainer_image.model.base_model import decoder
from trainer_image.training.memory_plan import MemoryPlan
from trainer_image.training.progress import delivered_adapter


def test_the_same_seed_gives_the_same_losses_and_another_does_not(tmp_path: Path) -> None:
    losses = [
        [point.training_loss for point in a_loop(tmp_path / str(n), seed=seed).run().points]
        for n, seed in enumerate((1, 1, 2))
    ]

    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


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


def test_a_held_out_loss_that_is_no_number_is_never_the_best(tmp_path: Path) -> None:
    events: list[Event] = []
    loop = a_loop(tmp_path, epochs=3, emit=events.append)

    def spoil_first(module: torch.nn.Module, _given: Any, output: Any) -> None:
        if loop.progress.step == 4 and not module.training:
            output.last_hidden_state.mul_(float("nan"))

    decoder(loop.learner.model).register_forward_hook(spoil_first)
    progress = loop.run()

    losses = [point.validation_loss for point in progress.points if point.step % 4 == 0]
    assert losses[0] is None
    assert progress.best_loss == min(loss for loss in losses[1:] if loss is not None)
    assert any("not finite" in e.message for e in events if isinstance(e, LineWritten))


def test_a_point_says_how_fast_and_how_long_still(tmp_path: Path) -> None:
    """Two seconds a step: eight steps, the first with rows 20 to 50 of the list."""
    seconds = [0.0]
    loop = a_loop(tmp_path, clock=lambda: seconds[0], peak_flops=1e9)
    sound = loop.learner.apply

    def take_two_seconds(rate: float) -> None:
        sound(rate)
        seconds[0] += 2.0

    loop.learner.apply = take_two_seconds  # type: ignore[method-assign]
    points = loop.run().points

    assert {point.step_seconds for point in points} == {2.0}
    assert [point.eta_seconds for point in points] == [None, 12, 10, 8, 6, 4, 2, 0]
    step = loop.plan.step(0)
    assert points[0].throughput_tokens_per_second == step.tokens / 2
    sizes = [loop.plan.sizes[row] for row in step.rows]
    wanted = 100 * loop.settings.layout.flops(sizes, 0) / 2e9
    assert points[0].flops_utilization_percent == pytest.approx(wanted)


def test_the_time_left_after_a_resume_is_of_this_process(tmp_path: Path) -> None:
    seconds = [0.0]
    with pytest.raises(RunStopped):
        a_loop(tmp_path, stop_after=3).run()
    loop = a_loop(tmp_path, clock=lambda: seconds[0])
    loop.resume(newest(tmp_path))
    sound = loop.learner.apply

    def take_three_seconds(rate: float) -> None:
        sound(rate)
        seconds[0] += 3.0

    loop.learner.apply = take_three_seconds  # type: ignore[method-assign]

    assert [point.eta_seconds for point in loop.run().points[3:]] == [None, 9, 6, 3, 0]


def test_a_step_is_worth_what_its_own_rows_cost() -> None:
    """8B at 4,096 tokens, all of them supervised: 34.0 GFLOP a token, 49.1 with all recomputed."""
    shape = Shape.from_config(LLAMA_8B)
    layout = MemoryPlan(Setting(8192, 0), shape, Workload(), None)

    for layers, giga in ((0, 34.0), (32, 49.1)):
        flops = layout.flops([RowSize(4096, 4096)] * 2, layers)
        assert flops / 8192 / 1e9 == pytest.approx(giga, rel=0.005)
