"""Rows with a question and its answer, and adapters on the tiny model that change something."""

from pathlib import Path

import numpy as np
import torch

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.rows import tuned
from tests.support.trainer.tiny_model import MODEL_ID, REVISION
from trainer_image.data.batches import NO_LOSS, TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter, base_model
from trainer_image.model.base_model import Placement
from trainer_image.training.step import TrainStep

TINY = BaseModelRef(id=MODEL_ID, revision=REVISION)
CPU = Placement(torch.device("cpu"), torch.float32, quantised=False)
BF16 = Placement(torch.device("cpu"), torch.bfloat16, quantised=False)


def questions(count: int, *, shuffled: bool = False) -> tuple[TokenRow, ...]:
    """Return rows whose answer is one of eight words, each the answer to one question.

    Shuffled, the answers are the same words in another order: nothing in a question tells which.
    """
    generator = np.random.default_rng(1)
    asked = generator.integers(0, 8, count)
    answered = generator.permutation(asked) if shuffled else asked
    rows = []
    for number, (question, answer) in enumerate(zip(asked, answered, strict=True)):
        ids = np.array([10, 20 + question, 11, 40 + answer, 50 + answer, 2], dtype=np.int32)
        labels = ids.copy()
        labels[:3] = NO_LOSS
        rows.append(TokenRow(ids, labels, f"conversation-{number}"))
    return tuple(rows)


def learner_on(
    weights: Path,
    where: Placement,
    *,
    effect: float,
    hyperparameters: Hyperparameters | None = None,
) -> TrainStep:
    """Return a learner on the model in `weights` whose adapter has B matrices of that size."""
    tune = hyperparameters or tuned()
    model = adapter.attach(base_model.load(weights, where), tune, TINY)
    torch.manual_seed(11)
    for name, parameter in model.named_parameters():
        if ".lora_B." in name:
            torch.nn.init.normal_(parameter, std=effect)
    rows = questions(20)
    plan = Plan(tuple(row.size for row in rows), rows_per_step=4, epochs=1, seed=tune.seed)
    return TrainStep(model, rows, plan, tune, budget_tokens=64)


def zeroed(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the same names and shapes with nothing in them."""
    return {name: tensor * 0 for name, tensor in tensors.items()}
