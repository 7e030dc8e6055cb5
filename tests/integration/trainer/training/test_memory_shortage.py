"""A step that runs out of memory: computed again in smaller parts, or given up with a remedy."""

import pytest
import torch

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.rows import (
    a_learner,
    refuse_more_than,
    relative_error,
    some_rows,
    tuned,
    unclipped,
)
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.base_model import decoder


def test_out_of_memory_halves_the_micro_step_and_replays_the_step() -> None:
    rows = some_rows([60] * 40)
    warnings: list[str] = []
    learner = a_learner(rows, tuned(batch_size=40), budget_tokens=2048)
    learner.warn = warnings.append
    refuse_more_than(learner, 600)

    loss, gradient = unclipped(learner)

    wanted_loss, wanted = unclipped(a_learner(rows, tuned(batch_size=40), budget_tokens=2048))
    assert learner.budget_tokens == 512
    assert len(warnings) == 2
    assert loss == pytest.approx(wanted_loss, rel=1e-6)
    assert relative_error(gradient, wanted) < 1e-5


def test_out_of_memory_between_two_projections_leaves_nothing_of_the_pass() -> None:
    learner = a_learner(some_rows([300]), tuned(), budget_tokens=512)
    groups = [group for group in learner.adapter.groups if len(group.layers) > 1]
    left = []

    def refuse(*_: object) -> None:
        left.append(sum(len(group._waiting) for group in groups))
        if not learner.checkpointed_layers:
            raise torch.OutOfMemoryError

    decoder(learner.model).layers[1].self_attn.k_proj.register_forward_pre_hook(refuse)  # type: ignore[union-attr, index]
    learner.warn = lambda _message: left.append(sum(len(group._waiting) for group in groups))
    learner.gradients(learner.plan.step(0))

    assert left[:2] == [2, 0]


def test_out_of_memory_on_one_row_recomputes_layers() -> None:
    learner = a_learner(some_rows([300]), tuned(), budget_tokens=512)
    refuse_more_than(learner, 200)

    unclipped(learner)

    assert learner.checkpointed_layers == 1


def test_a_row_that_fits_with_no_setting_fails_with_a_remedy() -> None:
    learner = a_learner(some_rows([300]), tuned(), budget_tokens=512)

    def never(*_: object) -> None:
        raise torch.OutOfMemoryError

    decoder(learner.model).register_forward_pre_hook(never)

    with pytest.raises(RunFailed, match="lower max_sequence_tokens") as failure:
        learner.gradients(learner.plan.step(0))
    assert failure.value.failure.code is FailureCode.OUT_OF_MEMORY


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "CUDA error: out of memory",
        "Triton Error [CUDA]: out of memory",
    ],
)
def test_memory_that_others_than_torch_lack_is_backed_off_too(words: str) -> None:
    learner = a_learner(some_rows([60] * 20), tuned(batch_size=20), budget_tokens=2048)
    failed = [False]

    def refuse_once(*_: object) -> None:
        if not failed[0]:
            failed[0] = True
            raise RuntimeError(words)

    decoder(learner.model).register_forward_pre_hook(refuse_once)
    learner.gradients(learner.plan.step(0))

    assert learner.budget_tokens == 1024


def test_any_other_error_of_a_step_is_no_shortage_of_memory() -> None:
    learner = a_learner(some_rows([60] * 4), tuned())

    def break_off(*_: object) -> None:
        raise RuntimeError("device-side assert triggered")

    decoder(learner.model).register_forward_pre_hook(break_off)

    with pytest.raises(RuntimeError, match="device-side"):
        learner.gradients(learner.plan.step(0))
