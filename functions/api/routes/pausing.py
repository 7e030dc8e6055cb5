"""Pausing a job, another budget, going on: its GPU is given back, its checkpoint is kept."""

from functools import partial
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from brightrun.envelope import Success
from brightrun.jobs.creation.requests import ChangeJobRequest
from brightrun.jobs.execution.pausing import request_pause, require_money_left, resume
from brightrun.jobs.record import Job, JobStatus
from brightrun.jobs.view import JobView, job_view
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.records import DeferredModel
from functions.api import change_job as changing
from functions.api.dependencies import Owner, Wires
from functions.api.kept_checkpoints import with_newest

router = Router()  # type: ignore[no-untyped-call]
JobId = Annotated[str, Path(min_length=1, max_length=64)]


class Paused(DeferredModel):
    """`paused`: no GPU works on it. `stopping`: it was told to, and will have stopped soon."""

    job: JobView
    outcome: Literal["paused", "stopping"]


@router.post("/api/jobs/<job_id>/pause", tags=["jobs"])
def pause_job(deps: Wires, user_id: Owner, job_id: JobId) -> Success[Paused]:
    """Pause a job; its GPU is given back once its checkpoint is kept.

    Asking again changes nothing. A checkpoint is kept for a week after it was written.
    """
    wish = partial(request_pause, clock=deps.clock(), by=user_id)
    job = change_job(deps.table, user_id, job_id, wish).after.job
    rests = job.status is JobStatus.PAUSED
    if not rests:
        eventbridge.announce(deps.bus, eventbridge.EventType.JOB_STOP_REQUESTED, job_id)
    return Success(data=Paused(job=job_view(job), outcome="paused" if rests else "stopping"))


@router.post("/api/jobs/<job_id>/resume", tags=["jobs"])
def resume_job(deps: Wires, user_id: Owner, job_id: JobId) -> Success[JobView]:
    """Queue a paused job again; it goes on after its last checkpoint."""
    known, kept = with_newest(deps, user_id, job_id)
    if known.status is JobStatus.PAUSED:
        require_money_left(known, deps.limits)
    wish = partial(resume, clock=deps.clock(), by=user_id, checkpoint_is_there=kept)
    job: Job = change_job(deps.table, user_id, job_id, wish).after.job
    eventbridge.announce(deps.bus, eventbridge.EventType.JOB_CREATED, job_id)
    return Success(data=job_view(job))


@router.patch("/api/jobs/<job_id>", tags=["jobs"])
def change_job_settings(
    deps: Wires, user_id: Owner, job_id: JobId, request: ChangeJobRequest
) -> Success[JobView]:
    """Change name or `max_cost`, also while it runs; `resume` has a paused job go on."""
    return Success(data=job_view(changing.change(deps, user_id, job_id, request)))
