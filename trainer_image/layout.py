"""How a run is laid out on this machine: micro-step, recomputed layers, GPU kernels."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import torch
from torch import nn

from brightrun.training.configuration import Hyperparameters
from brightrun.training.estimator import (
    CHIPS,
    Chip,
    Setting,
    Workload,
    choose_setting,
    flops_per_token,
)
from brightrun.training.protocol import FailureCode
from brightrun.training.shapes import Shape
from trainer_image.architectures import architecture_of
from trainer_image.base_model import Placement
from trainer_image.failures import RunFailed
from trainer_image.kernels import pointwise
from trainer_image.plan import Plan

CPU_MICRO_STEP_TOKENS = 1024
"""Activations of so short a step stay in a CPU's cache."""
_CHIP_NAMES = {
    "A100-SXM4-80GB": "A100-80GB",
    "A100 80GB": "A100-80GB",
    "A100-SXM4-40GB": "A100-40GB",
    "A100-PCIE-40GB": "A100-40GB",
    "H100": "H100",
    "H200": "H200",
    "L40S": "L40S",
    "RTX 4090": "RTX4090",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The chosen setting, and what its speed is measured against (None: an unknown chip)."""

    setting: Setting
    flops_per_token: float
    peak_flops: float | None


def choose_layout(
    config: dict[str, Any],
    plan: Plan,
    hyperparameters: Hyperparameters,
    where: Placement,
    asked_tokens: int | None,
) -> Layout:
    """Return the fastest layout that should fit.

    Raises:
        RunFailed: `OUT_OF_MEMORY` when no setting fits the GPU, before the weights are read.
    """
    shape = Shape.from_config(config)
    work = _workload(plan, hyperparameters, quantised=where.quantised)
    if where.device.type == "cpu":
        setting = Setting(asked_tokens or CPU_MICRO_STEP_TOKENS, 0)
    else:
        total = torch.cuda.mem_get_info(where.device)[1]
        asked = {"largest": asked_tokens} if asked_tokens else {}
        found = choose_setting(shape, work, total, **asked)
        if found is None:
            raise RunFailed(
                FailureCode.OUT_OF_MEMORY,
                f"rows of up to {work.longest_row_tokens} tokens do not fit this GPU with every"
                " layer recomputed: lower max_sequence_tokens or take a GPU with more memory",
            )
        setting = found
    chip = this_chip(where)
    return Layout(
        setting=setting,
        flops_per_token=flops_per_token(shape, work, setting.checkpointed_layers / shape.layers),
        peak_flops=chip.peak_flops if chip else None,
    )


def this_chip(where: Placement) -> Chip | None:
    """Return the data sheet of the GPU in use, if we have it."""
    if where.device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(where.device)
    return next((CHIPS[key] for part, key in _CHIP_NAMES.items() if part in name), None)


def use_fused_kernels(model: nn.Module, where: Placement) -> None:
    """Replace RMSNorm and SwiGLU: by Liger's kernels on CUDA (RoPE too), by ours on the CPU.

    A mixture stays as it is on CUDA: Liger's experts do not know 4-bit weights.
    """
    if where.device.type != "cuda":
        pointwise.fuse(model)
        return
    if architecture_of(cast("Any", model).config).experts:
        return
    liger = import_module("liger_kernel.transformers")  # needs Triton: in CUDA images alone
    liger._apply_liger_kernel_to_instance(  # noqa: SLF001 - its way to patch a loaded model
        model, fused_linear_cross_entropy=False, cross_entropy=False
    )


def _workload(plan: Plan, hyperparameters: Hyperparameters, *, quantised: bool) -> Workload:
    tokens = sum(size.tokens for size in plan.sizes)
    supervised = sum(size.supervised_tokens for size in plan.sizes)
    return Workload(
        rank=hyperparameters.rank,
        targets=hyperparameters.target_modules,
        document_tokens=tokens / len(plan.sizes),
        supervised_share=supervised / tokens,
        longest_row_tokens=max(size.tokens for size in plan.sizes),
        quantised=quantised,
        dropout=hyperparameters.dropout,
    )
