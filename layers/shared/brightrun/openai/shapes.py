"""The shapes of OpenAI's objects, field by field. Pure."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from brightrun.records import DeferredModel

T = TypeVar("T", bound=BaseModel)

FileStatus = Literal["uploaded", "processed", "error"]
JobState = Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"]
Level = Literal["info", "warn", "error"]


class File(DeferredModel):
    """A dataset, or the result file of a job."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: Literal["fine-tune", "fine-tune-results"]
    status: FileStatus
    status_details: str | None = None
    expires_at: int | None = None


class Upload(DeferredModel):
    """A file that comes in parts; `file` once it is whole."""

    id: str
    object: Literal["upload"] = "upload"
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: Literal["fine-tune"]
    status: Literal["pending", "completed", "cancelled", "expired"]
    file: File | None = None


class UploadPart(DeferredModel):
    """One part that has come."""

    id: str
    object: Literal["upload.part"] = "upload.part"
    created_at: int
    upload_id: str


class JobTuning(DeferredModel):
    """What is known of a job beyond OpenAI's words."""

    preset: str
    gpu: str
    gpu_count: int
    rank: int
    max_cost_usd: float | None
    estimated_cost_usd: float
    cost_usd: float
    stage: str
    progress: float
    stop_requested: str | None


class JobFailure(DeferredModel):
    """Why a job failed."""

    code: str
    message: str
    param: str | None = None


class JobHyperparameters(DeferredModel):
    """OpenAI's three numbers of a job, all resolved."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float


class SupervisedMethod(DeferredModel):
    """The one method that trains here."""

    hyperparameters: JobHyperparameters


class JobMethod(DeferredModel):
    """How a job trains."""

    type: Literal["supervised"] = "supervised"
    supervised: SupervisedMethod


class Integration(DeferredModel):
    """None is connected: a list of these is always empty."""

    type: Literal["wandb"]
    wandb: dict[str, Any]


class FineTuningJob(DeferredModel):
    """A job."""

    id: str
    object: Literal["fine_tuning.job"] = "fine_tuning.job"
    created_at: int
    finished_at: int | None
    model: str
    fine_tuned_model: str | None
    organization_id: str
    status: JobState
    training_file: str
    validation_file: str | None = None
    hyperparameters: JobHyperparameters
    trained_tokens: int | None
    result_files: list[str]
    seed: int
    error: JobFailure | None
    estimated_finish: int | None
    integrations: list[Integration] = []  # noqa: RUF012 - a model copies its defaults
    metadata: dict[str, str]
    method: JobMethod
    tuning: JobTuning


class Event(DeferredModel):
    """A line of a job's history, or one point of its curve."""

    id: str
    object: Literal["fine_tuning.job.event"] = "fine_tuning.job.event"
    created_at: int
    level: Level
    message: str
    type: Literal["message", "metrics"]
    data: dict[str, Any]


class CheckpointMetrics(DeferredModel):
    """What was measured at a step; what was not is left out."""

    step: float
    train_loss: float | None = None
    valid_loss: float | None = None
    full_valid_loss: float | None = None


class Checkpoint(DeferredModel):
    """A state of the adapter that is kept."""

    id: str
    object: Literal["fine_tuning.job.checkpoint"] = "fine_tuning.job.checkpoint"
    created_at: int
    fine_tuning_job_id: str
    fine_tuned_model_checkpoint: str
    step_number: int
    metrics: CheckpointMetrics


class Model(DeferredModel):
    """A base model of the catalogue, or a tuned one."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class WebhookEndpoint(DeferredModel):
    """An address that is told how jobs end."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    created_at: int
    updated_at: int
    name: str
    url: str
    event_types: list[str]
    signing_secret_hint: str


class WebhookEndpointWithSecret(WebhookEndpoint):
    """The same with its secret, which is shown when it is made and never again."""

    signing_secret: str


class WebhookTest(DeferredModel):
    """What an endpoint answered to a sample."""

    object: Literal["webhook_endpoint.test"] = "webhook_endpoint.test"
    webhook_endpoint_id: str
    event_type: str
    status_code: int
    success: Literal[True] = True


class EventTypes(DeferredModel):
    """What an endpoint can be told."""

    object: Literal["list"] = "list"
    data: list[str]


class DeletedFile(DeferredModel):
    """It is gone from every list."""

    id: str
    object: Literal["file"] = "file"
    deleted: Literal[True] = True


class DeletedModel(DeferredModel):
    """It is gone from every list."""

    id: str
    object: Literal["model"] = "model"
    deleted: Literal[True] = True


class DeletedWebhookEndpoint(DeferredModel):
    """It is told nothing more."""

    id: str
    object: Literal["webhook_endpoint.deleted"] = "webhook_endpoint.deleted"
    deleted: Literal[True] = True


class Listed(DeferredModel, Generic[T]):
    """One page; the next begins after `last_id`."""

    object: Literal["list"] = "list"
    data: list[T]
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None
