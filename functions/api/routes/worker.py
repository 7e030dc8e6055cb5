"""The worker protocol's edge: a stranger with a ticket for one attempt of one job.

The ticket's own job and attempt must be those of the path. Every call may come twice.
"""

from collections.abc import Callable

from aws_lambda_powertools.event_handler.api_gateway import Router

from brightrun.accounts.record import Principal
from brightrun.envelope import Success
from brightrun.errors import Superseded
from brightrun.jobs import worker_messages
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.record import Job, StoredCheckpoint
from brightrun.money import price_usd_per_second
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb.jobs import change_job, read_state
from brightrun.ports.s3 import objects, staging
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.s3_keys import dataset_object_name, staged
from brightrun.training.protocol import (
    BaseModelRef,
    Checkpoint,
    CheckpointRequest,
    Download,
    FinishAnswer,
    FinishRequest,
    ReportAnswer,
    ReportRequest,
    StartAnswer,
    StartRequest,
    TrainingSpec,
)
from brightrun.training.uploading import (
    CompleteRequest,
    UploadFile,
    UploadsAnswer,
    UploadsRequest,
)

router = Router()  # type: ignore[no-untyped-call]
_PREFIX = "/worker/v1/jobs/<job_id>/attempts/<attempt>"


def _owner(job_id: str, attempt: int) -> UserId:
    """Return whose job the ticket is for. Raises Superseded when it is for another attempt."""
    caller: Principal = router.context["principal"]
    if caller.user_id is None or (caller.job_id, caller.attempt) != (job_id, attempt):
        raise Superseded("this token is not for that attempt")
    return caller.user_id


def _heard(job_id: str, attempt: int, decide: Callable[[JobState], Change]) -> Change:
    deps: Deps = router.context["deps"]
    return change_job(deps.table, _owner(job_id, attempt), job_id, decide)


@router.post(f"{_PREFIX}/start", tags=["worker"])
def start(job_id: str, attempt: int, said: StartRequest) -> Success[StartAnswer]:
    """Let exactly one run of this attempt in, and tell it what to train."""
    deps: Deps = router.context["deps"]
    change = _heard(
        job_id,
        attempt,
        lambda state: worker_messages.started(
            state, deps.clock(), deps.limits, number=attempt, said=said
        ),
    )
    eventbridge.announce(deps.bus, eventbridge.EventType.ATTEMPT_STARTED, job_id)
    return Success(data=_what_to_train(deps, change.after.job))


def _what_to_train(deps: Deps, job: Job) -> StartAnswer:
    return StartAnswer(
        dataset=_dataset(deps, job),
        spec=TrainingSpec(
            job_id=job.id,
            base_model=BaseModelRef(id=job.base_model, revision=job.base_model_revision),
            hyperparameters=job.hyperparameters,
            over_length=job.over_length,
            gpu_count=job.gpu_config.count,
        ),
        resume_from=_resumable(deps, job.checkpoint) if job.checkpoint else None,
        deadline=job.deadline_at or deps.clock().after(deps.limits.max_job_hours * 3600),
        price_usd_per_second=price_usd_per_second(job.hourly_rate_usd, job.gpu_config.count),
        report_interval_seconds=deps.limits.report_interval_seconds,
    )


def _dataset(deps: Deps, job: Job) -> Download:
    """Signed now, because a URL signed by a role dies with the role's session."""
    return Download(
        name=dataset_object_name(job.dataset_path),
        size_bytes=job.dataset_size_bytes,
        sha256=job.dataset_sha256,
        url=objects.sign_download(deps.store, job.dataset_path),
    )


def _resumable(deps: Deps, kept: StoredCheckpoint) -> Checkpoint:
    prefix = staged(kept.job_id, kept.attempt, checkpoint_step=kept.step)
    return Checkpoint(
        step=kept.step,
        files=tuple(
            Download(
                name=file.name,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                url=objects.sign_download(deps.store, prefix + file.name),
            )
            for file in kept.files
        ),
    )


@router.post(f"{_PREFIX}/dataset", tags=["worker"])
def dataset(job_id: str, attempt: int) -> Success[Download]:
    """Return a fresh URL for the dataset."""
    deps: Deps = router.context["deps"]
    state = read_state(deps.table, _owner(job_id, attempt), job_id)
    worker_messages.current_attempt(state, attempt)
    return Success(data=_dataset(deps, state.job))


@router.post(f"{_PREFIX}/report", tags=["worker"])
def report(job_id: str, attempt: int, said: ReportRequest) -> Success[ReportAnswer]:
    """Record what happened, and tell the worker to go on or to stop."""
    deps: Deps = router.context["deps"]
    change = _heard(
        job_id,
        attempt,
        lambda state: worker_messages.reported(
            state, deps.clock(), deps.limits, number=attempt, said=said
        ),
    )
    return Success(data=worker_messages.answer_to_report(change.after))


@router.post(f"{_PREFIX}/uploads", tags=["worker"])
def uploads(job_id: str, attempt: int, said: UploadsRequest) -> Success[UploadsAnswer]:
    """Allow files into this attempt's own part of staging, bound to size and SHA-256."""
    deps: Deps = router.context["deps"]
    state = read_state(deps.table, _owner(job_id, attempt), job_id)
    worker_messages.current_attempt(state, attempt)
    allowed = tuple(
        staging.grant(deps.store, _place(job_id, attempt, file), file) for file in said.files
    )
    return Success(data=UploadsAnswer(uploads=allowed))


@router.post(f"{_PREFIX}/complete", tags=["worker"])
def complete(job_id: str, attempt: int, said: CompleteRequest) -> Success[FinishAnswer]:
    """Join a file whose parts have come; saying it again finds it joined."""
    deps: Deps = router.context["deps"]
    state = read_state(deps.table, _owner(job_id, attempt), job_id)
    worker_messages.current_attempt(state, attempt)
    staging.join(deps.store, _place(job_id, attempt, said), said)
    return Success(data=FinishAnswer())


def _place(job_id: str, attempt: int, file: UploadFile) -> str:
    step = file.step if file.kind == "checkpoint" else None
    return staged(job_id, attempt, checkpoint_step=step) + file.name


@router.post(f"{_PREFIX}/checkpoint", tags=["worker"])
def checkpoint(job_id: str, attempt: int, said: CheckpointRequest) -> Success[FinishAnswer]:
    """Keep a checkpoint, once each of its files is known to be there as declared."""
    deps: Deps = router.context["deps"]
    _owner(job_id, attempt)
    prefix = staged(job_id, attempt, checkpoint_step=said.step)
    for file in said.files:
        objects.check_object(deps.store, prefix + file.name, file)
    _heard(
        job_id,
        attempt,
        lambda state: worker_messages.checkpointed(state, deps.clock(), number=attempt, said=said),
    )
    return Success(data=FinishAnswer())


@router.post(f"{_PREFIX}/finish", tags=["worker"])
def finish(job_id: str, attempt: int, said: FinishRequest) -> Success[FinishAnswer]:
    """Record the worker's verdict; RunPod's own word and the files decide what it is worth."""
    deps: Deps = router.context["deps"]
    _heard(
        job_id,
        attempt,
        lambda state: worker_messages.finished(state, deps.clock(), number=attempt, said=said),
    )
    eventbridge.announce(deps.bus, eventbridge.EventType.ATTEMPT_FINISHED, job_id)
    return Success(data=FinishAnswer())
