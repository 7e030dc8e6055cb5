"""What finished runs teach, by hand.

Covers: jobs.completion.calibration_sample.
"""

from decimal import Decimal
from typing import Any

import pytest

from brightrun.jobs.completion.calibration_sample import sample_of
from brightrun.training.calibration import RunSample, coverage_of, measured_of
from tests.support.factories import JOB_ID, NOON, a_job, a_summary


def a_sample(**facts: Any) -> RunSample:
    """600,000 tokens in 60 s on two GPUs, 260 s in all; estimated 1.00, 0.90 to 1.10."""
    known: dict[str, Any] = {
        "job_id": JOB_ID,
        "base_model": "m",
        "gpu_type": "A100-80GB",
        "gpu_count": 2,
        "tokens": 600_000,
        "training_seconds": 60.0,
        "overhead_seconds": 200.0,
        "estimated_low_usd": Decimal("0.90"),
        "estimated_usd": Decimal("1.00"),
        "estimated_high_usd": Decimal("1.10"),
        "actual_usd": Decimal("1.05"),
        "finished_at": NOON,
    }
    return RunSample.model_validate(known | facts)


def test_two_runs_say_nothing_yet_and_three_do() -> None:
    assert measured_of([a_sample()] * 2) is None
    shown = measured_of([a_sample()] * 3)

    assert shown is not None
    assert (shown.runs, shown.tokens_per_second, shown.overhead_seconds) == (3, 5000.0, 200.0)
    assert (shown.deviation, round(shown.actual_over_estimate, 6)) == (0.0, 1.05)


def test_runs_that_differ_widen_the_range() -> None:
    """Overheads of 100, 200 and 300 s about 260 s: 160, 260 and 360."""
    runs = [a_sample(overhead_seconds=seconds) for seconds in (100.0, 200.0, 300.0)]
    shown = measured_of(runs)

    assert shown is not None
    assert shown.deviation == pytest.approx(0.314, abs=0.001)


def test_a_long_run_weighs_more_than_a_short_one() -> None:
    short = a_sample(tokens=1000, training_seconds=10.0)
    shown = measured_of([a_sample(), a_sample(), short])

    assert shown is not None
    assert shown.tokens_per_second == pytest.approx(1_201_000 / 260)


def test_coverage_is_the_share_that_ended_within_its_range() -> None:
    inside, edge = a_sample(), a_sample(actual_usd=Decimal("1.10"))
    dear, cheap = a_sample(actual_usd=Decimal("1.11")), a_sample(actual_usd=Decimal("0.89"))

    assert coverage_of([]) is None
    assert coverage_of([inside, edge, dear, cheap]) == 0.5


def test_a_job_is_compared_with_storage_on_both_sides() -> None:
    """A finished job's cost has its storage in it, as the estimate had."""
    job = a_job(attempt=1, spent_gpu_seconds=260.0, final_cost=Decimal("1.005556"))
    sample = sample_of(job, a_summary())

    assert sample is not None
    assert sample.actual_usd == Decimal("1.005556")
    assert sample.overhead_seconds + sample.training_seconds == 260.0
