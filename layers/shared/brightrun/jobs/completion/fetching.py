"""Files that a worker other than ours left at addresses, on their way into staging. Pure.

A pass that brings at least one more part is no failed try, however it ended; one that brings
nothing is. All passes together have their time.
"""

from datetime import timedelta

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.record import Attempt, FetchedParts
from brightrun.jobs.stopping import stopped
from brightrun.jobs.termination import fail
from brightrun.jobs.worker_bounds import MODEL_FILES
from brightrun.s3_keys import LARGEST_ARTIFACT_BYTES, TERMINAL
from brightrun.training.protocol import StoredFile
from brightrun.work import Work

UNREACHABLE = "artifact_download_failed"
LONGEST = timedelta(hours=2)
"""From the end of the run on; signed addresses live an hour, or a few."""


def left_at_addresses(attempt: Attempt | None) -> dict[str, str]:
    """Return file name → address of all that the worker left so; nothing of one that uploads."""
    return attempt.finish.download_urls if attempt and attempt.finish else {}


def to_fetch(attempt: Attempt | None) -> dict[str, str]:
    """Return what is still to be fetched: files that a model may have, in the worker's order."""
    there = {file.name for file in attempt.fetched} if attempt else set()
    return {
        name: url
        for name, url in left_at_addresses(attempt).items()
        if name in MODEL_FILES - {TERMINAL} and name not in there
    }


def most_bytes(attempt: Attempt) -> int:
    """Return how large the next file may be: all of a model together are bounded."""
    return LARGEST_ARTIFACT_BYTES - sum(file.size_bytes for file in attempt.fetched)


def _is_wanted(state: JobState) -> bool:
    """Somebody slower than his lease finds that others have gone on."""
    return state.attempt is not None and state.job.waits_for(Work.COLLECT)


def begun(state: JobState, parts: FetchedParts) -> Change:
    """Return the state with an upload in parts written down, so that another pass can go on."""
    return unchanged(state).with_attempt(fetching=parts) if _is_wanted(state) else unchanged(state)


def arrived(state: JobState, clock: Clock, file: StoredFile) -> Change:
    """Return the state with one more file in staging, its size and SHA-256 now known."""
    if not _is_wanted(state) or state.attempt is None:
        return unchanged(state)
    message = f"{file.name} came from its address: {file.size_bytes} bytes, SHA-256 {file.sha256}"
    event = job_event(clock, state.job, "artifact.fetched", message, attempt=state.attempt.number)
    return (
        unchanged(state)
        .with_attempt(fetched=(*state.attempt.fetched, file), fetching=None)
        .with_job(tries=0)
        .with_events(event)
    )


def goes_on(state: JobState, clock: Clock) -> Change:
    """Return the job due again at once: all files have come, and moving them takes a pass."""
    if not _is_wanted(state):
        return unchanged(state)
    return unchanged(state).with_job(tries=0, due_at=clock.at)


def moved_on(state: JobState, clock: Clock, *, parts: int, why: str) -> Change:
    """Return the job due again at once, because more has come; or ended, by its owner or by time.

    Nobody waits two hours for a model that is not wanted any more.
    """
    attempt = state.attempt
    if not _is_wanted(state) or attempt is None or attempt.fetching is None:
        return unchanged(state)
    if state.job.stop is not None:
        return stopped(unchanged(state), clock)
    name = attempt.fetching.name
    if clock.at - (attempt.ended_at or clock.at) > LONGEST:
        message = f"{name} did not come within {LONGEST.total_seconds() / 3600:.0f} hours: {why}"
        return fail(unchanged(state), clock, code=UNREACHABLE, message=message)
    more = attempt.fetching.model_copy(update={"most_parts": parts})
    event = job_event(
        clock, state.job, "artifact.coming", f"{name}: {parts} parts have come; {why}",
        level=EventLevel.INFO, attempt=attempt.number,
    )  # fmt: skip
    due = {"tries": 0, "due_at": clock.at, "last_error": None}
    return unchanged(state).with_attempt(fetching=more).with_job(**due).with_events(event)
