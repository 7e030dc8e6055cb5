"""How a run is laid out on this machine: micro-step, recomputed layers, GPU kernels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import nn

from brightrun.training.configuration import Hyperparameters
from brightrun.training.failure_codes import FailureCode
from brightrun.training.memory_model import (
    CHIPS,
    LARGEST_MICRO_STEP,
    Chip,
    Setting,
    Workload,
    choose_setting,
    flops_per_token,
)
from brightrun.training.model_dimensions import Shape
from trainer_image.data.sampling import Plan, RowSize
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.architectures import architecture_of
from trainer_image.model.base_model import Placement
from trainer_image.model.kernels import drawn_dropout, liger, norm_and_swiglu
from trainer_image.model.kernels.drawn_dropout import MOST_RANKS

_ROUND_TOKENS = 256
_READ_TOGETHER = frozenset({"q_proj", "k_proj", "v_proj"})
CPU_MICRO_STEP_TOKENS = 1024
"""Activations of so short a step stay in a CPU's cache."""
ALONE_TOKENS = 1
"""A budget that no row shares: each has a forward pass of its own."""
_CHIP_NAMES = {
    "A100-SXM4-80GB": CHIPS["A100-80GB"],
    "A100 80GB": CHIPS["A100-80GB"],
    "A100-SXM4-40GB": CHIPS["A100-40GB"],
    "A100-PCIE-40GB": CHIPS["A100-40GB"],
    # cards with less power than the SXM modules that the catalogue means; data sheets, dense bf16
    "H100 PCIe": Chip(756e12, 2.0e12, 80e9),
    "H100 NVL": Chip(835e12, 3.9e12, 94e9),
    "H200 NVL": Chip(836e12, 4.8e12, 141e9),
    "H100": CHIPS["H100"],
    "H200": CHIPS["H200"],
    "L40S": CHIPS["L40S"],
    "RTX 4090": CHIPS["RTX4090"],
}
"""A part of what the driver calls a GPU → its data sheet; the first that matches holds."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """The chosen setting, and what its speed is measured against (None: an unknown chip).

    Attributes:
        masks: why dropout is drawn beforehand, and kept; None: in the products, or there is none.
    """

    setting: Setting
    shape: Shape
    work: Workload
    peak_flops: float | None
    masks: str | None = None

    def flops(self, sizes: Sequence[RowSize], checkpointed_layers: int) -> float:
        """Return the operations of one optimizer step over rows of `sizes`, all ranks together."""
        tokens = sum(size.tokens for size in sizes)
        supervised = sum(size.supervised_tokens for size in sizes)
        work = replace(
            self.work, document_tokens=tokens / len(sizes), supervised_share=supervised / tokens
        )
        return tokens * flops_per_token(self.shape, work, checkpointed_layers / self.shape.layers)


def choose_layout(
    config: dict[str, Any],
    plan: Plan,
    hyperparameters: Hyperparameters,
    where: Placement,
    asked_tokens: int | None,
    *,
    ranks: int = 1,
) -> MemoryPlan:
    """Return the fastest layout that should fit.

    A micro-step is no larger than a rank's share of a step: memory kept for tokens that never come
    would be paid for with layers recomputed.

    Raises:
        RunFailed: `OUT_OF_MEMORY` when no setting fits the GPU, before the weights are read.
    """
    shape = Shape.from_config(config)
    masks = why_masks(hyperparameters, where)
    kept = hyperparameters if masks else hyperparameters.model_copy(update={"dropout": 0.0})
    work = _workload(plan, kept, quantised=where.quantised)
    asked = asked_tokens if hyperparameters.packing else ALONE_TOKENS
    if where.device.type == "cpu":
        setting = Setting(asked or CPU_MICRO_STEP_TOKENS, 0)
    else:
        total = torch.cuda.mem_get_info(where.device)[1]
        largest = min(asked or LARGEST_MICRO_STEP, _share_of_step(plan, ranks))
        found = choose_setting(shape, work, total, largest=largest)
        if found is None:
            raise RunFailed(
                FailureCode.OUT_OF_MEMORY,
                f"rows of up to {work.longest_row_tokens} tokens do not fit this GPU with every"
                " layer recomputed: lower max_sequence_tokens or take a GPU with more memory",
            )
        # memory is reckoned for the longest row; which rows share a pass goes by what was asked
        setting = found if hyperparameters.packing else replace(found, micro_step_tokens=largest)
    chip = this_chip(where)
    return MemoryPlan(
        setting=setting,
        shape=shape,
        work=work,
        peak_flops=chip.peak_flops if chip else None,
        masks=masks,
    )


def why_masks(hyperparameters: Hyperparameters, where: Placement) -> str | None:
    """Return why dropout needs masks in this run; None: it does not, or there is no dropout."""
    if not hyperparameters.dropout:
        return None
    if where.device.type != "cuda":
        return "there is no GPU"
    if len(_READ_TOGETHER & {*hyperparameters.target_modules}) * hyperparameters.rank > MOST_RANKS:
        return "the ranks of query, key and value together are more than the kernels take"
    return drawn_dropout.find(where.device, where.compute)


def _share_of_step(plan: Plan, ranks: int) -> int:
    """Return a rank's tokens of the first epoch's longest step; a longer one is cut in two."""
    longest = max(plan.step(number).tokens for number in range(plan.steps_per_epoch))
    return -(-longest // ranks // _ROUND_TOKENS) * _ROUND_TOKENS


def this_chip(where: Placement) -> Chip | None:
    """Return the data sheet of the GPU in use, if we have it."""
    if where.device.type != "cuda":
        return None
    return chip_named(torch.cuda.get_device_name(where.device))


def chip_named(name: str) -> Chip | None:
    """Return the data sheet of the GPU that the driver calls `name`, if we have it."""
    return next((chip for part, chip in _CHIP_NAMES.items() if part in name), None)


def use_fused_kernels(model: nn.Module, where: Placement, patches: Any = None) -> None:  # noqa: ANN401
    """Replace RMSNorm and gated MLPs: by Liger's kernels on CUDA (RoPE too), else by ours.

    Ours are for the CPU, for model types that Liger does not know, and for mixtures: Liger's
    experts do not know 4-bit weights. For `patches` see `liger.use`.
    """
    mixed = bool(architecture_of(cast("Any", model).config).experts)
    if where.device.type != "cuda" or mixed or not liger.use(model, patches):
        norm_and_swiglu.fuse(model)


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
