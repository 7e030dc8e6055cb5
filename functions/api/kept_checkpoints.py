"""What a job can go on from: what it knows of, and what its last worker stored without a word."""

from functools import partial

from brightrun.jobs.change import JobState
from brightrun.jobs.execution.late_checkpoints import found
from brightrun.jobs.record import Attempt, Job, StoredCheckpoint
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import change_job, read_state
from brightrun.ports.dynamodb.table import find
from brightrun.ports.s3.checkpoints import is_kept, join_left, newest_kept
from brightrun.records import UserId
from brightrun.runtime import Deps


def with_newest(deps: Deps, user_id: UserId, job_id: str) -> tuple[Job, bool]:
    """Return a job with its newest checkpoint, and whether that is still there whole.

    Raises:
        JobNotFound: no such job of this user.
    """
    state = read_state(deps.table, user_id, job_id)
    kept = _newer(deps, state, state.attempt)
    if kept is not None:
        decide = partial(found, clock=deps.clock(), kept=kept)
        state = change_job(deps.table, user_id, job_id, decide).after
    return state.job, is_kept(deps.store, state.job)


def left_by_the_last(deps: Deps, state: JobState) -> StoredCheckpoint | None:
    """Return what the attempt before the newest one stored, if the job does not know of it."""
    if state.job.attempt <= 1:
        return None
    before = find(deps.table, keys.attempt(state.job.id, state.job.attempt - 1), Attempt)
    return _newer(deps, state, before)


def _newer(deps: Deps, state: JobState, attempt: Attempt | None) -> StoredCheckpoint | None:
    known = state.job.checkpoint.step if state.job.checkpoint else 0
    if attempt is None or not any(offer.step > known for offer in attempt.offered):
        return None
    join_left(deps.store, attempt, after_step=known)
    kept = newest_kept(deps.store, attempt)
    return kept if kept is not None and kept.step > known else None
