"""4-bit weights that are kept unpacked: the same numbers, and given back when memory is short."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from trainer_image.bench_gpu.scenes import one_batch, scene_named
from trainer_image.bench_gpu.workbench import Trial, Workbench, train_step
from trainer_image.model.base_model import decoder
from trainer_image.model.kernels.frozen import SMALL_ROWS, FrozenLinear
from trainer_image.training.losses import row_losses
from trainer_image.training.step import TrainStep

TINY = scene_named("tiny")
ROWS = one_batch(TINY)
TRIAL = Trial(len(ROWS), TINY.micro_step_tokens)


@contextmanager
def a_learner(*, unpacked: bool) -> Iterator[TrainStep]:
    with Workbench(TINY).learner(ROWS, replace(TRIAL, unpacked=unpacked)) as learner:
        yield learner


def weights_after_two_steps(*, unpacked: bool) -> Tensor:
    with a_learner(unpacked=unpacked) as learner:
        for number in range(2):
            train_step(learner, number)
        return learner.adapter.copy()


def test_training_is_bit_for_bit_that_of_packed_weights() -> None:
    kept, unpacked_each_time = (weights_after_two_steps(unpacked=each) for each in (True, False))

    assert torch.equal(kept, unpacked_each_time)


def test_out_of_memory_gives_them_back_before_anything_else() -> None:
    said: list[str] = []
    with a_learner(unpacked=True) as learner:
        learner.warn = said.append
        budget = learner.budget_tokens
        failed = [False]

        def refuse_once(*_: object) -> None:
            if not failed[0]:
                failed[0] = True
                raise torch.OutOfMemoryError

        decoder(learner.model).register_forward_pre_hook(refuse_once)
        learner.gradients(learner.plan.step(0))

        assert said == ["out of memory: 4-bit weights are unpacked again for each use"]
        assert (learner.budget_tokens, learner.checkpointed_layers) == (budget, 0)
        assert not learner.unpacked
        assert not learner.adapter.release_unpacked()


def test_memory_that_runs_out_while_they_are_unpacked_ends_no_run() -> None:
    said: list[str] = []
    with a_learner(unpacked=False) as learner:
        learner.warn = said.append
        last = learner.adapter.groups[-1].frozen[-1]

        def no_room(_dtype: torch.dtype) -> None:
            raise torch.OutOfMemoryError

        last.keep = no_room  # type: ignore[method-assign, assignment]
        learner.keep_unpacked()

        assert said == ["out of memory: 4-bit weights are unpacked for each use"]
        assert not learner.unpacked
        assert not learner.adapter.release_unpacked()


@pytest.mark.parametrize("rows", [SMALL_ROWS, SMALL_ROWS + 1])
def test_few_rows_that_nothing_is_learned_from_are_answered_from_four_bits(rows: int) -> None:
    """A proof of the saved files compares with PEFT, which computes them so."""
    with a_learner(unpacked=True) as learner:
        frozen = learner.adapter.groups[0].frozen[0]
        asked: list[int] = []
        frozen.layer.register_forward_pre_hook(lambda _layer, given: asked.append(len(given[0])))
        with torch.no_grad():
            answer = frozen.answer(torch.randn(rows, TINY.shape.hidden))

        assert asked == ([rows] if rows <= SMALL_ROWS else [])
        assert answer.shape == (rows, TINY.shape.queries)


def test_held_out_rows_lose_the_same_however_weights_are_held() -> None:
    losses = []
    for unpacked in (True, False):
        with a_learner(unpacked=unpacked) as learner:
            losses.append(row_losses(learner.model, ROWS, device=learner.device, budget_tokens=512))

    assert losses[0].mean == losses[1].mean


def test_a_dense_layer_has_nothing_to_unpack() -> None:
    frozen = FrozenLinear(torch.nn.Linear(4, 4))

    frozen.keep(torch.float32)

    assert not frozen.release()
