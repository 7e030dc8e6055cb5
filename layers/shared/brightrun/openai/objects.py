"""OpenAI's objects, made of our records. Pure."""

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from brightrun.accounts import webhook_endpoints as records
from brightrun.datasets.declaration import UPLOAD_LIFE
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import Job, JobStatus
from brightrun.models.record import ModelArtifact
from brightrun.openai import ids
from brightrun.openai.mappings import (
    EVENT_LEVEL,
    FILE_STATUS,
    JOB_STATUS,
    WEBHOOK_EVENT,
    base_preset,
    hyperparameters,
)
from brightrun.openai.result_file import FILE_NAME
from brightrun.openai.shapes import (
    Checkpoint,
    CheckpointMetrics,
    Event,
    File,
    FineTuningJob,
    JobFailure,
    JobMethod,
    JobTuning,
    Listed,
    Model,
    SupervisedMethod,
    Upload,
    WebhookEndpoint,
    WebhookEndpointWithSecret,
)
from brightrun.training.catalog import TrainableModel
from brightrun.training.protocol import Point

T = TypeVar("T", bound=BaseModel)


def listed(found: list[T], ids_of_them: list[str], *, has_more: bool) -> Listed[T]:
    """Return a page with the ids that lead on from it."""
    first, last = (ids_of_them[0], ids_of_them[-1]) if ids_of_them else (None, None)
    return Listed(data=found, has_more=has_more, first_id=first, last_id=last)


def file_of(dataset: Dataset) -> File:
    """Return a dataset as a file."""
    told = dataset.error_message if dataset.status is DatasetStatus.ERROR else None
    return File(
        id=ids.FILE + ids.digits(dataset.id),
        bytes=dataset.file_size,
        created_at=_seconds(dataset.created_at),
        filename=dataset.file_name,
        purpose="fine-tune",
        status=FILE_STATUS[dataset.status],
        status_details=told,
    )


def upload_of(dataset: Dataset) -> Upload:
    """Return a dataset as the upload it comes by, or came."""
    waits = dataset.status is DatasetStatus.UPLOADING
    expired = dataset.status is DatasetStatus.ERROR and dataset.verdict is None
    return Upload(
        id=ids.UPLOAD + ids.digits(dataset.id),
        bytes=dataset.file_size,
        created_at=_seconds(dataset.created_at),
        expires_at=_seconds(dataset.created_at + UPLOAD_LIFE),
        filename=dataset.file_name,
        purpose="fine-tune",
        status="pending" if waits else "expired" if expired else "completed",
        file=None if waits or expired else file_of(dataset),
    )


def result_file_of(job: Job, size_bytes: int) -> File:
    """Return the file of a job's curve."""
    return File(
        id=ids.RESULTS + ids.digits(job.id),
        bytes=size_bytes,
        created_at=_seconds(job.completed_at or job.created_at),
        filename=FILE_NAME,
        purpose="fine-tune-results",
        status="processed",
    )


def job_of(job: Job) -> FineTuningJob:
    """Return a job in OpenAI's words."""
    numbers = hyperparameters(job)
    completed = job.status is JobStatus.COMPLETED
    expected = None if job.has_ended else job.estimated_completion_at
    return FineTuningJob(
        id=ids.JOB + ids.digits(job.id),
        created_at=_seconds(job.created_at),
        finished_at=_seconds(job.completed_at or job.updated_at) if job.has_ended else None,
        model=ids.alias_of(job.base_model),
        fine_tuned_model=ids.tuned_by(job),
        organization_id=f"org-{job.user_id}",
        status=JOB_STATUS[job.status],
        training_file=ids.FILE + ids.digits(job.dataset_id),
        hyperparameters=numbers,
        trained_tokens=job.dataset.total_tokens * job.total_epochs if completed else None,
        result_files=[ids.RESULTS + ids.digits(job.id)] if completed else [],
        seed=job.hyperparameters.seed,
        error=_failure(job),
        estimated_finish=_seconds(expected) if expected else None,
        metadata=job.labels.metadata,
        method=JobMethod(supervised=SupervisedMethod(hyperparameters=numbers)),
        tuning=_tuning(job),
    )


def _failure(job: Job) -> JobFailure | None:
    if job.status is not JobStatus.FAILED:
        return None
    return JobFailure(code=job.error_code or "failed", message=job.error_message or "It failed")


def _tuning(job: Job) -> JobTuning:
    return JobTuning(
        preset=base_preset(job),
        gpu=job.gpu_config.type,
        gpu_count=job.gpu_config.count,
        rank=job.hyperparameters.rank,
        max_cost_usd=None if job.max_cost is None else float(job.max_cost),
        estimated_cost_usd=float(job.estimated_total_cost),
        cost_usd=float(job.current_cost if job.final_cost is None else job.final_cost),
        stage=job.current_stage,
        progress=job.progress,
        stop_requested=job.stop.reason if job.stop and not job.has_ended else None,
    )


def event_of(event: JobEvent) -> Event:
    """Return a line of a job's history."""
    return Event(
        id=ids.EVENT + ids.digits(event.id),
        created_at=_seconds(event.time),
        level=EVENT_LEVEL[event.level],
        message=event.message,
        type="message",
        data={"type": event.type, **event.data},
    )


def metrics_of(point: Point, job: Job) -> Event:
    """Return a point of a job's curve as the event OpenAI makes of it."""
    loss = point.training_loss
    shown = "" if loss is None else f": training loss={loss:.2f}"
    return Event(
        id=f"{ids.EVENT}step-{point.step}",
        created_at=_seconds(point.timestamp),
        level="info",
        message=f"Step {point.step}/{job.total_steps}{shown}",
        type="metrics",
        data={"step": point.step, "total_steps": job.total_steps, **_losses(point)},
    )


def _losses(point: Point) -> dict[str, float]:
    known = {"train_loss": point.training_loss, "valid_loss": point.validation_loss}
    return {name: loss for name, loss in known.items() if loss is not None}


def checkpoint_of(job: Job, step: int, point: Point | None) -> Checkpoint:
    """Return what is kept of a job after a step, with what was measured there."""
    losses = _losses(point) if point else {}
    if "valid_loss" in losses:
        losses["full_valid_loss"] = losses["valid_loss"]
    return Checkpoint(
        id=f"{ids.CHECKPOINT}{ids.digits(job.id)}-{step}",
        created_at=_seconds(point.timestamp if point else job.updated_at),
        fine_tuning_job_id=ids.JOB + ids.digits(job.id),
        fine_tuned_model_checkpoint=ids.checkpoint_model(job, step),
        step_number=step,
        metrics=CheckpointMetrics(step=step, **losses),
    )


def model_of(model: ModelArtifact) -> Model:
    """Return a tuned model."""
    return Model(
        id=ids.model_id(model),
        created=_seconds(model.created_at),
        owned_by=f"org-{model.user_id}",
    )


def base_model_of(model: TrainableModel) -> Model:
    """Return a base model; when it came into the catalogue nobody wrote down."""
    return Model(id=ids.alias_of(model.id), created=0, owned_by=model.id.partition("/")[0])


def endpoint_of(endpoint: records.RegisteredEndpoint) -> WebhookEndpoint:
    """Return a webhook endpoint; of its secret only the end is shown."""
    return WebhookEndpoint(
        id=ids.WEBHOOK_ENDPOINT + ids.digits(endpoint.id),
        created_at=_seconds(endpoint.created_at),
        updated_at=_seconds(endpoint.updated_at),
        name=endpoint.name,
        url=endpoint.url,
        event_types=[WEBHOOK_EVENT[kind] for kind in endpoint.tells],
        signing_secret_hint=f"whsec_...{endpoint.secret[-4:]}",
    )


def endpoint_with_secret(endpoint: records.RegisteredEndpoint) -> WebhookEndpointWithSecret:
    """Return a webhook endpoint with the secret its owner is shown this once."""
    shown = endpoint_of(endpoint).model_dump()
    return WebhookEndpointWithSecret(**shown, signing_secret=endpoint.secret)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
