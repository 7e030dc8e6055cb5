"""Until when a job waits for a GPU, and when somebody should hear of it."""

from datetime import timedelta

import pytest

from brightrun.jobs.change import JobState
from brightrun.jobs.execution.waiting import gives_up_at, waits_long, waits_too_long
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import JobStatus
from tests.support.factories import NOON, a_job
from tests.support.job_states import LIMITS, clock, queued, submitted, training

PATIENCE = timedelta(seconds=LIMITS.max_queue_seconds)


@pytest.mark.parametrize(
    ("state", "since"),
    [
        (queued(waiting_since=NOON), NOON),
        (submitted(), NOON),
        (queued(), None),
        (training(), None),
    ],
)
def test_the_time_runs_from_when_it_began_to_wait(state: JobState, since: object) -> None:
    assert gives_up_at(state, LIMITS) == (None if since is None else NOON + PATIENCE)


LONG = Limits(max_queue_seconds=7200)


@pytest.mark.parametrize(("minutes", "too_long"), [(0, False), (59, False), (61, True)])
def test_half_of_a_jobs_patience_is_long(minutes: int, too_long: bool) -> None:  # noqa: FBT001 - a table of cases
    job = a_job(status=JobStatus.QUEUED, waiting_since=NOON)

    assert waits_long(job, LONG, at=NOON + timedelta(minutes=minutes)) is too_long


@pytest.mark.parametrize("status", [JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.CANCELLED])
def test_a_job_that_needs_no_gpu_waits_for_none(status: JobStatus) -> None:
    job = a_job(status=status, waiting_since=NOON)

    assert not waits_long(job, LONG, at=NOON + timedelta(days=1))


def test_a_job_that_a_worker_has_begun_waits_no_more() -> None:
    job = a_job(status=JobStatus.INITIALIZING, waiting_since=None)

    assert not waits_long(job, LONG, at=NOON + timedelta(days=1))


def test_the_time_on_an_earlier_type_counts_too() -> None:
    """A second attempt, just submitted, of a job that has waited since noon."""
    state = submitted(waiting_since=NOON - PATIENCE)

    assert waits_too_long(state, clock(1), LIMITS)
    assert not waits_too_long(submitted(waiting_since=NOON), clock(1), LIMITS)
