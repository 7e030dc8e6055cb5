"""How long a job waits for a GPU. Pure."""

from datetime import datetime, timedelta

from brightrun.jobs.change import JobState
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job, JobStatus


def gives_up_at(state: JobState, limits: Limits) -> datetime | None:
    """Return until when a job that waits for a GPU goes on waiting; None while it does not."""
    job, attempt = state.job, state.attempt
    patience = timedelta(seconds=limits.max_queue_seconds)
    if job.status is JobStatus.QUEUED and job.waiting_since is not None:
        return job.waiting_since + patience
    if job.status is JobStatus.INITIALIZING and attempt is not None:
        return (attempt.submitted_at or attempt.created_at) + patience
    return None


def waits_too_long(job: Job, limits: Limits, *, at: datetime) -> bool:
    """Return whether half of a job's patience is gone: somebody can still do something about it."""
    if job.waiting_since is None or job.status not in {JobStatus.QUEUED, JobStatus.INITIALIZING}:
        return False
    return (at - job.waiting_since).total_seconds() > limits.max_queue_seconds / 2
