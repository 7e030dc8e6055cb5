"""How long a job waits for a GPU: on every type of its order together. Pure."""

from datetime import datetime, timedelta

from brightrun.clock import Clock
from brightrun.jobs.change import JobState
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job, JobStatus


def waits_since(state: JobState) -> datetime | None:
    """Return since when no GPU works on the job; None before it waits, and once one does."""
    job, attempt = state.job, state.attempt
    if job.waiting_since is not None or attempt is None or attempt.started_at is not None:
        return job.waiting_since
    return attempt.submitted_at or attempt.created_at  # a job of an earlier version


def waits_too_long(state: JobState, clock: Clock, limits: Limits) -> bool:
    """Return whether a job has waited as long as it may, whatever it waited for."""
    since = waits_since(state)
    return since is not None and (clock.at - since).total_seconds() > limits.max_queue_seconds


def gives_up_at(state: JobState, limits: Limits) -> datetime | None:
    """Return until when a job that waits for a GPU goes on waiting; None while it does not."""
    if state.job.status not in {JobStatus.QUEUED, JobStatus.INITIALIZING}:
        return None
    since = waits_since(state)
    return None if since is None else since + timedelta(seconds=limits.max_queue_seconds)


def waits_long(job: Job, limits: Limits, *, at: datetime) -> bool:
    """Return whether half of a job's patience is gone: somebody can still do something about it."""
    if job.waiting_since is None or job.status not in {JobStatus.QUEUED, JobStatus.INITIALIZING}:
        return False
    return (at - job.waiting_since).total_seconds() > limits.max_queue_seconds / 2
