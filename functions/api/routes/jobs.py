"""Jobs: priced, created, watched, cancelled, tried again."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from brightrun.envelope import MAX_PAGE_SIZE, PageRequest, Pagination, Success
from brightrun.jobs.creation.requests import (
    CloneRequest,
    CreateJobRequest,
    EstimatesRequest,
    RetryRequest,
)
from brightrun.jobs.record import JobStatus
from brightrun.jobs.stopping import request_cancel
from brightrun.jobs.view import (
    JobView,
    job_view,
)
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import job_history
from brightrun.ports.dynamodb.jobs import change_job, read_state
from brightrun.records import DeferredModel
from functions.api import create_job as creation
from functions.api.dependencies import Owner, Wires
from functions.api.errors import JSON
from functions.api.estimate_job import Estimates, estimates
from functions.api.job_page import CurveQuery, JobPage, LogQuery, Logs, job_page, log_page, log_text

router = Router()  # type: ignore[no-untyped-call]
JobId = Annotated[str, Path(min_length=1, max_length=64)]
IdempotencyKey = Annotated[
    str | None, Header(alias="idempotency-key", min_length=1, max_length=255)
]


class Jobs(DeferredModel):
    """One page, newest first; `counts` are of all jobs, whatever is filtered."""

    jobs: tuple[JobView, ...]
    pagination: Pagination
    counts: dict[JobStatus, int]


class Cancelled(DeferredModel):
    """`cancelled`: no GPU works on it. `stopping`: it was told to, and will have stopped soon."""

    job: JobView
    outcome: Literal["cancelled", "stopping"]


@router.post("/api/jobs/estimate", tags=["jobs"])
def estimate_job(deps: Wires, user_id: Owner, request: EstimatesRequest) -> Success[Estimates]:
    """Price a run without creating anything; the dataset need not be ready.

    With `variants`, each of them is priced too: `variants` of the answer are in the same order.
    """
    return Success(data=estimates(deps, user_id, request))


@router.post("/api/jobs", tags=["jobs"], status_code=HTTPStatus.CREATED)
def create_job(
    deps: Wires, user_id: Owner, request: CreateJobRequest, idempotency_key: IdempotencyKey = None
) -> Success[JobView]:
    """Create a job, queued. With an `Idempotency-Key`, asking again returns the same job."""
    draft = creation.requested(deps, request)
    job = creation.create_job(deps, user_id, draft, idempotency_key)
    return Success(data=job_view(job))


@router.post("/api/jobs/<job_id>/retry", tags=["jobs"], status_code=HTTPStatus.CREATED)
def retry_job(
    deps: Wires,
    user_id: Owner,
    job_id: JobId,
    request: RetryRequest | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Success[JobView]:
    """Create a new job from one that failed or was cancelled, from its last checkpoint if any."""
    draft = creation.retried(deps, user_id, job_id, request or RetryRequest())
    job = creation.create_job(deps, user_id, draft, idempotency_key)
    return Success(data=job_view(job))


@router.post("/api/jobs/<job_id>/clone", tags=["jobs"], status_code=HTTPStatus.CREATED)
def clone_job(
    deps: Wires,
    user_id: Owner,
    job_id: JobId,
    request: CloneRequest | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Success[JobView]:
    """Create a new job with the choices of an earlier one, whatever became of it."""
    draft = creation.cloned(deps, user_id, job_id, request or CloneRequest())
    job = creation.create_job(deps, user_id, draft, idempotency_key)
    return Success(data=job_view(job))


@router.get("/api/jobs", tags=["jobs"])
def list_jobs(
    deps: Wires,
    user_id: Owner,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 10,
    status: Annotated[JobStatus | None, Query()] = None,
    dataset_id: Annotated[str | None, Query(max_length=64)] = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Jobs]:
    """List jobs, newest first; `search` looks for a part of the name."""
    asked = PageRequest(page=page, limit=limit, cursor=cursor, search=search)
    counts = job_history.counts_by_status(deps.table, user_id)
    found = job_history.list_jobs(deps.table, user_id, asked, status, counts, dataset_id=dataset_id)
    rows = tuple(job_view(job) for job in found.records)
    return Success(data=Jobs(jobs=rows, pagination=found.pagination, counts=counts))


@router.get("/api/jobs/<job_id>", tags=["jobs"])
def read_job(
    deps: Wires,
    user_id: Owner,
    job_id: JobId,
    resolution: Annotated[int | None, Query(ge=1, le=2000)] = None,
    since_step: Annotated[int | None, Query(ge=0)] = None,
) -> Success[JobPage]:
    """Return one job; `resolution` asks for the whole curve in at most so many points.

    `since_step` asks for the points after a step alone: what a page that polls has not seen yet.
    """
    state = read_state(deps.table, user_id, job_id)
    return Success(data=job_page(deps, state, CurveQuery(resolution, since_step)))


@router.post("/api/jobs/<job_id>/cancel", tags=["jobs"])
def cancel_job(deps: Wires, user_id: Owner, job_id: JobId) -> Success[Cancelled]:
    """Cancel a job; its GPU is stopped within a minute, and that is verified.

    Asking again changes nothing.
    """
    wish = partial(request_cancel, clock=deps.clock(), by=user_id)
    job = change_job(deps.table, user_id, job_id, wish).after.job
    if not job.has_ended:
        eventbridge.announce(deps.bus, eventbridge.EventType.JOB_STOP_REQUESTED, job_id)
    outcome: Literal["cancelled", "stopping"] = "cancelled" if job.has_ended else "stopping"
    return Success(data=Cancelled(job=job_view(job), outcome=outcome))


@router.get("/api/jobs/<job_id>/logs", tags=["jobs"])
def read_logs(
    deps: Wires, user_id: Owner, job_id: JobId, wanted: Annotated[LogQuery, Query()]
) -> Response[Success[Logs] | str]:
    """Page through a job's events and log lines; `format=text` returns all of them at once."""
    read_state(deps.table, user_id, job_id)
    if wanted.format == "text":
        saved_as = {"Content-Disposition": f'attachment; filename="{job_id}.log"'}
        text = log_text(deps, job_id, wanted)
        return Response(HTTPStatus.OK, "text/plain; charset=utf-8", text, saved_as)
    return Response(HTTPStatus.OK, JSON, Success(data=log_page(deps, job_id, wanted)))
