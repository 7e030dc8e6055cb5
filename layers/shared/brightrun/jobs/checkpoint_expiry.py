"""How long a checkpoint is kept, and the word to its owner a day before. Pure."""

from datetime import datetime, timedelta

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.notifications import checkpoint_expiring
from brightrun.jobs.record import Job
from brightrun.work import Work, work_of

KEPT = timedelta(days=7)
"""As the lifecycle rule of the bucket's `staging/` has it."""
_BEFORE = timedelta(days=1)


def expires_at(job: Job) -> datetime | None:
    """Return when storage forgets the job's checkpoint; None without one, or once it trains on."""
    kept = job.checkpoint
    return kept.stored_at + KEPT if kept is not None and kept.stored_at is not None else None


def reminder(job: Job) -> dict[str, object]:
    """Return the fields that have a job looked at a day before its checkpoint goes."""
    last = expires_at(job)
    if last is None:
        return {"work": None, "due_at": None}
    return {"work": work_of(Work.REMIND, job.id), "due_at": last - _BEFORE}


def reminded(state: JobState, clock: Clock) -> Change:
    """Return the job waiting for nothing more, its owner told; safe to repeat: it is told once."""
    job = state.job
    if not job.waits_for(Work.REMIND) or job.checkpoint is None:
        return unchanged(state)
    notification = checkpoint_expiring(clock, job, step=job.checkpoint.step)
    done = unchanged(state).with_job(work=None, due_at=None, tries=0)
    return done.with_notifications(notification)
