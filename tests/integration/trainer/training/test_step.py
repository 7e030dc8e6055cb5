"""One optimizer step against the model as transformers computes it, document by document."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch.nn import functional

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.rows import (
    BASE,
    a_base,
    a_learner,
    relative_error,
    some_rows,
    tuned,
    unclipped,
    wake,
)
from trainer_image.data.batches import NO_LOSS, TokenRow, pack_rows
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import adapter
from trainer_image.training.distributed import Ranks
from trainer_image.training.losses import row_losses
from trainer_image.training.step import TrainStep

LENGTHS = (5, 66, 136, 20)


def plain_step(rows: Sequence[TokenRow]) -> tuple[float, torch.Tensor]:
    """Return mean loss and flat gradient by stock PEFT and sdpa, one document at a time."""
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - the reference alone uses it

    learner = a_learner(rows, tuned(batch_size=len(rows)))
    targets = sorted(tuned().target_modules)
    config = LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type="CAUSAL_LM")
    base = a_base("sdpa")
    torch.manual_seed(42)
    model = get_peft_model(base, config)
    wake(model)
    total, count = torch.zeros(()), 0
    for row in rows:
        logits = model(input_ids=torch.tensor(row.ids.tolist())[None]).logits[0]
        labels = torch.tensor(row.labels[1:].tolist())
        total = total + functional.cross_entropy(logits[:-1], labels, reduction="sum")
        count += int((labels != NO_LOSS).sum())
    (total / count).backward()
    gradients = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    flat = torch.cat([gradients[name].flatten() for name, _ in learner.adapter.layout])
    return float(total.detach() / count), flat


@pytest.mark.parametrize("budget_tokens", [64, 160, 4096])
def test_packed_rows_equal_separate_documents(budget_tokens: int) -> None:
    """Loss and gradient of a packed step, whatever the micro-step, are those of the documents."""
    rows = some_rows(LENGTHS)
    hyperparameters = tuned(batch_size=4, max_gradient_norm=100)

    loss, gradient = unclipped(a_learner(rows, hyperparameters, budget_tokens=budget_tokens))

    wanted_loss, wanted = plain_step(rows)
    assert loss == pytest.approx(wanted_loss, rel=1e-6)
    assert relative_error(gradient, wanted) < 1e-5


def test_the_loss_is_a_mean_over_tokens_not_over_micro_steps() -> None:
    rows = some_rows(LENGTHS)
    each = [unclipped(a_learner([row], tuned(batch_size=1)))[0] for row in rows]
    counts = [row.size.supervised_tokens for row in rows]

    loss, _ = unclipped(a_learner(rows, tuned(batch_size=4), budget_tokens=64))

    assert loss == pytest.approx(np.average(each, weights=counts), rel=1e-6)
    assert abs(loss - float(np.mean(each))) > 0.001


def test_eight_times_one_row_equals_one_times_eight() -> None:
    rows = some_rows((30, 8, 51, 12, 44, 9, 23, 60))

    accumulated = unclipped(
        a_learner(rows, tuned(batch_size=1, gradient_accumulation_steps=8), budget_tokens=64)
    )
    together = unclipped(a_learner(rows, tuned(batch_size=8), budget_tokens=4096))

    assert accumulated[0] == pytest.approx(together[0], rel=1e-6)
    assert relative_error(accumulated[1], together[1]) < 1e-5


def test_the_first_token_of_a_document_is_never_predicted() -> None:
    """Even if a label stands there: the document before it must not predict it."""
    ids = np.array([5, 6, 7], dtype=np.int32)
    packed = pack_rows([TokenRow(ids, ids.copy()), TokenRow(ids, ids.copy())], torch.device("cpu"))

    assert packed.sources.tolist() == [0, 1, 3, 4]
    assert packed.targets.tolist() == [6, 7, 6, 7]
    assert packed.position_ids.tolist() == [[0, 1, 2, 0, 1, 2]]


def test_one_step_changes_the_adapter_and_nothing_else() -> None:
    learner = a_learner(some_rows(LENGTHS), tuned(batch_size=4))
    frozen = {
        name: tensor.clone()
        for name, tensor in learner.model.named_parameters()
        if ".lora_" not in name
    }
    before = learner.adapter.copy()

    learner.gradients(learner.plan.step(0))
    learner.apply(0.001)

    assert all(
        torch.equal(tensor, frozen[name])
        for name, tensor in learner.model.named_parameters()
        if name in frozen
    )
    assert len(frozen) == 24
    assert bool((learner.adapter.values != before).all())


def test_adapter_weights_stay_in_fp32() -> None:
    learner = a_learner(some_rows(LENGTHS), tuned())

    assert {p.dtype for p in learner.model.parameters() if p.requires_grad} == {torch.float32}


@pytest.mark.parametrize("layers", [1, 2])
def test_recomputed_layers_give_the_same_gradient_with_dropout(layers: int) -> None:
    rows = some_rows(LENGTHS)
    kept = a_learner(rows, tuned(dropout=0.2))
    recomputed = a_learner(rows, tuned(dropout=0.2))
    recomputed.checkpoint_layers(layers)

    (loss, gradient), (wanted_loss, wanted) = unclipped(recomputed), unclipped(kept)

    assert loss == wanted_loss
    assert torch.equal(gradient, wanted)


def test_gradients_are_clipped_to_the_asked_norm() -> None:
    learner = a_learner(some_rows(LENGTHS), tuned(max_gradient_norm=0.01))

    result = learner.gradients(learner.plan.step(0))

    assert result.gradient_norm > 0.01
    assert float(learner.adapter.gradients.norm()) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("projection", ["q_proj", "down_proj"])
def test_a_target_the_model_lacks_is_an_error(projection: str) -> None:
    model = a_base()
    for name, module in list(model.named_modules()):
        if name.endswith(("self_attn", "mlp")) and hasattr(module, projection):
            setattr(module, "renamed", getattr(module, projection))  # noqa: B010 - a module's child
            delattr(module, projection)

    with pytest.raises(RunFailed, match=projection) as refusal:
        adapter.attach(model, tuned(), BASE)

    assert refusal.value.failure.code is FailureCode.BAD_CONFIGURATION


def test_an_update_is_adamws() -> None:
    """Rate, decay and moments reach the optimizer: two steps equal torch's own on a copy."""
    learner = a_learner(some_rows([40] * 4), tuned(weight_decay=0.1))
    copy = torch.nn.Parameter(learner.adapter.values.detach().clone())
    reference = torch.optim.AdamW([copy], weight_decay=0.1)
    for rate in (0.01, 0.002):
        learner.gradients(learner.plan.step(0))
        copy.grad = learner.adapter.gradients.clone()
        reference.param_groups[0]["lr"] = rate
        reference.step()
        learner.apply(rate)

    torch.testing.assert_close(learner.adapter.values, copy, rtol=1e-6, atol=1e-8)


class Apart(Ranks):
    """One of two ranks whose gradients are not added to the other's."""

    def add_up(self, tensor: torch.Tensor) -> None:
        """Leave it."""


def test_ranks_draw_different_dropout() -> None:
    """The same row on each: only what is dropped can differ."""
    gradients = []
    for rank in (0, 1):
        learner = a_learner(some_rows([40]) * 2, tuned(batch_size=2, dropout=0.3))
        learner.ranks = Apart(rank=rank, count=2)
        learner.gradients(learner.plan.step(0))
        gradients.append(learner.adapter.gradients.clone())

    assert not torch.allclose(gradients[0], gradients[1])


def test_dropout_is_on_in_training_and_off_in_scoring() -> None:
    rows = some_rows([40] * 4)
    with_dropout, without = (
        a_learner(rows, tuned(batch_size=4, dropout=rate)) for rate in (0.5, 0.0)
    )

    def scored(learner: TrainStep) -> float:
        return row_losses(learner.model, rows, device=learner.device, budget_tokens=512).mean

    assert scored(with_dropout) == scored(without)
    losses = [each.gradients(each.plan.step(0)).loss for each in (with_dropout, without)]
    assert losses[0] != pytest.approx(losses[1], rel=1e-6)
    assert with_dropout.model.training
