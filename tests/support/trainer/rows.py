"""Token rows and small models for tests of the arithmetic."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.tiny_model import SHAPE
from trainer_image.data.batches import NO_LOSS, TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter
from trainer_image.model.base_model import decoder
from trainer_image.model.kernels import attention, norm_and_swiglu
from trainer_image.training.step import TrainStep

BASE = BaseModelRef(id="tests/tiny", revision="r1")


def some_rows(lengths: Sequence[int], seed: int = 0) -> tuple[TokenRow, ...]:
    """Return rows of random tokens; the second half of each is supervised."""
    generator = np.random.default_rng(seed)
    rows = []
    for number, length in enumerate(lengths):
        ids = generator.integers(3, SHAPE["vocab_size"], length).astype(np.int32)
        labels = ids.copy()
        labels[: length // 2] = NO_LOSS
        rows.append(TokenRow(ids, labels, f"conversation-{number}"))
    return tuple(rows)


def a_base(implementation: str = attention.NAME, **changes: object) -> Qwen3ForCausalLM:
    """Return the same small random model each time."""
    attention.register()
    torch.manual_seed(3)
    config = Qwen3Config(**{**SHAPE, **changes}, attn_implementation=implementation)
    model = Qwen3ForCausalLM(config)
    model.requires_grad_(requires_grad=False)
    model.config.use_cache = False
    return model


def tuned(**changes: object) -> Hyperparameters:
    return Hyperparameters.model_validate(
        {"rank": 4, "dropout": 0.0, "learning_rate": 0.001, "warmup_ratio": 0.0, **changes}
    )


def a_learner(
    rows: Sequence[TokenRow], hyperparameters: Hyperparameters, *, budget_tokens: int = 1024
) -> TrainStep:
    """Return a learner whose adapter already changes something (PEFT starts B at zero)."""
    base = a_base()
    norm_and_swiglu.fuse(base)
    adapted = adapter.attach(base, hyperparameters, BASE)
    wake(adapted)
    plan = Plan(
        sizes=tuple(row.size for row in rows),
        rows_per_step=hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps,
        epochs=hyperparameters.epochs,
        seed=hyperparameters.seed,
    )
    return TrainStep(adapted, rows, plan, hyperparameters, budget_tokens=budget_tokens)


def wake(model: torch.nn.Module) -> None:
    """Give every B matrix small values, so that A has a gradient too."""
    torch.manual_seed(11)
    for name, parameter in model.named_parameters():
        if ".lora_B." in name:
            torch.nn.init.normal_(parameter, std=0.02)


def unclipped(learner: TrainStep) -> tuple[float, torch.Tensor]:
    """Return loss and flat gradient of the first step."""
    result = learner.gradients(learner.plan.step(0))
    return result.loss, learner.adapter.gradients.clone()


def relative_error(found: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((found - wanted).detach().norm() / wanted.detach().norm())


def refuse_more_than(learner: TrainStep, tokens: int) -> None:
    """Make the model run out of memory in any forward pass of more than `tokens`."""

    def check(_module: Any, _args: Any, given: dict[str, torch.Tensor]) -> None:
        if given["input_ids"].shape[1] > tokens and not learner.checkpointed_layers:
            raise torch.OutOfMemoryError

    decoder(learner.model).register_forward_pre_hook(check, with_kwargs=True)
