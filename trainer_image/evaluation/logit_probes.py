"""Fixed prompts and what the adapter answers to them in numbers, to recognise it again later.

`probes.json` lets anyone who loads the adapter check that it is the one that was trained.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from brightrun.records import Request
from trainer_image.data.batches import TokenRow

PROBES = 4
LONGEST_PROBE_TOKENS = 64
SHOWN_LOGITS = 32
FP32_TOLERANCE = 1e-3
BF16_SHARE = 0.05
"""In bf16 other kernels round differently: 5 % of the largest logit (8 bits of mantissa)."""
EFFECT_SHARE = 0.5
"""Nearer to the adapter's answer than to the base model's, whatever the tolerance."""
RESOLUTION = {torch.float32: 1e-5, torch.bfloat16: 2**-7}
"""Of the largest logit, two steps of bf16 and what fp32 adds up to over many layers."""


class Probe(Request):
    """One prompt, and the logits after its last token of the likeliest tokens by adapter."""

    input_ids: tuple[int, ...]
    token_ids: tuple[int, ...]
    logits: tuple[float, ...]
    base_logits: tuple[float, ...]


class Probes(Request):
    """All probes of a run, with the largest difference that counts as equal."""

    tolerance: float
    compute: str
    probes: tuple[Probe, ...]


def choose_prompts(rows: Sequence[TokenRow]) -> list[list[int]]:
    """Return the beginnings of the first rows."""
    return [row.ids[:LONGEST_PROBE_TOKENS].tolist() for row in rows[:PROBES]]


@torch.no_grad()
def last_logits(model: Any, prompts: Sequence[Sequence[int]], device: torch.device) -> Tensor:  # noqa: ANN401
    """Return the logits after each prompt, `(prompts, vocabulary)`, fp32 on the CPU."""
    model.eval()
    answers = [
        model(input_ids=torch.tensor([list(prompt)], device=device), logits_to_keep=1).logits[0, -1]
        for prompt in prompts
    ]
    return torch.stack(answers).float().cpu()


def tolerance(logits: Tensor, compute: torch.dtype) -> float:
    """Return how far apart two computations of `logits` may be."""
    if compute is torch.float32:
        return FP32_TOLERANCE
    return BF16_SHARE * float(logits.abs().max())


def expected(logits: Tensor, base: Tensor, compute: torch.dtype) -> float:
    """Return how far reloaded logits may be from `logits` and still show the adapter's effect.

    Both come from the same kernels, so nothing but the adapter makes a difference. Beyond this the
    difference is worth a warning, and beyond `tolerance` the files are not delivered.
    """
    effect = largest_difference(logits, base)
    resolution = RESOLUTION[compute] * float(logits.abs().max())
    return max(EFFECT_SHARE * effect, resolution)


def describe(
    prompts: Sequence[Sequence[int]], logits: Tensor, base: Tensor, compute: torch.dtype
) -> Probes:
    """Return the record that is delivered with the adapter."""
    probes = []
    for prompt, with_adapter, without in zip(prompts, logits, base, strict=True):
        top = with_adapter.topk(min(SHOWN_LOGITS, len(with_adapter))).indices
        probes.append(
            Probe(
                input_ids=tuple(prompt),
                token_ids=tuple(top.tolist()),
                logits=tuple(with_adapter[top].tolist()),
                base_logits=tuple(without[top].tolist()),
            )
        )
    return Probes(
        tolerance=tolerance(logits, compute),
        compute=str(compute).removeprefix("torch."),
        probes=tuple(probes),
    )


def largest_difference(first: Tensor, second: Tensor) -> float:
    """Return the largest absolute difference; infinite when a value is not a number."""
    difference = float(np.abs((first - second).numpy()).max())
    return difference if np.isfinite(difference) else float("inf")
