"""What finished runs teach about the next: speed, overhead, and how far an estimate can be trusted.

Pure. A run is a sample of one base model on one GPU type; the newest fifty count.
"""

from collections.abc import Sequence
from decimal import Decimal
from statistics import fmean, pstdev

from brightrun.records import Moment, Record
from brightrun.training.cost_estimate import Measured

MIN_RUNS = 3
"""Fewer runs say nothing about how far apart they lie."""
MAX_SAMPLES = 50


class RunSample(Record):
    """One finished run: what it was estimated at, and what it took.

    Attributes:
        tokens: dataset tokens over all epochs it trained.
        training_seconds: wall time of training. `overhead_seconds`: GPU time beside it.
        actual_usd: what was paid, and storage as it was estimated.
    """

    job_id: str
    base_model: str
    gpu_type: str
    gpu_count: int
    tokens: float
    training_seconds: float
    overhead_seconds: float
    estimated_low_usd: Decimal
    estimated_usd: Decimal
    estimated_high_usd: Decimal
    actual_usd: Decimal
    finished_at: Moment

    @property
    def is_covered(self) -> bool:
        """Whether it ended within the range it was given beforehand."""
        return self.estimated_low_usd <= self.actual_usd <= self.estimated_high_usd


def measured_of(samples: Sequence[RunSample]) -> Measured | None:
    """Return what these runs have shown, or None when they are fewer than three.

    Long runs weigh more in the speed; the deviation is that of real over predicted time.
    """
    if len(samples) < MIN_RUNS:
        return None
    gpu_seconds = sum(sample.training_seconds * sample.gpu_count for sample in samples)
    speed = sum(sample.tokens for sample in samples) / gpu_seconds
    overhead = fmean(sample.overhead_seconds for sample in samples)
    real_over_predicted = [
        (sample.training_seconds + sample.overhead_seconds)
        / (sample.tokens / (speed * sample.gpu_count) + overhead)
        for sample in samples
    ]
    return Measured(
        runs=len(samples),
        tokens_per_second=speed,
        overhead_seconds=overhead,
        deviation=pstdev(real_over_predicted),
        actual_over_estimate=float(fmean(s.actual_usd / s.estimated_usd for s in samples)),
    )


def coverage_of(samples: Sequence[RunSample]) -> float | None:
    """Return the share of runs that ended within the range they were given; None without runs."""
    return fmean(sample.is_covered for sample in samples) if samples else None
