"""Liger's Triton kernels in Triton's interpreter against transformers and our CPU twins.

    TRITON_INTERPRET=1 python -m tests.bench.bench_liger

In an environment that has triton and liger-kernel beside the development requirements. Liger writes
into gradients and saved tensors, so the kernels are tried among our own: a whole micro-step with
fused LoRA, packed documents and a recomputed layer. (`bench_families` tries every model type.)
This shows numbers, not speed, and not what a GPU's compiler makes of the kernels.
"""

import os
import sys
from copy import deepcopy
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter
from trainer_image.model.base_model import Placement
from trainer_image.model.kernels import attention
from trainer_image.training.memory_plan import use_fused_kernels
from trainer_image.training.step import TrainStep

SIZES = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
LENGTHS = (7, 12, 5)


class Scalar(float):
    """What a number is to a compiled kernel: the interpreter leaves it a float without `to`."""

    def to(self, _dtype: object) -> "Scalar":
        return self


def main() -> None:
    """Print the largest differences of each model type."""
    if os.environ.get("TRITON_INTERPRET") != "1":
        sys.exit("set TRITON_INTERPRET=1: there is no GPU to compile for")
    attention.register()
    complete_interpreter()
    for kind in ("llama", "qwen2", "qwen3", "mistral"):
        base = _model(kind)
        plain = _step(deepcopy(base))
        twins = _step(_fused(deepcopy(base), "cpu"))
        # last: it changes the rotary function of the whole module
        liger = _step(_fused(deepcopy(base), "cuda"))
        print(kind, "ours", _differences(twins, plain), "Liger", _differences(liger, plain))


def complete_interpreter() -> None:
    """Give Triton's interpreter what the kernels use and it lacks: `to` of a number, libdevice."""
    interpreter: Any = import_module("triton.runtime.interpreter")
    convert = interpreter._implicit_cvt
    interpreter._implicit_cvt = lambda each: (
        Scalar(each) if isinstance(each, float) else convert(each)
    )
    norms: Any = import_module("liger_kernel.ops.rms_norm")
    language: Any = import_module("triton.language")
    # found when it is called: the interpreter puts its own functions there for a kernel's time
    norms.rsqrt = lambda square: language.math.rsqrt(square)  # noqa: PLW0108 - see above


def _model(kind: str) -> nn.Module:
    torch.manual_seed(3)
    config = AutoConfig.for_model(kind, **SIZES, attn_implementation=attention.NAME)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    for name, parameter in model.named_parameters():
        if "norm" in name:
            nn.init.normal_(parameter, 1.0, 0.2)
    model.requires_grad_(requires_grad=False)
    return model  # type: ignore[no-any-return]


def _fused(model: nn.Module, device: str) -> nn.Module:
    use_fused_kernels(model, Placement(torch.device(device), torch.float32, quantised=False))
    return model


def _step(model: nn.Module) -> tuple[float, Tensor]:
    """Return loss and gradient of one packed micro-step, one of two layers recomputed."""
    tune = Hyperparameters(rank=4, dropout=0.0)
    adapted = adapter.attach(model, tune, BaseModelRef(id="made/up", revision="r1"))
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.manual_seed(len(name))
            nn.init.normal_(parameter, 0.0, 0.1)
    generator = np.random.default_rng(1)
    rows = [_row(generator.integers(3, SIZES["vocab_size"], length)) for length in LENGTHS]
    plan = Plan(tuple(row.size for row in rows), len(rows), 1, seed=1)
    learner = TrainStep(adapted, rows, plan, tune, budget_tokens=sum(LENGTHS))
    learner.checkpoint_layers(1)
    result = learner.gradients(plan.step(0))
    return result.loss, learner.adapter.gradients.clone()


def _row(ids: np.ndarray[Any, np.dtype[np.int64]]) -> TokenRow:
    return TokenRow(ids.astype(np.int32), ids.astype(np.int32))


def _differences(found: tuple[float, Tensor], wanted: tuple[float, Tensor]) -> str:
    gradient = float((found[1] - wanted[1]).norm() / wanted[1].norm())
    return f"loss {abs(found[0] / wanted[0] - 1):.1e}, gradient {gradient:.1e};"


if __name__ == "__main__":
    print(*(f"{name} {version(name)}" for name in ("torch", "triton", "liger-kernel")))
    main()
