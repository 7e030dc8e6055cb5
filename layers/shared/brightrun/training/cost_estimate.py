"""What a run will cost and how long it will take (spec: section 4). Pure, and exact.

The baseline is the documented formula. Once runs on the same base model and GPU type have
finished, their measured speed and overhead take its place; the answer names which it used.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from brightrun.records import Record
from brightrun.training.catalog import Gpu
from brightrun.training.configuration import Hyperparameters

DEFAULT_PAIRS = 1000
DEFAULT_TOKENS_PER_PAIR = 200
START_SECONDS = 600
EPOCH_SECONDS = 300
SAVE_SECONDS = 300

# Judgement, until runs have been measured: the planning figures are round, and no two datasets
# pack alike.
_BASELINE_LOW, _BASELINE_HIGH = Decimal("0.6"), Decimal("1.6")
_NARROWEST = Decimal("0.1")
_HOUR_SECONDS = Decimal(3600)
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Workload:
    """What is trained on, once through: assistant targets, and all tokens around them."""

    pairs: int
    tokens: int


@dataclass(frozen=True)
class Measured:
    """What finished runs on one base model and GPU type have shown.

    Attributes:
        tokens_per_second: dataset tokens per second and GPU while training.
        overhead_seconds: GPU time beside training, per run.
        deviation: standard deviation of what was paid over what was estimated; 0 with one run.
        actual_over_estimate: its mean: 1 is a perfect estimate.
    """

    runs: int
    tokens_per_second: float
    overhead_seconds: float
    deviation: float = 0.0
    actual_over_estimate: float = 1.0


class Estimate(Record):
    """The price of a run, unrounded; money in USD.

    Attributes:
        low: total if all goes well. `high`: if it does not.
        tokens_per_second: of all GPUs together.
        measured_runs: how many finished runs stand behind a measured estimate.
    """

    total_steps: int
    steps_per_epoch: int
    training_seconds: Decimal
    overhead_seconds: Decimal
    hours: Decimal
    hourly_rate: Decimal
    compute: Decimal
    storage: Decimal
    total: Decimal
    low: Decimal
    high: Decimal
    tokens_per_second: Decimal
    basis: Literal["baseline", "measured"]
    measured_runs: int = 0


def estimate(
    workload: Workload,
    hyperparameters: Hyperparameters,
    gpu: Gpu,
    count: int,
    *,
    storage_usd: Decimal,
    measured: Measured | None = None,
) -> Estimate:
    """Return what training on `count` GPUs will take; never less than one step.

    A workload without pairs stands for 1,000 pairs of 200 tokens.
    """
    known = workload if workload.pairs > 0 else _unknown()
    rows_per_step = hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps
    steps_per_epoch = max(1, -(-known.pairs // rows_per_step))
    total_steps = steps_per_epoch * hyperparameters.epochs
    tokens = Decimal(total_steps) * rows_per_step * known.tokens / known.pairs
    speed = _speed(gpu, measured) * count
    training_seconds = tokens / speed
    overhead_seconds = _overhead_seconds(hyperparameters.epochs, measured)
    hours = (training_seconds + overhead_seconds) / _HOUR_SECONDS
    rate = gpu.hourly_rate_usd * count
    low, high = _spread(measured)
    return Estimate(
        total_steps=total_steps,
        steps_per_epoch=steps_per_epoch,
        training_seconds=training_seconds,
        overhead_seconds=overhead_seconds,
        hours=hours,
        hourly_rate=rate,
        compute=rate * hours,
        storage=storage_usd,
        total=rate * hours + storage_usd,
        low=rate * hours * low + storage_usd,
        high=rate * hours * high + storage_usd,
        tokens_per_second=speed,
        basis="measured" if measured else "baseline",
        measured_runs=measured.runs if measured else 0,
    )


def in_cents(amount: Decimal) -> Decimal:
    """Return money or hours as they are shown: two decimals, halves upwards."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _unknown() -> Workload:
    return Workload(DEFAULT_PAIRS, DEFAULT_PAIRS * DEFAULT_TOKENS_PER_PAIR)


def _speed(gpu: Gpu, measured: Measured | None) -> Decimal:
    if measured is None:
        return Decimal(gpu.planning_tokens_per_second)
    return Decimal(repr(measured.tokens_per_second))


def _overhead_seconds(epochs: int, measured: Measured | None) -> Decimal:
    if measured is None:
        return Decimal(START_SECONDS + EPOCH_SECONDS * epochs + SAVE_SECONDS)
    return Decimal(repr(measured.overhead_seconds))


def _spread(measured: Measured | None) -> tuple[Decimal, Decimal]:
    """Two standard deviations both ways, never narrower than a tenth."""
    if measured is None:
        return _BASELINE_LOW, _BASELINE_HIGH
    wide = max(_NARROWEST, 2 * Decimal(repr(measured.deviation)))
    return max(_NARROWEST, 1 - wide), 1 + wide
