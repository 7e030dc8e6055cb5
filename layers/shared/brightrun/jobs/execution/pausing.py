"""Pausing a job and going on from its checkpoint. Pure.

A pause is the order "stop" with another ending: the GPU is known to have stopped, nothing is
recorded as cost yet, and the job waits for its owner. It keeps its place among the active jobs.
"""

from brightrun.clock import Clock
from brightrun.errors import InvalidRequest, InvalidTransition
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import job_event
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.limits import Limits
from brightrun.jobs.phases import entered
from brightrun.jobs.record import Job, JobStatus, StopReason
from brightrun.jobs.stopping import request_stop, worst_case_overrun
from brightrun.jobs.termination import pause
from brightrun.money import CENT, shown, stored
from brightrun.training.protocol import Stage
from brightrun.work import Work, work_of


def request_pause(state: JobState, clock: Clock, *, by: str) -> Change:
    """Record a user's wish to pause; a job that waits in our own queue is paused at once.

    Asking again changes nothing.

    Raises:
        InvalidTransition: the job has ended, or is being stopped for another reason.
    """
    job = state.job
    pausing = job.stop is not None and job.stop.reason is StopReason.PAUSED_BY_USER
    if job.status is JobStatus.PAUSED or (pausing and not job.has_ended):
        return unchanged(state)
    if job.has_ended or job.stop is not None:
        now = job.status if job.has_ended else f"{job.status} and being stopped"
        raise InvalidTransition("job", job.id, now, JobStatus.PAUSED)
    if job.status is JobStatus.QUEUED:
        return pause(unchanged(state), clock, by=by)
    if job.waits_for(Work.COLLECT):
        raise InvalidTransition("job", job.id, "trained and being published", JobStatus.PAUSED)
    return request_stop(unchanged(state), clock, StopReason.PAUSED_BY_USER, by=by)


def resume(state: JobState, clock: Clock, *, by: str, checkpoint_is_there: bool) -> Change:
    """Return a paused job queued again, due at once; its deadline moves by the time it rested.

    Asking again changes nothing. Staging forgets after a week: without its checkpoint the job
    begins anew, and its history says so.

    Raises:
        InvalidTransition: the job is not paused and was not.
    """
    job = state.job
    if job.status is not JobStatus.PAUSED:
        if job.pauses and not job.has_ended and job.stop is None:
            return unchanged(state)
        raise InvalidTransition("job", job.id, job.status, "resumed")
    kept = job.checkpoint if checkpoint_is_there else None
    where = f"after step {kept.step}" if kept else "from the beginning"
    lost = " because its checkpoint is gone" if job.checkpoint and not kept else ""
    return (
        unchanged(state)
        .with_job(
            status=advance(job, JobStatus.QUEUED, at=clock.at).status,
            current_stage=Stage.QUEUED,
            phases=entered(job, Stage.QUEUED, clock.at),
            checkpoint=kept,
            paused_at=None,
            waiting_since=clock.at,
            postponements=0,
            pause_reason=None,
            deadline_at=_moved_deadline(job, clock),
            work=work_of(Work.DISPATCH, job.id),
            due_at=clock.at,
            updated_at=clock.at,
        )
        .with_events(job_event(clock, job, "job.resumed", f"Goes on {where}{lost}", actor=by))
    )


def require_money_left(job: Job, limits: Limits) -> None:
    """Return if a job may go on without reaching `max_cost` at once.

    Raises:
        InvalidRequest: it would; how much it must be is said.
    """
    if job.max_cost is None:
        return
    least = stored(
        job.current_cost
        + job.estimated_storage_cost
        + worst_case_overrun(job.hourly_rate_usd, job.gpu_config.count, limits)
    )
    if job.max_cost <= least:
        message = f"must be above {shown(least) + CENT} for the job to go on; it has cost "
        raise InvalidRequest({"max_cost": [f"{message}{shown(job.current_cost)}"]})


def _moved_deadline(job: Job, clock: Clock) -> object:
    if job.deadline_at is None or job.paused_at is None:
        return job.deadline_at
    return job.deadline_at + (clock.at - job.paused_at)
