"""Checkpoints that were stored and of which the job does not know yet: told late, or found. Pure.

Every checkpoint that was stored counts: a worker may be cut off before it can say so, and what it
says may come when its run has ended already.
"""

from brightrun.clock import Clock
from brightrun.errors import Superseded
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.checkpoint_expiry import reminder
from brightrun.jobs.events import job_event
from brightrun.jobs.record import AttemptState, JobStatus, StoredCheckpoint

_NOT_LET_IN = frozenset({AttemptState.SUBMITTING, AttemptState.SUBMITTED})
_REMINDED = frozenset({JobStatus.FAILED, JobStatus.PAUSED})


def require_open(state: JobState, number: int) -> None:
    """Return if a checkpoint of this attempt may still be told of, also when its run is over.

    Raises:
        Superseded: a newer worker was let in, or there is a model: nothing would go on from it.
    """
    job, newest = state.job, state.attempt
    is_newest = number == job.attempt
    before_next = number == job.attempt - 1 and newest is not None and newest.state in _NOT_LET_IN
    if job.status is JobStatus.COMPLETED or not (is_newest or before_next):
        raise Superseded(f"attempt {number} no longer owns job {job.id}")


def with_found(change: Change, clock: Clock, kept: StoredCheckpoint | None) -> Change:
    """Return the change with a checkpoint that was stored whole and that nobody had told of."""
    known = change.after.job.checkpoint
    if kept is None or (known is not None and known.step >= kept.step):
        return change
    message = f"Checkpoint after step {kept.step} was found in storage and is kept"
    event = job_event(clock, change.after.job, "checkpoint.found", message, attempt=kept.attempt)
    return with_checkpoint(change, kept).with_events(event)


def with_checkpoint(change: Change, kept: StoredCheckpoint) -> Change:
    """Return the change with a newer checkpoint; the owner of a job at rest hears of its end."""
    after = change.with_job(checkpoint=kept)
    job = after.after.job
    return after.with_job(**reminder(job)) if job.status in _REMINDED else after


def found(state: JobState, clock: Clock, *, kept: StoredCheckpoint) -> Change:
    """Return a job at rest with what storage has of its last attempt."""
    if state.job.status is JobStatus.COMPLETED:
        return unchanged(state)
    return with_found(unchanged(state), clock, kept)
