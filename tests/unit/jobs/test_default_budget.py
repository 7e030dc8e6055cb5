"""What a job may cost where nobody says so."""

from decimal import Decimal
from typing import Any

import pytest

from brightrun.jobs.creation.affordability import default_max_cost
from brightrun.training.cost_estimate import Estimate
from tests.support.job_states import LIMITS


def a_price(**said: Any) -> Estimate:
    known: dict[str, Any] = {
        "total_steps": 10,
        "steps_per_epoch": 10,
        "training_seconds": 60,
        "overhead_seconds": 0,
        "hours": "0.01",
        "hourly_rate": "3.50",
        "compute": "0.05",
        "storage": "0",
        "total": "0.05",
        "low": "0.03",
        "high": "0.08",
        "tokens_per_second": 1000,
        "basis": "baseline",
    }
    return Estimate.model_validate(known | said)


def test_it_is_twice_the_high_estimate_to_the_next_cent() -> None:
    assert default_max_cost(a_price(high="3.3341"), LIMITS) == Decimal("6.67")


@pytest.mark.parametrize("high", ["0", "0.08", "0.49"])
def test_a_cheap_job_has_a_dollar(high: str) -> None:
    assert default_max_cost(a_price(high=high), LIMITS) == Decimal(1)


def test_a_dear_gpu_has_enough_to_begin() -> None:
    """Eight GPUs at 100 USD an hour: the way to a standstill, of 105 s, alone costs 2.92."""
    dear = a_price(hourly_rate="100", storage="0.5")

    assert default_max_cost(dear, LIMITS) == Decimal("6.84")
