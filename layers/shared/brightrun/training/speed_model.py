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

LAUNCHES_PER_LAYER, LAUNCHES_UNPACKING = 82, 42
"""Calls that launch a kernel, there and back, for one layer of the default preset's step; and those
that unpack its seven 4-bit weights, three for each of two uses. Counted on fake CUDA tensors at an
8B's widths (`python -m tests.bench.bench_launches`, 2026-11-28)."""
HOST_SECONDS_PER_LAUNCH = 22e-6
"""Python's and torch's time by launch: 1.8 ms for a layer's 82 on a CPU, on a 36-layer toy with
rows of three tokens whose kernels take about what a launch takes (same command and day; the least
seen was 1.4, on a loaded machine 2.7). No GPU has told."""
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
    return max(on_the_chip, host_seconds(shape, share, unpacking=again))


def host_seconds(shape: Shape, recomputed_share: float, *, unpacking: bool) -> float:
    """Return what the host needs to launch a forward and backward pass, whatever its tokens.

    A layer that is recomputed is launched forward twice, and unpacks its weights a third time.
    """
    launches = LAUNCHES_PER_LAYER + (LAUNCHES_UNPACKING if unpacking else 0)
    passes = 1 + recomputed_share / 2
    return shape.layers * launches * passes * HOST_SECONDS_PER_LAUNCH


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
