"""What follows a lost or failed attempt: the next one, or the end of the job. Pure."""

from datetime import datetime

from brightrun.clock import Clock
from brightrun.jobs.change import Change
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.limits import Limits, backoff_seconds
from brightrun.jobs.phases import entered
from brightrun.jobs.record import JobStatus
from brightrun.jobs.stopping import stopped
from brightrun.jobs.termination import fail
from brightrun.training.failure_codes import RETRIABLE, UNFIT_WORKER
from brightrun.training.protocol import FinishRequest, Stage
from brightrun.work import Work, work_of

MOST_UNFIT_WORKERS = 6
"""Workers without the GPUs that were ordered that cost a job no attempt; then they do."""


def next_attempt(
    change: Change,
    clock: Clock,
    limits: Limits,
    *,
    why: str,
    code: str = "attempts_exhausted",
    waiting_since: datetime | None = None,
) -> Change:
    """Return the job to the queue with its last checkpoint, or fail it: all attempts are used.

    Args:
        waiting_since: since when it has waited for a GPU; None: one has worked on it until now.
    """
    job = change.after.job
    if job.stop is not None:
        return stopped(change, clock)
    if job.attempt - job.spared_attempts >= limits.max_attempts:
        message = f"All {limits.max_attempts} attempts were lost. The last: {why}"
        return fail(change, clock, code=code, message=message)
    queued = advance(job, JobStatus.QUEUED, at=clock.at)
    resume = f"after step {job.checkpoint.step}" if job.checkpoint else "from the beginning"
    return change.with_job(
        status=queued.status,
        current_stage=Stage.QUEUED,
        phases=entered(job, Stage.QUEUED, clock.at),
        retry_count=job.retry_count + 1,
        waiting_since=waiting_since or clock.at,
        last_error=why,
        external_job_id=None,
        estimated_completion_at=None,
        work=work_of(Work.DISPATCH, job.id),
        due_at=clock.after(backoff_seconds(job.retry_count + 1) if job.retry_count else 0),
    ).with_events(
        job_event(clock, job, "attempt.lost", f"{why}. The next attempt goes on {resume}",
            level=EventLevel.WARNING, attempt=job.attempt,
        )
    )  # fmt: skip


def unused(change: Change, clock: Clock, limits: Limits, *, why: str) -> Change:
    """Return the job to the queue without counting an attempt no GPU worked on, for so long."""
    job = change.after.job
    since = job.waiting_since or clock.at
    if job.stop is None and (clock.at - since).total_seconds() > limits.max_queue_seconds:
        message = f"No GPU took the job for too long. The last: {why}"
        return fail(change, clock, code="provider_unavailable", message=message)
    spared = change.with_job(spared_attempts=job.spared_attempts + 1)
    return next_attempt(spared, clock, limits, why=why, waiting_since=since)


def after_failure(change: Change, clock: Clock, limits: Limits, verdict: FinishRequest) -> Change:
    """Return what follows a verdict of failure: another try where one may help, or the end."""
    error = verdict.error
    if error is None:
        return change
    if error.code in UNFIT_WORKER:
        change = _spared(change)
    if error.code in RETRIABLE:
        return next_attempt(change, clock, limits, why=error.message, code=error.code)
    return fail(change, clock, code=error.code, message=error.message)


def _spared(change: Change) -> Change:
    """Leave an attempt uncounted that met an unfit machine; bounded, or it would go on for ever."""
    job = change.after.job
    if job.spared_attempts - job.pauses >= MOST_UNFIT_WORKERS:
        return change
    return change.with_job(spared_attempts=job.spared_attempts + 1)
