"""Jobs: priced, created, watched, cancelled, tried again."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel, Field

from brightrun.accounts.access import owner_of
from brightrun.envelope import MAX_PAGE_SIZE, PageRequest, Pagination, Success
from brightrun.jobs.curve import thinned
from brightrun.jobs.record import EventLevel, JobEvent, JobStatus
from brightrun.jobs.requests import CloneRequest, CreateJobRequest, EstimateRequest, RetryRequest
from brightrun.jobs.stopping import request_cancel
from brightrun.jobs.view import (
    AttemptView,
    CostView,
    EstimateView,
    JobView,
    attempt_view,
    cost_view,
    job_view,
)
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import job_history
from brightrun.ports.dynamodb.costs import costs_of_job
from brightrun.ports.dynamodb.jobs import change_job, read_state
from brightrun.records import iso
from brightrun.runtime import Deps
from brightrun.training.protocol import Point
from functions.api import create_job as creation
from functions.api.estimate_job import estimated

router = Router()  # type: ignore[no-untyped-call]
JobId = Annotated[str, Path(min_length=1, max_length=64)]
IdempotencyKey = Annotated[
    str | None, Header(alias="idempotency-key", min_length=1, max_length=255)
]
_NEWEST_EVENTS = 50


class Jobs(BaseModel):
    """One page, newest first; `counts` are of all jobs, whatever is filtered."""

    jobs: tuple[JobView, ...]
    pagination: Pagination
    counts: dict[JobStatus, int]


class JobPage(BaseModel):
    """A job and all that is known of it.

    Attributes:
        metrics: in the order of steps: the newest 100, or the whole run thinned out.
        events: the newest 50, newest first; `/logs` has them all.
    """

    job: JobView
    metrics: tuple[Point, ...]
    cost_records: tuple[CostView, ...]
    attempts: tuple[AttemptView, ...]
    events: tuple[JobEvent, ...]


class Cancelled(BaseModel):
    """`cancelled`: no GPU works on it. `stopping`: it was told to, and will have stopped soon."""

    job: JobView
    outcome: Literal["cancelled", "stopping"]


class LogQuery(BaseModel):
    """Which lines; `type=attempt` keeps those whose type begins so."""

    format: Literal["json", "text"] = "json"
    order: Literal["oldest", "newest"] = "oldest"
    level: EventLevel | None = None
    type: Annotated[str, Field(max_length=100)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 100
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class Logs(BaseModel):
    """One page of a job's story; `cursor` leads on."""

    events: tuple[JobEvent, ...]
    cursor: str | None


@router.post("/api/jobs/estimate", tags=["jobs"])
def estimate_job(request: EstimateRequest) -> Success[EstimateView]:
    """Price a run without creating anything; the dataset need not be ready."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    return Success(data=estimated(deps, user_id, request))


@router.post("/api/jobs", tags=["jobs"], status_code=HTTPStatus.CREATED)
def create_job(
    request: CreateJobRequest, idempotency_key: IdempotencyKey = None
) -> Success[JobView]:
    """Create a job, queued. With an `Idempotency-Key`, asking again returns the same job."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    draft = creation.requested(deps, request)
    job = creation.create_job(deps, user_id, draft, idempotency_key)
    return Success(data=job_view(job))


@router.post("/api/jobs/<job_id>/retry", tags=["jobs"], status_code=HTTPStatus.CREATED)
def retry_job(
    job_id: JobId, request: RetryRequest | None = None, idempotency_key: IdempotencyKey = None
) -> Success[JobView]:
    """Create a new job from one that failed or was cancelled, from its last checkpoint if any."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    draft = creation.retried(deps, user_id, job_id, request or RetryRequest())
    job = creation.create_job(deps, user_id, draft, idempotency_key)
    return Success(data=job_view(job))


@router.post("/api/jobs/<job_id>/clone", tags=["jobs"], status_code=HTTPStatus.CREATED)
def clone_job(
    job_id: JobId, request: CloneRequest | None = None, idempotency_key: IdempotencyKey = None
) -> Success[JobView]:
    """Create a new job with the choices of an earlier one, whatever became of it."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    draft = creation.cloned(deps, user_id, job_id, request or CloneRequest())
    job = creation.create_job(deps, user_id, draft, idempotency_key)
    return Success(data=job_view(job))


@router.get("/api/jobs", tags=["jobs"])
def list_jobs(
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 10,
    status: Annotated[JobStatus | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Jobs]:
    """List jobs, newest first."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    asked = PageRequest(page=page, limit=limit, cursor=cursor)
    counts = job_history.counts_by_status(deps.table, user_id)
    found = job_history.list_jobs(deps.table, user_id, asked, status, counts)
    rows = tuple(job_view(job) for job in found.records)
    return Success(data=Jobs(jobs=rows, pagination=found.pagination, counts=counts))


@router.get("/api/jobs/<job_id>", tags=["jobs"])
def read_job(
    job_id: JobId, resolution: Annotated[int | None, Query(ge=1, le=2000)] = None
) -> Success[JobPage]:
    """Return one job; `resolution` asks for the whole curve in at most so many points."""
    deps: Deps = router.context["deps"]
    table = deps.table
    job = read_state(table, owner_of(router.context["principal"]), job_id).job
    if resolution is None:
        points = job_history.newest_points(table, job_id)
    else:
        points = thinned(job_history.whole_curve(table, job_id), resolution)
    newest = PageRequest(limit=_NEWEST_EVENTS)
    told = job_history.newest_events(table, job_id, newest, job_history.EventFilter())
    found = JobPage(
        job=job_view(job),
        metrics=tuple(points),
        cost_records=tuple(cost_view(cost) for cost in costs_of_job(table, job)),
        attempts=tuple(attempt_view(attempt) for attempt in job_history.attempts(table, job_id)),
        events=told.records,
    )
    return Success(data=found)


@router.post("/api/jobs/<job_id>/cancel", tags=["jobs"])
def cancel_job(job_id: JobId) -> Success[Cancelled]:
    """Record the wish to stop; `process_jobs` stops the GPU and sees that it did.

    Asking again changes nothing.
    """
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    wish = partial(request_cancel, clock=deps.clock(), by=user_id)
    job = change_job(deps.table, user_id, job_id, wish).after.job
    if not job.has_ended:
        eventbridge.announce(deps.bus, eventbridge.EventType.JOB_STOP_REQUESTED, job_id)
    outcome: Literal["cancelled", "stopping"] = "cancelled" if job.has_ended else "stopping"
    return Success(data=Cancelled(job=job_view(job), outcome=outcome))


@router.get("/api/jobs/<job_id>/logs", tags=["jobs"])
def read_logs(job_id: JobId, wanted: Annotated[LogQuery, Query()]) -> Response[Success[Logs] | str]:
    """Tell a job's story by page; `format=text` tells all of it at once."""
    deps: Deps = router.context["deps"]
    read_state(deps.table, owner_of(router.context["principal"]), job_id)
    told = job_history.EventFilter(wanted.level, wanted.type)
    if wanted.format == "text":
        return _text(deps, job_id, told)
    asked = PageRequest(limit=wanted.limit, cursor=wanted.cursor)
    tell = job_history.events if wanted.order == "oldest" else job_history.newest_events
    found = tell(deps.table, job_id, asked, told)
    logs = Logs(events=found.records, cursor=found.cursor)
    return Response(HTTPStatus.OK, "application/json", Success(data=logs))


def _text(deps: Deps, job_id: str, told: job_history.EventFilter) -> Response[Success[Logs] | str]:
    lines = [_line(event) for event in job_history.all_events(deps.table, job_id, told)]
    saved_as = {"Content-Disposition": f'attachment; filename="{job_id}.log"'}
    return Response(HTTPStatus.OK, "text/plain; charset=utf-8", "".join(lines), saved_as)


def _line(event: JobEvent) -> str:
    who = f"{event.level.upper():7} {event.actor:10}"
    return f"{iso(event.time)} {who} {event.type}: {event.message}\n"
