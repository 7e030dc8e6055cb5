"""One order, "stop": who may give it, when money and time give it, and what it becomes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from brightrun.errors import InvalidTransition
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import JobStatus, StopReason, StopRequest, StoredCheckpoint
from brightrun.jobs.stopping import (
    request_cancel,
    request_stop,
    stop_if_over,
    stopped,
    worst_case_overrun,
)
from tests.support.factories import ADA, JOB_ID, NOON
from tests.support.job_states import LIMITS, clock, queued, submitted, training

KEPT = StoredCheckpoint(job_id=JOB_ID, attempt=1, step=20, files=())


def ordered(reason: StopReason, detail: str | None = None) -> StopRequest:
    return StopRequest(reason=reason, requested_by=ADA, requested_at=NOON, detail=detail)


def test_a_cancel_of_a_running_job_is_recorded_and_due_at_once() -> None:
    change = request_cancel(training(), clock(5), by=ADA)

    job = change.after.job
    assert job.stop is not None
    assert (job.status, job.stop.reason, job.stop.requested_by) == (
        "running",
        "cancelled_by_user",
        ADA,
    )
    assert (job.due_at, change.cost) == (NOON + timedelta(seconds=5), None)


@pytest.mark.parametrize("state", [queued(), queued(status=JobStatus.PAUSED)])
def test_what_no_gpu_works_on_is_cancelled_at_once(state: JobState) -> None:
    change = request_cancel(state, clock(), by=ADA)

    assert (change.after.job.status, change.after.job.final_cost) == ("cancelled", Decimal(0))


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED])
def test_an_ended_job_cannot_be_cancelled(status: JobStatus) -> None:
    with pytest.raises(InvalidTransition):
        request_cancel(training(status=status), clock(), by=ADA)


def test_asking_twice_is_asking_once() -> None:
    asked = request_cancel(training(), clock(), by=ADA).after

    assert request_cancel(asked, clock(9), by=ADA).is_empty
    assert request_cancel(training(status=JobStatus.CANCELLED), clock(), by=ADA).is_empty


def test_a_pause_under_way_becomes_a_cancel() -> None:
    pausing = training(stop=ordered(StopReason.PAUSED_BY_USER))
    stop = request_cancel(pausing, clock(), by=ADA).after.job.stop

    assert stop is not None
    assert stop.reason is StopReason.CANCELLED_BY_USER


def test_money_stops_a_job_before_the_next_report_could_pass_its_limit() -> None:
    """Two A100 take 0.204167 USD in a report's 15 s and the 90 s of a last checkpoint."""
    below = training(max_cost=Decimal("1.00"), current_cost=Decimal("0.795832"))
    at_it = training(max_cost=Decimal("1.00"), current_cost=Decimal("0.795833"))

    assert stop_if_over(unchanged(below), clock(), LIMITS).is_empty
    stop = stop_if_over(unchanged(at_it), clock(), LIMITS).after.job.stop
    assert stop is not None
    assert stop.reason is StopReason.BUDGET


def test_time_stops_a_job_at_its_deadline() -> None:
    state = training(deadline_at=NOON + timedelta(seconds=60))

    assert stop_if_over(unchanged(state), clock(59), LIMITS).is_empty
    stop = stop_if_over(unchanged(state), clock(60), LIMITS).after.job.stop
    assert stop is not None
    assert stop.reason is StopReason.DEADLINE


@pytest.mark.parametrize(
    "known", [{"stop": ordered(StopReason.CANCELLED_BY_USER)}, {"status": JobStatus.COMPLETED}]
)
def test_what_is_stopping_or_over_is_not_stopped_again(known: dict[str, Any]) -> None:
    state = training(deadline_at=NOON, **known)

    assert stop_if_over(unchanged(state), clock(60), LIMITS).is_empty


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (StopReason.CANCELLED_BY_USER, "cancelled", None),
        (StopReason.PAUSED_BY_USER, "paused", None),
        (StopReason.BUDGET, "paused", None),
        (StopReason.DEADLINE, "failed", "deadline_exceeded"),
        (StopReason.QUEUE_TIMEOUT, "failed", "queue_timeout"),
    ],
)
def test_each_of_the_five_reasons_has_its_ending(
    reason: StopReason, status: str, code: str | None
) -> None:
    job = stopped(unchanged(training(stop=ordered(reason))), clock()).after.job

    assert (job.status, job.error_code) == (status, code)


def test_a_failure_names_the_cause_and_what_is_kept() -> None:
    state = training(stop=ordered(StopReason.QUEUE_TIMEOUT, "no capacity"), checkpoint=KEPT)
    message = stopped(unchanged(state), clock()).after.job.error_message

    assert message == (
        "No GPU came within the longest time a job may wait: no capacity;"
        " the last checkpoint is kept"
    )


def test_nobody_stops_a_job_that_nobody_ordered_to_stop() -> None:
    assert stopped(unchanged(training()), clock()).is_empty


def test_an_order_is_written_down_for_the_jobs_owner() -> None:
    change = request_stop(unchanged(submitted()), clock(), StopReason.DEADLINE, by="system")

    (event,) = change.events
    assert (event.type, event.actor, event.data) == (
        "job.stop_requested",
        "system",
        {"reason": "deadline_exceeded"},
    )


def test_the_overrun_is_a_report_missed_and_the_way_to_a_standstill() -> None:
    """105 seconds of one GPU at 3.60 an hour."""
    assert worst_case_overrun(Decimal("3.60"), 1, LIMITS) == Decimal("0.105")
