"""What finished runs have shown of each base model and GPU type, as running sums.

One write, in the transaction that publishes a model, so that each run counts once.
"""

import math
from collections.abc import Mapping
from decimal import Decimal

from brightrun.jobs.record import Job
from brightrun.ports import keys
from brightrun.ports.table import Table, Write, add, numbers, sums_between
from brightrun.training.estimate import Measured
from brightrun.training.protocol import RunSummary

_MILLIONTH = Decimal("0.000001")


def observation(table: Table, job: Job, summary: RunSummary | None) -> Write | None:
    """Return the write that learns from a finished job; None where it would teach nothing right.

    A run that was resumed or stopped early says little about a whole one.
    """
    if summary is None or job.attempt != 1 or summary.resumed_from_step is not None:
        return None
    tokens = job.dataset.total_tokens * summary.epochs_completed
    trained_seconds = summary.training_seconds * job.gpu_config.count
    if tokens <= 0 or trained_seconds <= 0 or job.estimated_total_cost <= 0:
        return None
    overhead = max(0.0, job.spent_gpu_seconds - summary.training_seconds)
    ratio = float((job.final_cost or Decimal(0)) / job.estimated_total_cost)
    sums = {
        "tokens": tokens,
        "trained_seconds": trained_seconds,
        "overhead_seconds": overhead,
        "ratio": ratio,
        "ratio_squared": ratio * ratio,
    }
    exact = {name: Decimal(repr(value)).quantize(_MILLIONTH) for name, value in sums.items()}
    key = keys.calibration(job.base_model, job.gpu_config.type)
    return add(table, key, {**exact, "runs": 1})


def everything_measured(table: Table) -> dict[str, Measured]:
    """Return `base model#GPU type` → what finished runs have shown, of all that ran."""
    low, high = keys.calibration("", ""), keys.calibration("~", "")
    found = sums_between(table, keys.Key(low.pk, " "), high)
    return {name: measured for name, sums in found.items() if (measured := _measured(sums))}


def find_measured(table: Table, base_model: str, gpu_type: str) -> Measured | None:
    """Return what finished runs have shown, or None before the first."""
    return _measured(numbers(table, keys.calibration(base_model, gpu_type)))


def _measured(sums: Mapping[str, Decimal]) -> Measured | None:
    runs = int(sums.get("runs", 0))
    if runs == 0:
        return None
    mean = sums.get("ratio", Decimal(0)) / runs
    variance = max(Decimal(0), sums.get("ratio_squared", Decimal(0)) / runs - mean * mean)
    return Measured(
        runs=runs,
        tokens_per_second=float(sums["tokens"] / sums["trained_seconds"]),
        overhead_seconds=float(sums.get("overhead_seconds", Decimal(0)) / runs),
        deviation=math.sqrt(variance),
        actual_over_estimate=float(mean),
    )
