"""The bill: what a job cost, recorded once, whatever ended it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from brightrun.errors import InvalidTransition
from brightrun.jobs.bill import cost_of
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.jobs.termination import cancel, complete, fail, pause, settle_attempt
from brightrun.money import stored
from tests.support.factories import ADA, a_job, an_attempt
from tests.support.job_states import clock, queued, submitted, success, training

# two A100 at 3.50 USD an hour: 36 seconds are a hundredth of 7 USD
SECONDS, USD = 36.0, Decimal("0.070000")

ENDINGS: dict[str, Callable[[Change], Change]] = {
    "completed": lambda change: complete(change, clock(60), artifact_id="model-1"),
    "failed": lambda change: fail(change, clock(60), code="out_of_memory", message="no room"),
    "cancelled": lambda change: cancel(change, clock(60), by=ADA),
}


def settled(state: JobState, gpu_seconds: float | None = SECONDS) -> Change:
    return settle_attempt(unchanged(state), clock(60), reason="over", gpu_seconds=gpu_seconds)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_writes_one_cost_record_of_what_the_gpus_took(ending: str) -> None:
    change = ENDINGS[ending](settled(training()))

    job, cost = change.after.job, change.cost
    assert cost is not None
    assert (job.status, job.final_cost, cost.amount) == (ending, USD, USD)
    assert (cost.job_id, cost.user_id, cost.billing_period) == (job.id, ADA, "2026-11")
    assert (cost.details.gpu_count, cost.details.hourly_rate) == (2, Decimal("3.50"))
    assert cost.details.seconds_source == "provider"


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ended_job_waits_for_nothing(ending: str) -> None:
    job = ENDINGS[ending](settled(training())).after.job

    assert (job.work, job.due_at, job.estimated_completion_at) == (None, None, None)
    assert job.completed_at == clock(60).at


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_an_ended_job_does_not_end_another_way(ending: str, status: JobStatus) -> None:
    if status == ending:
        return
    with pytest.raises(InvalidTransition):
        ENDINGS[ending](unchanged(training(status=status)))


def test_a_job_that_never_had_a_gpu_costs_nothing_and_that_is_recorded() -> None:
    change = cancel(unchanged(queued()), clock(), by=ADA)

    assert change.cost is not None
    assert (change.cost.amount, change.cost.details.seconds_source) == (Decimal(0), "none")


def test_an_attempt_is_billed_by_the_providers_count_and_once() -> None:
    once = settled(training(attempt={"execution_seconds": 99.0}))
    twice = settle_attempt(once, clock(90), reason="again", gpu_seconds=500.0)

    attempt = once.after.attempt
    assert attempt is not None
    assert (attempt.state, attempt.gpu_seconds) == (AttemptState.ENDED, SECONDS)
    assert twice == once


@pytest.mark.parametrize(
    ("known", "seconds"),
    [
        ({"execution_seconds": 12.0}, 12.0),
        ({"finish": success(34.0), "execution_seconds": 12.0}, 34.0),
    ],
)
def test_without_the_providers_count_the_workers_own_clock_is_taken(
    known: dict[str, object], seconds: float
) -> None:
    attempt = settled(training(attempt=known), gpu_seconds=None).after.attempt

    assert attempt is not None
    assert (attempt.gpu_seconds, attempt.gpu_seconds_source) == (seconds, "worker")


def test_attempts_add_up() -> None:
    change = settled(training(spent_gpu_seconds=72.0))

    assert change.after.job.spent_gpu_seconds == 108.0
    assert change.after.job.current_cost == 3 * USD


def test_a_pause_bills_nothing_yet_and_spends_no_attempt() -> None:
    job = pause(settled(training(tries=3)), clock(60), by=ADA).after.job

    assert (job.status, job.final_cost, job.current_cost) == ("paused", None, USD)
    assert (job.spared_attempts, job.pauses, job.tries, job.work) == (1, 1, 0, None)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("completed", "job_completed"),
        ("failed", "job_failed"),
        ("cancelled", "job_cancelled"),
    ],
)
def test_its_owner_hears_of_it_once(ending: str, kind: str) -> None:
    change = ENDINGS[ending](settled(training()))

    assert [note.type for note in change.notifications] == [kind]


def test_a_failure_keeps_its_code_and_its_sentence() -> None:
    job = ENDINGS["failed"](settled(submitted())).after.job

    assert (job.error_code, job.error_message) == ("out_of_memory", "no room")


@pytest.mark.parametrize(
    ("count", "seconds", "usd"),
    [
        (1, 3600.0, "3.500000"),
        (2, 3600.0, "7.000000"),
        (1, 0.0, "0.000000"),
        (1, 0.001, "0.000001"),
    ],
)
def test_a_cost_is_seconds_by_rate_by_gpus_to_a_millionth(
    count: int, seconds: float, usd: str
) -> None:
    job = a_job(gpu_config={"type": "A100-80GB", "count": count})

    assert stored(cost_of(job, None, seconds)) == Decimal(usd)


def test_nothing_is_settled_where_nothing_ran() -> None:
    assert settled(queued()).is_empty
    over = an_attempt(state=AttemptState.ENDED, gpu_seconds=5.0)
    assert settled(JobState(training().job, over)).is_empty
