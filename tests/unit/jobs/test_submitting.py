"""A queued job goes to a GPU: fenced before the call, bounded in time, refused in words."""

from datetime import timedelta
from decimal import Decimal

import pytest

from brightrun.jobs.change import JobState
from brightrun.jobs.execution.submitting import (
    begin_attempt,
    execution_limit_seconds,
    postponed,
    submitted,
)
from brightrun.jobs.record import AttemptState, JobStatus, StopReason, StopRequest
from brightrun.work import Work
from tests.support.factories import ADA, NOON, a_job, an_attempt
from tests.support.job_states import LIMITS, clock, queued, training

CANCEL = StopRequest(reason=StopReason.CANCELLED_BY_USER, requested_by=ADA, requested_at=NOON)


def begun(state: JobState) -> JobState:
    change = begin_attempt(state, clock(), LIMITS, endpoint_id="endpoint-a100", token_hash="x")
    return change.after


def test_an_attempt_is_written_down_and_looked_at_when_its_lease_ends() -> None:
    state = begun(queued())

    job, attempt = state.job, state.attempt
    assert attempt is not None
    assert (attempt.number, attempt.state, attempt.token_hash) == (1, "submitting", "x")
    assert (job.status, job.attempt, job.external_job_id) == ("initializing", 1, None)
    assert job.waits_for(Work.WATCH)
    assert job.due_at == NOON + timedelta(seconds=LIMITS.submit_lease_seconds)


def test_a_job_that_was_cancelled_meanwhile_is_not_sent() -> None:
    state = begun(queued(stop=CANCEL))

    assert (state.job.status, state.attempt) == ("cancelled", None)


def test_an_accepted_run_is_known_by_its_id_and_its_tries_are_counted_anew() -> None:
    state = begun(queued(tries=4, last_error="busy"))
    job = submitted(state, clock(2), LIMITS, run_id="run-1").after.job

    assert (job.external_job_id, job.tries, job.last_error) == ("run-1", 0, None)
    assert job.due_at == NOON + timedelta(seconds=2 + LIMITS.poll_seconds)


def test_a_run_that_is_to_stop_is_looked_at_at_once() -> None:
    state = begun(queued())
    stopping = JobState(state.job.model_copy(update={"stop": CANCEL}), state.attempt)

    assert submitted(stopping, clock(2), LIMITS, run_id="r").after.job.due_at == clock(2).at


@pytest.mark.parametrize("known", [AttemptState.STARTED, AttemptState.ENDED])
def test_an_answer_that_comes_after_the_worker_changes_nothing(known: AttemptState) -> None:
    state = training(attempt={"state": known})

    assert submitted(state, clock(), LIMITS, run_id="run-2").is_empty
    assert postponed(state, clock(), LIMITS, message="late").is_empty


def test_what_never_began_is_no_attempt_and_is_tried_later_and_later() -> None:
    waits = []
    for times in (0, 1, 2, 9):
        state = JobState(begun(queued(postponements=times)).job, an_attempt())
        job = postponed(state, clock(), LIMITS, message="busy").after.job
        assert (job.status, job.tries, job.spared_attempts) == ("queued", 0, 1)
        assert (job.attempt, job.last_error, job.waits_for(Work.DISPATCH)) == (1, "busy", True)
        assert job.due_at is not None
        waits.append((job.due_at - NOON).total_seconds())

    assert waits == [15, 30, 60, 900]


def test_a_provider_that_says_when_it_may_be_asked_is_asked_then() -> None:
    state = JobState(begun(queued()).job, an_attempt())
    job = postponed(state, clock(), LIMITS, message="no money", until=clock(300).at).after.job

    assert job.due_at == clock(300).at


@pytest.mark.parametrize("code", ["provider_unavailable", "provider_refused"])
def test_after_the_longest_wait_it_fails_for_nothing_and_by_its_reason(code: str) -> None:
    state = JobState(begun(queued(waiting_since=NOON)).job, an_attempt())
    late = clock(LIMITS.max_queue_seconds + 1)
    job = postponed(state, late, LIMITS, message="no", code=code).after.job

    assert (job.status, job.error_code, job.final_cost) == ("failed", code, Decimal(0))
    assert (job.error_message or "").endswith("too long: no")


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        ({}, 24 * 3600),
        ({"spent_gpu_seconds": 3600.0}, 23 * 3600),
        ({"max_cost": Decimal("7.00")}, 3600),
        ({"max_cost": Decimal("7.00"), "current_cost": Decimal("3.50")}, 1800),
        ({"max_cost": Decimal("0.01")}, 60),
    ],
)
def test_runpod_ends_a_run_that_ignores_every_order_by_deadline_or_money(
    job: dict[str, object], seconds: int
) -> None:
    assert execution_limit_seconds(a_job(status=JobStatus.QUEUED, **job), LIMITS) == seconds


def test_the_next_attempt_fences_the_last() -> None:
    change = begin_attempt(
        queued(attempt=1), clock(), LIMITS, endpoint_id="endpoint-a100", token_hash="x"
    )

    assert change.after.job.attempt == 2
    assert change.after.attempt is not None
    assert (change.after.attempt.number, change.after.attempt.state) == (2, "submitting")
