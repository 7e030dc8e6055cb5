"""What a worker's word of its files changes: uploads granted, checkpoints kept. Pure.

As in `worker_messages`, only the newest attempt is heard, and every word may come twice.
"""

from brightrun.clock import Clock
from brightrun.errors import InvalidRequest
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import job_event
from brightrun.jobs.execution.late_checkpoints import require_open, with_checkpoint
from brightrun.jobs.execution.worker_messages import current_attempt
from brightrun.jobs.record import StoredCheckpoint
from brightrun.jobs.worker_bounds import granted, most_steps
from brightrun.training.protocol import CheckpointRequest, StoredFile
from brightrun.training.uploading import UploadFile

MOST_OFFERED = 4


def allowed(state: JobState, *, number: int, files: tuple[UploadFile, ...]) -> Change:
    """Count what an attempt is granted to store.

    Raises:
        Superseded: see `current_attempt`.
        InvalidRequest, TooLarge: see `worker_bounds.granted`.
    """
    attempt = current_attempt(state, number)
    return unchanged(state).with_attempt(granted_bytes=granted(attempt, files))


def checkpointed(
    state: JobState, clock: Clock, *, number: int, message: CheckpointRequest
) -> Change:
    """Record a resumable state whose files were verified; an older one changes nothing.

    Also when the run has ended meanwhile, for whatever reason: the next one goes on from it.

    Raises:
        Superseded: see `late_checkpoints.require_open`.
        InvalidRequest: the step lies beyond the plan: no later one could replace it.
    """
    require_open(state, number)
    known = state.job.checkpoint
    if message.step > most_steps(state.job):
        raise InvalidRequest({"step": ["lies beyond the job's plan"]})
    if known is not None and known.step >= message.step:
        return unchanged(state)
    stored = StoredCheckpoint(
        job_id=state.job.id,
        attempt=number,
        step=message.step,
        files=message.files,
        stored_at=clock.at,
    )
    event = job_event(
        clock, state.job, "checkpoint.stored", f"Checkpoint after step {message.step} is kept",
        actor="worker", attempt=number,
    )  # fmt: skip
    change = with_checkpoint(unchanged(state), stored).with_job(updated_at=clock.at)
    is_heard = state.attempt is not None and state.attempt.number == number
    heard = change.with_attempt(last_report_at=clock.at) if is_heard else change
    return heard.with_events(event)


def offering(
    state: JobState, clock: Clock, *, number: int, step: int, files: tuple[StoredFile, ...]
) -> Change:
    """Note the files of a checkpoint that a worker is about to store.

    Should it be cut off before it can say that they are there, storage is asked for them.

    Raises:
        Superseded: see `current_attempt`.
    """
    attempt = current_attempt(state, number)
    known = {offer.step: offer for offer in attempt.offered}
    older = {file.name: file for file in known[step].files} if step in known else {}
    now = older | {file.name: file for file in files}
    if older == now:
        return unchanged(state)
    known[step] = StoredCheckpoint(
        job_id=state.job.id,
        attempt=number,
        step=step,
        files=tuple(now.values()),
        stored_at=clock.at,
    )
    return unchanged(state).with_attempt(
        offered=tuple(known[step] for step in sorted(known)[-MOST_OFFERED:])
    )
