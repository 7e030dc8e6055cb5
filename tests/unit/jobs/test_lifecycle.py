"""Which status may follow which."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.errors import InvalidTransition
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.record import JobStatus
from tests.support.factories import NOON, a_job

ENDED = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}  # typed out: the oracle


@given(ended=st.sampled_from(sorted(ENDED)), asked=st.lists(st.sampled_from(JobStatus)))
def test_an_ended_job_stays_ended(ended: JobStatus, asked: list[JobStatus]) -> None:
    """Whatever is asked afterwards, in whatever order, the job is the one that ended."""
    job = a_job(status=ended)
    for status in asked:
        with suppress(InvalidTransition):
            job = advance(job, status, at=NOON)

    assert job == a_job(status=ended)


def test_a_queued_job_cannot_complete() -> None:
    with pytest.raises(InvalidTransition, match="queued and cannot become completed"):
        advance(a_job(), JobStatus.COMPLETED, at=NOON)


@pytest.mark.parametrize("status", [JobStatus.INITIALIZING, JobStatus.RUNNING])
def test_a_lost_attempt_puts_its_job_back_into_the_queue(status: JobStatus) -> None:
    job = advance(a_job(status=status), JobStatus.QUEUED, at=NOON)

    assert job.status == "queued"
