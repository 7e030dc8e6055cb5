"""How long a step takes on a GPU, from the model's shape and the chip. Pure.

Three things can be what it waits for: the chip's arithmetic, the host that launches it, and the
link over which several GPUs add up their gradients. No figure can beat the chip.
"""

import math
from dataclasses import replace

from brightrun.training.memory_model import (
    Chip,
    Setting,
    Workload,
    adapter_weights,
    flops_per_token,
)
from brightrun.training.model_dimensions import Shape

HOST_SECONDS_PER_LAYER = 0.15 / 36
"""Least time of a layer's forward and backward pass, whatever the chip: Python and some 200
launches. From 0.12 to 0.2 s for 36 layers of toy width on a CPU (2026-11-28); no GPU has told."""
_GRADIENT_BYTES = 4


def micro_step_seconds(shape: Shape, work: Workload, chip: Chip, setting: Setting) -> float:
    """Return the seconds of one forward and backward pass over a micro-step."""
    share = setting.checkpointed_layers / shape.layers
    arithmetic = (
        setting.micro_step_tokens
        * flops_per_token(shape, work, share)
        / (chip.peak_flops * chip.efficiency)
    )
    # reading NF4 and writing 16 bits, once per pass over the weights
    weights = shape.linear_weights * (2 + share)
    weights += shape.layers * shape.mixture.weights(shape.hidden) if shape.mixture else 0
    unpacking = 2.52 * weights / (0.8 * chip.bandwidth_bytes)
    again = work.quantised and not setting.unpacked
    on_the_chip = arithmetic + (unpacking if again else 0.0)
    return max(on_the_chip, shape.layers * HOST_SECONDS_PER_LAYER)


def exchange_seconds(shape: Shape, work: Workload, chip: Chip, gpus: int) -> float:
    """Return the seconds of the one all-reduce of a step: each GPU sends and receives its share."""
    if gpus == 1:
        return 0.0
    size_bytes = _GRADIENT_BYTES * adapter_weights(shape, work.rank, work.targets)
    return 2 * (gpus - 1) / gpus * size_bytes / chip.link_bytes


def step_seconds(
    shape: Shape, work: Workload, chip: Chip, setting: Setting, *, tokens: float, gpus: int = 1
) -> float:
    """Return the seconds of an optimizer step of that many tokens, shared by all GPUs."""
    each = max(1, math.ceil(tokens / gpus))
    passes = -(-each // setting.micro_step_tokens)
    one = replace(setting, micro_step_tokens=-(-each // passes))
    computed = passes * micro_step_seconds(shape, work, chip, one)
    return computed + exchange_seconds(shape, work, chip, gpus)


def tokens_per_second(
    shape: Shape, work: Workload, chip: Chip, setting: Setting, gpus: int = 1
) -> float:
    """Return tokens per second of all GPUs together, one full micro-step each in a step."""
    tokens = gpus * setting.micro_step_tokens
    return tokens / step_seconds(shape, work, chip, setting, tokens=tokens, gpus=gpus)
