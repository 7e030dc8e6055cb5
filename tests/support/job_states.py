"""A job half-way through its life, as the rules see it."""

from datetime import timedelta
from itertools import count
from typing import Any

from brightrun.clock import Clock
from brightrun.jobs.change import JobState
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import AttemptState, Job, JobStatus
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import FinishRequest, RunFailure, StartRequest
from brightrun.work import Work, work_of
from tests.support.factories import JOB_ID, NOON, a_job, an_attempt

LIMITS = Limits()
HELLO = StartRequest(external_job_id="run-1", worker_id="worker-1")


def clock(seconds: float = 0.0) -> Clock:
    """So many seconds after noon."""
    numbers = count(1)
    return Clock(NOON + timedelta(seconds=seconds), lambda: f"id-{next(numbers)}")


def queued(**job: Any) -> JobState:
    """A job nobody has taken up."""
    return JobState(a_job(work=work_of(Work.DISPATCH, JOB_ID), due_at=NOON, **job))


def submitted(**job: Any) -> JobState:
    """RunPod has accepted run-1 at noon; no worker was heard yet."""
    attempt = an_attempt(state=AttemptState.SUBMITTED, external_job_id="run-1", submitted_at=NOON)
    return JobState(_active(JobStatus.INITIALIZING, **job), attempt)


def training(attempt: dict[str, Any] | None = None, **job: Any) -> JobState:
    """worker-1 has started run-1 at noon and was last heard then."""
    known: dict[str, Any] = {
        "state": AttemptState.STARTED,
        "external_job_id": "run-1",
        "worker_id": "worker-1",
        "submitted_at": NOON,
        "started_at": NOON,
        "last_report_at": NOON,
    }
    return JobState(_active(JobStatus.RUNNING, **job), an_attempt(**known | (attempt or {})))


def _active(usual: JobStatus, **job: Any) -> Job:
    known: dict[str, Any] = {
        "status": usual,
        "attempt": 1,
        "external_job_id": "run-1",
        "endpoint_id": "endpoint-a100",
        "work": work_of(Work.WATCH, JOB_ID),
        "due_at": NOON,
    }
    return a_job(**known | job)


def success(seconds: float = 100.0) -> FinishRequest:
    """A worker's word that it succeeded."""
    return FinishRequest(outcome="succeeded", execution_seconds=seconds)


def failure(code: FailureCode, seconds: float = 100.0) -> FinishRequest:
    """A worker's word that it failed."""
    error = RunFailure(code=code, message=f"because of {code}")
    return FinishRequest(outcome="failed", execution_seconds=seconds, error=error)
