"""From verified files to a model, or to a visible failure after bounded tries. Pure."""

from dataclasses import replace

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.limits import Limits, backoff_seconds
from brightrun.jobs.notifications import artifact_ready
from brightrun.jobs.termination import complete, fail
from brightrun.models.record import ModelArtifact

CORRUPT = "artifact_verification_failed"
OUR_OWN = "internal_error"


def published(state: JobState, clock: Clock, model: ModelArtifact) -> Change:
    """Return the job completed with its one model; the caller has checked every file.

    Somebody slower than his lease finds the job ended, and changes nothing.
    """
    if state.job.has_ended:
        return unchanged(state)
    done = complete(unchanged(state), clock, artifact_id=model.id)
    final = done.after.job
    priced = model.model_copy(
        update={
            "job": model.job.model_copy(
                update={"completed_at": final.completed_at, "final_cost": final.final_cost}
            )
        }
    )
    return replace(done, model=priced).with_notifications(artifact_ready(clock, priced))


def not_collected(
    state: JobState, clock: Clock, limits: Limits, *, message: str, code: str = CORRUPT
) -> Change:
    """Return the job due again later, or failed when it was tried as often as it may be.

    Staging is kept for a week, so a retry by hand can collect what is there. A job that has
    ended meanwhile was collected by somebody else, who has emptied staging.
    """
    if state.job.has_ended:
        return unchanged(state)
    if state.job.tries >= limits.max_collect_failures:
        return fail(unchanged(state), clock, code=code, message=message)
    later = clock.after(backoff_seconds(state.job.tries))
    return (
        unchanged(state)
        .with_job(last_error=message, due_at=later)
        .with_events(
            job_event(clock, state.job, "collect.failed", message, level=EventLevel.WARNING)
        )
    )
