"""Fine-tuning jobs: created, listed, stopped, told."""

from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.request import Request

from brightrun.errors import JobNotFound
from brightrun.jobs.creation.draft import JobDraft
from brightrun.jobs.record import Job, Labels
from brightrun.openai import ids
from brightrun.openai.job_request import FineTuningRequest
from brightrun.openai.mappings import create_request
from brightrun.openai.objects import job_of, listed
from brightrun.openai.shapes import FineTuningJob, Listed
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import read_state
from brightrun.ports.dynamodb.pagination import Seek, seek
from brightrun.records import UserId
from brightrun.runtime import Deps
from functions.api import create_job as creation
from functions.api.dependencies import Caller, Owner, Wires
from functions.api.openai.paging import After, Limit, at_most, place
from functions.api.openai.retries import IsRetry, OwnKey, Repeatable, idempotency_key
from functions.api.routes import jobs as native_jobs
from functions.api.routes import pausing

router = Router()  # type: ignore[no-untyped-call]
JobId = Annotated[str, Path(min_length=1, max_length=100)]
_USUAL = 20


def _metadata_filter(request: Request) -> dict[str, str] | None:
    """Return `metadata[k]=v` of a query; None where it asks for jobs without any."""
    asked = request.query_parameters or {}
    if asked.get("metadata") == "null":
        return None
    prefix = "metadata["
    return {
        name.removeprefix(prefix).removesuffix("]"): value
        for name, value in asked.items()
        if name.startswith(prefix)
    }


MetadataFilter = Annotated[dict[str, str] | None, Depends(_metadata_filter)]


@router.post("/v1/fine_tuning/jobs")
def create_job(
    deps: Wires,
    caller: Caller,
    user_id: Owner,
    asked: FineTuningRequest,
    is_retry: IsRetry,
    own_key: OwnKey,
) -> FineTuningJob:
    """Create a job; a client's repetition of the same call finds the job it made."""
    draft = _draft(deps, asked)
    repeatable = Repeatable(user_id, draft.asked, own_key, is_retry)
    key = idempotency_key(deps, caller, repeatable)
    return job_of(creation.create_job(deps, user_id, draft, key))


def _draft(deps: Deps, asked: FineTuningRequest) -> JobDraft:
    labels = Labels(
        suffix=asked.suffix, metadata=asked.metadata or {}, preset_id=asked.tuning.preset
    )
    draft = creation.requested(deps, create_request(asked, deps.catalog))
    return replace(draft, asked=asked.model_dump_json(exclude_unset=True), labels=labels)


@router.get("/v1/fine_tuning/jobs")
def list_jobs(
    deps: Wires,
    user_id: Owner,
    metadata: MetadataFilter,
    after: After = None,
    limit: Limit = None,
) -> Listed[FineTuningJob]:
    """List jobs, newest first; `metadata[key]=value` keeps those that carry it."""

    def wanted(job: Job) -> bool:
        has = job.labels.metadata
        return not has if metadata is None else metadata.items() <= has.items()

    asked = Seek(at_most(limit, _USUAL), place(after, ids.JOB))
    found, more = seek(deps.table, keys.jobs(user_id), Job, wanted, asked)
    jobs = [job_of(job) for job in found]
    return listed(jobs, [job.id for job in jobs], has_more=more)


@router.get("/v1/fine_tuning/jobs/<job_id>")
def read_job(deps: Wires, user_id: Owner, job_id: JobId) -> FineTuningJob:
    """Return one job."""
    return job_of(job_named(deps, user_id, job_id))


@router.post("/v1/fine_tuning/jobs/<job_id>/cancel")
def cancel_job(deps: Wires, user_id: Owner, job_id: JobId) -> FineTuningJob:
    """Cancel a job; it is `cancelled` once its GPU is known to have stopped."""
    native_jobs.cancel_job(deps, user_id, our_job_id(job_id))
    return job_of(job_named(deps, user_id, job_id))


@router.post("/v1/fine_tuning/jobs/<job_id>/pause")
def pause_job(deps: Wires, user_id: Owner, job_id: JobId) -> FineTuningJob:
    """Pause a job; it is `paused` once its checkpoint is kept."""
    pausing.pause_job(deps, user_id, our_job_id(job_id))
    return job_of(job_named(deps, user_id, job_id))


@router.post("/v1/fine_tuning/jobs/<job_id>/resume")
def resume_job(deps: Wires, user_id: Owner, job_id: JobId) -> FineTuningJob:
    """Queue a paused job again."""
    pausing.resume_job(deps, user_id, our_job_id(job_id))
    return job_of(job_named(deps, user_id, job_id))


def our_job_id(job_id: str) -> str:
    """Return our id of a job. Raises JobNotFound for what is no job's id."""
    found = ids.behind(ids.JOB, job_id)
    if found is None:
        raise JobNotFound(job_id)
    return found


def job_named(deps: Deps, user_id: UserId, job_id: str) -> Job:
    """Return the job of an id. Raises JobNotFound for what names none of this user."""
    return read_state(deps.table, user_id, our_job_id(job_id)).job
