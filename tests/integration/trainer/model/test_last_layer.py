"""The last layer, computed where its states are read: the same loss and gradient for less."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest
import torch

from tests.support.trainer.rows import a_learner, relative_error, some_rows, tuned, unclipped
from tests.support.trainer.tiny_model import SHAPE
from trainer_image.data.batches import Batch, BatchLayout, TokenRow
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.base_model import decoder
from trainer_image.training.step import TrainStep

LENGTHS = (20, 35, 12, 50)
ROWS = some_rows(LENGTHS)
PREDICTED = sum(row.size.supervised_tokens for row in ROWS)
WIDTH, WIDE = SHAPE["hidden_size"], SHAPE["intermediate_size"]


def a_step(rows: Sequence[TokenRow] = ROWS) -> TrainStep:
    return a_learner(rows, tuned(batch_size=len(rows)))


def reading_all(learner: TrainStep) -> TrainStep:
    """Have every position of a pass computed to the end, whatever is read."""
    usual = learner.arrangement

    def lay_out(rows: Sequence[TokenRow], device: torch.device) -> Batch:
        batch = usual.lay_out(rows, device)
        assert batch.documents is not None
        return replace(batch, documents=replace(batch.documents, read=None))

    learner.arrangement = BatchLayout(usual.group, lay_out)
    return learner


def kept_tokens(learner: TrainStep) -> Counter[tuple[int, ...]]:
    """Return how many tensors of each size a step keeps for its backward pass."""
    kept: Counter[tuple[int, ...]] = Counter()

    def note(tensor: torch.Tensor) -> torch.Tensor:
        kept[tuple(tensor.shape)] += 1
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        learner.gradients(learner.plan.step(0))
    return kept


def test_what_follows_the_last_attention_is_computed_where_a_target_is_predicted() -> None:
    """For those tokens alone is kept what these read: the output projection, gate and up, down."""
    read, whole = kept_tokens(a_step()), kept_tokens(reading_all(a_step()))
    narrow = {width: (1, PREDICTED, width) for width in (WIDTH, WIDE)}

    assert (read[narrow[WIDTH]], read[narrow[WIDE]]) == (2, 3)  # SwiGLU keeps gate and up
    assert (whole[narrow[WIDTH]], whole[narrow[WIDE]]) == (0, 0)


@pytest.mark.parametrize("recomputed", [0, SHAPE["num_hidden_layers"]])
def test_loss_and_gradient_are_those_of_the_whole_layer(recomputed: int) -> None:
    learner = a_step()
    learner.checkpoint_layers(recomputed)

    loss, gradient = unclipped(learner)
    whole_loss, whole_gradient = unclipped(reading_all(a_step()))

    assert loss == pytest.approx(whole_loss, rel=1e-6)
    assert relative_error(gradient, whole_gradient) < 1e-6


def test_a_pass_of_which_nearly_all_is_read_is_computed_whole() -> None:
    rows = [TokenRow(row.ids, row.ids) for row in ROWS]

    kept = kept_tokens(a_step(rows))

    assert not kept[1, sum(row.size.supervised_tokens for row in rows), WIDE]
    assert kept[1, sum(LENGTHS), WIDE] == 3 * SHAPE["num_hidden_layers"]


def test_an_answer_reads_every_position_also_after_a_step_that_broke_off() -> None:
    """The last layer's attention had said what is read when the memory ran out."""
    learner = a_step()
    ids = torch.arange(3, 33)[None]
    model = cast("Any", decoder(learner.model))
    learner.model.eval()
    before = model(input_ids=ids).last_hidden_state

    def run_out(*_given: object) -> None:
        raise MemoryError

    breaking = model.layers[-1].mlp.register_forward_pre_hook(run_out)
    with suppress(RunFailed):
        learner.gradients(learner.plan.step(0))
    breaking.remove()

    assert torch.equal(model(input_ids=ids).last_hidden_state, before)
