"""Losses row by row: packed or alone, on one rank or several, with as much memory as there is."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.rows import a_learner, some_rows, tuned
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.base_model import decoder
from trainer_image.training.distributed import Ranks
from trainer_image.training.losses import RowLosses, row_losses

CPU = torch.device("cpu")
ROWS = some_rows([20, 35, 12, 50, 28, 9, 41, 33, 17, 25])
TARGETS = [10, 18, 6, 25, 14, 5, 21, 17, 9, 13]  # the second half of each, rounded up


class Apart(Ranks):
    """A rank whose sums stay its own, so that a test can see what each has done."""

    def add_up(self, tensor: Tensor) -> None:
        pass


def a_model(**changes: Any) -> nn.Module:
    return a_learner(ROWS, tuned(**changes)).model


def allow(model: nn.Module, most_tokens: int) -> list[int]:
    """Let the model run out of memory above so many tokens; return the sizes of its passes."""
    passes: list[int] = []

    def count(_module: nn.Module, _args: object, given: dict[str, Any]) -> None:
        tokens = given["input_ids"].numel()
        passes.append(tokens)
        if tokens > most_tokens:
            raise torch.OutOfMemoryError

    decoder(model).register_forward_pre_hook(count, with_kwargs=True)
    return passes


def test_losses_of_packed_rows_are_those_of_each_row_alone() -> None:
    model = a_model()
    together = row_losses(model, ROWS, device=CPU, budget_tokens=64)
    alone = [row_losses(model, [row], device=CPU, budget_tokens=64) for row in ROWS]

    assert together.sums == pytest.approx([float(one.sums[0]) for one in alone], rel=1e-5)
    assert together.tokens.tolist() == TARGETS


def test_the_mean_weighs_tokens_and_not_rows() -> None:
    losses = RowLosses(*torch.tensor([[10.0, 2.0], [10.0, 1.0]]).double().numpy())

    assert losses.mean == pytest.approx(12 / 11)


def test_nothing_is_dropped_while_scoring_and_training_goes_on_after_it() -> None:
    model = a_model(dropout=0.5)

    found = row_losses(model, ROWS, device=CPU, budget_tokens=64)

    assert model.training
    without = row_losses(a_model(), ROWS, device=CPU, budget_tokens=64)
    assert found.sums.tolist() == without.sums.tolist()


@pytest.mark.parametrize("most_tokens", [100, 50])
def test_out_of_memory_halves_the_passes_and_no_row_is_lost(most_tokens: int) -> None:
    """At 50 the longest row has a pass of its own."""
    wanted = row_losses(a_model(), ROWS, device=CPU, budget_tokens=1024)
    model = a_model()
    passes = allow(model, most_tokens)

    found = row_losses(model, ROWS, device=CPU, budget_tokens=1024)

    assert found.sums == pytest.approx(wanted.sums, rel=1e-5)
    assert found.tokens.tolist() == TARGETS
    assert passes[0] == 270
    assert sum(tokens for tokens in passes if tokens <= most_tokens) == 270


def test_a_row_that_does_not_fit_alone_ends_the_run_with_a_remedy() -> None:
    model = a_model()
    allow(model, 40)

    with pytest.raises(RunFailed, match=r"50 tokens.*max_sequence_tokens") as failure:
        row_losses(model, ROWS, device=CPU, budget_tokens=1024)

    assert failure.value.failure.code is FailureCode.OUT_OF_MEMORY


def test_other_errors_are_not_taken_for_a_shortage_of_memory() -> None:
    model = a_model()

    def break_down(*_args: object) -> None:
        raise RuntimeError("device-side assert")

    decoder(model).register_forward_pre_hook(break_down)

    with pytest.raises(RuntimeError, match="device-side"):
        row_losses(model, ROWS, device=CPU, budget_tokens=64)


@pytest.mark.parametrize("ranks", [1, 2, 3, 11])
def test_each_row_is_scored_once_whatever_memory_the_ranks_have(ranks: int) -> None:
    """The last rank runs out of it, and its passes become others than those of the rest."""
    wanted = row_losses(a_model(), ROWS, device=CPU, budget_tokens=1024)
    sums, tokens = torch.zeros(10).double().numpy(), torch.zeros(10).double().numpy()

    for rank in range(ranks):
        model = a_model()
        if rank == ranks - 1:
            allow(model, 50)
        mine = row_losses(
            model, ROWS, device=CPU, budget_tokens=512 >> rank, ranks=Apart(rank, ranks)
        )
        sums, tokens = sums + mine.sums, tokens + mine.tokens

    assert tokens.tolist() == TARGETS
    assert sums == pytest.approx(wanted.sums, rel=1e-5)


def test_no_rows_have_no_losses() -> None:
    assert row_losses(a_model(), (), device=CPU, budget_tokens=64).mean == 0.0
