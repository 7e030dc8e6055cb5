"""What ran is what is billed, whatever was ordered."""

from decimal import Decimal

import pytest

from brightrun.jobs.bill import cost_of, rate_of_bill, running, spent
from brightrun.jobs.change import unchanged
from brightrun.jobs.execution.worker_messages import reported, started
from brightrun.jobs.termination import settle_attempt
from brightrun.training.protocol import ReportRequest, Stage
from tests.support.factories import a_job, an_attempt
from tests.support.job_states import HELLO, LIMITS, clock, submitted, training


def test_a_worker_with_fewer_gpus_than_ordered_is_billed_for_those_it_has() -> None:
    one_gpu = HELLO.model_copy(update={"gpu_count": 1})
    begun = started(submitted(), clock(), LIMITS, number=1, message=one_gpu).after

    assert begun.attempt is not None
    assert begun.attempt.gpu_count == 1
    hour = ReportRequest(sequence=0, stage=Stage.TRAINING, execution_seconds=3600.0)
    reporting = reported(begun, clock(3600), LIMITS, number=1, message=hour)
    assert reporting.after.job.current_cost == Decimal("3.500000")
    over = settle_attempt(unchanged(begun), clock(3620), reason="done", gpu_seconds=1800.0)
    assert over.after.job.spent_usd == Decimal("1.750000")


def test_the_start_is_told_with_the_gpus_that_are_there() -> None:
    one_gpu = HELLO.model_copy(update={"gpu_count": 1})

    told = started(submitted(), clock(), LIMITS, number=1, message=one_gpu).notifications

    assert [note.message for note in told] == ["Your training job has started on 1x A100-80GB"]


@pytest.mark.parametrize(("ordered", "said", "ran"), [(2, 1, 1), (2, 8, 2), (2, 0, 2), (1, 1, 1)])
def test_more_than_was_ordered_is_never_billed(ordered: int, said: int, ran: int) -> None:
    assert running(ordered, said) == ran


def test_attempts_at_different_prices_add_up() -> None:
    """An hour on two A100s, then one on a single H100."""
    first = training(attempt={"gpu_count": 2, "hourly_rate_usd": Decimal("3.50")})
    paid = settle_attempt(unchanged(first), clock(), reason="lost", gpu_seconds=3600.0).after.job
    second = an_attempt(number=2, gpu_count=1, hourly_rate_usd=Decimal("4.20"))

    assert spent(paid) + cost_of(paid, second, 3600.0) == Decimal("11.200000")


@pytest.mark.parametrize(
    ("seconds", "usd", "count", "rate"),
    [
        (3600.0, "7.00", 2, "3.50"),  # as ordered: the order's own price
        (7200.0, "11.20", 1, "5.600000"),  # an hour on two A100s, an hour on one H100
        (0.0, "0", 2, "3.50"),
    ],
)
def test_the_rate_of_a_bill_makes_its_amount(
    seconds: float, usd: str, count: int, rate: str
) -> None:
    """Whoever multiplies what the record says gets what was paid."""
    job = a_job(spent_gpu_seconds=seconds, spent_usd=Decimal(usd))

    assert rate_of_bill(job, count) == Decimal(rate)
    hours = Decimal(repr(seconds)) / 3600
    assert hours * count * rate_of_bill(job, count) == Decimal(usd)


def test_a_job_of_an_earlier_version_is_billed_by_its_seconds() -> None:
    assert spent(a_job(spent_gpu_seconds=3600.0)) == Decimal("7.000000")
