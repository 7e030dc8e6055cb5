"""Random models and rows of real shapes, for measuring; no download, no file."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModelForCausalLM, LlamaConfig

from brightrun.training.configuration import Hyperparameters
from brightrun.training.estimator import Shape
from brightrun.training.protocol import BaseModelRef
from trainer_image import adapter
from trainer_image.base_model import Placement, keep_cpu_gradients
from trainer_image.kernels import attention
from trainer_image.layout import use_fused_kernels
from trainer_image.learner import Learner
from trainer_image.packed import NO_LOSS, TokenRow
from trainer_image.plan import Plan

LLAMA_8B = {
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
    "rope_theta": 500000.0,
}
TINY = {
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 160,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 8192,
}
BASE = BaseModelRef(id="bench/random", revision="r1")
MEAN_LOG_TOKENS = 5.6
"""exp(5.6 + 0.8²/2) is 370: short chats with a long tail, as in training.md section 7."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is measured: a shape, where, and how much of everything."""

    config: dict[str, Any]
    where: Placement
    longest_tokens: int
    micro_step_tokens: int
    steps: int
    warm_up: int

    @property
    def shape(self) -> Shape:
        return Shape.from_config(self.config)

    def with_layers(self, layers: int) -> "Scene":
        return replace(self, config={**self.config, "num_hidden_layers": layers})


def full_scene() -> Scene:
    """Return an 8B Llama in NF4 on the first GPU."""
    where = Placement(torch.device("cuda", 0), torch.bfloat16, quantised=True)
    return Scene(LLAMA_8B, where, 4096, 8192, steps=10, warm_up=3)


def tiny_scene() -> Scene:
    """Return something that runs anywhere, to test the script itself."""
    where = Placement(torch.device("cpu"), torch.float32, quantised=False)
    return Scene(TINY, where, 256, 512, steps=2, warm_up=1)


def random_model(scene: Scene, *, quantised: bool | None = None) -> nn.Module:
    """Return a model of random N(0, 0.02) weights; its projections in NF4 where asked."""
    attention.register()
    torch.manual_seed(3)
    config = LlamaConfig(**scene.config, attn_implementation=attention.NAME, use_cache=False)
    with scene.where.device:
        model = AutoModelForCausalLM.from_config(config, dtype=scene.where.compute)
    model.requires_grad_(requires_grad=False)
    if scene.where.quantised if quantised is None else quantised:
        quantise(model, scene.where)
    keep_cpu_gradients(model)
    found: nn.Module = model
    return found


def quantise(model: nn.Module, where: Placement) -> None:
    """Put NF4 with double quantisation in place of every decoder projection."""
    from bitsandbytes.nn import Linear4bit, Params4bit  # noqa: PLC0415 - CUDA alone

    for name, module in list(model.named_modules()):
        if not isinstance(module, nn.Linear) or "_proj" not in name:
            continue
        packed = Linear4bit(
            module.in_features,
            module.out_features,
            bias=False,
            compute_dtype=where.compute,
            quant_type="nf4",
        )
        packed.weight = Params4bit(
            module.weight.data.cpu(), requires_grad=False, quant_type="nf4"
        ).to(where.device)
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, packed)


def mixed_rows(scene: Scene, tokens: int, seed: int = 5) -> tuple[TokenRow, ...]:
    """Return chats of log-normal length, together about `tokens`; the second half is supervised."""
    generator = np.random.default_rng(seed)
    rows: list[TokenRow] = []
    total = 0
    while total < tokens:
        drawn = generator.lognormal(MEAN_LOG_TOKENS, 0.8)
        length = int(np.clip(drawn, 16, scene.longest_tokens))
        rows.append(a_row(scene, length, generator, length // 2))
        total += length
    return tuple(rows)


def long_rows(scene: Scene, count: int) -> tuple[TokenRow, ...]:
    """Return rows of the greatest length, supervised throughout, as in NVIDIA's figure."""
    generator = np.random.default_rng(6)
    return tuple(a_row(scene, scene.longest_tokens, generator, 0) for _ in range(count))


def a_row(
    scene: Scene, length: int, generator: np.random.Generator, silent_tokens: int
) -> TokenRow:
    ids = generator.integers(3, scene.config["vocab_size"], length).astype(np.int32)
    labels = ids.copy()
    labels[:silent_tokens] = NO_LOSS
    return TokenRow(ids, labels)


def a_learner(
    scene: Scene,
    rows: tuple[TokenRow, ...],
    *,
    rows_per_step: int,
    recomputed_layers: int = 0,
    micro_step_tokens: int | None = None,
    quantised: bool | None = None,
) -> Learner:
    """Return a learner over `rows` with rank 16 on every projection, as a run would have it."""
    model = random_model(scene, quantised=quantised)
    use_fused_kernels(model, scene.where)
    tune = Hyperparameters(rank=16, dropout=0.0, learning_rate=0.0001, max_gradient_norm=1.0)
    adapted = adapter.attach(model, tune, BASE)
    plan = Plan(tuple(row.size for row in rows), rows_per_step, 20, seed=1)
    budget = micro_step_tokens or scene.micro_step_tokens
    learner = Learner(adapted, rows, plan, tune, budget_tokens=budget)
    learner.checkpoint_layers(recomputed_layers)
    return learner
