"""The job, its attempts, and what is told of them. Pure."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field

from brightrun.datasets.record import DatasetSummary
from brightrun.records import Moment, Record, UserId
from brightrun.training.configuration import GpuConfig, Hyperparameters, OverLength, Preset
from brightrun.training.protocol import FinishRequest, Point, Stage, StoredFile
from brightrun.work import WorkItem


class JobStatus(StrEnum):
    """Where a job stands; `brightrun.jobs.lifecycle.NEXT` says what may follow."""

    QUEUED = "queued"
    INITIALIZING = "initializing"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
"""A job in one of these never changes its status again."""


class StopReason(StrEnum):
    """Why a GPU is told to stop."""

    CANCELLED_BY_USER = "cancelled_by_user"
    PAUSED_BY_USER = "paused_by_user"
    BUDGET = "budget_exceeded"
    DEADLINE = "deadline_exceeded"
    QUEUE_TIMEOUT = "queue_timeout"
    WORKERS_UNHEALTHY = "workers_unhealthy"
    NO_CAPACITY = "no_capacity"


class StopRequest(Record):
    """A recorded order to stop; it is carried out when the GPU is known to have stopped.

    Attributes:
        detail: what was known of the cause when it was ordered, in words.
    """

    reason: StopReason
    requested_by: str
    requested_at: Moment
    detail: str | None = None


class StoredCheckpoint(Record):
    """The newest resumable state; of an earlier job when this one is its retry."""

    job_id: str
    attempt: int
    step: int
    files: tuple[StoredFile, ...]
    stored_at: Moment | None = None


class Phase(Record):
    """One stretch of a job's life in one stage.

    Attributes:
        cost: in USD: its share of what its attempt was billed; null until that is known, and of a
            stretch in which no GPU was rented.
    """

    stage: Stage
    attempt: int
    started_at: Moment
    ended_at: Moment | None = None
    cost: Decimal | None = None


class TypePrice(Record):
    """What a job would cost on another GPU type of its order, in USD, frozen at creation."""

    total: Decimal
    low: Decimal
    high: Decimal
    default_budget: Decimal


class Labels(Record):
    """What the owner's client wrote on a job; nothing is decided by it.

    Attributes:
        suffix: part of its model's name, where that has one.
        preset_id: what was named, also where numbers of it were changed.
    """

    suffix: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    preset_id: Preset | None = None


class Job(WorkItem):
    """One training request.

    Attributes:
        gpu_config: what it runs on now; where that had no capacity, the next of the order.
        hourly_rate_usd: price of one GPU for one hour, frozen at creation; so are the
            `alternative_rates`, by type.
        worst_case_usd: the most it can cost; counted as committed until it has ended.
        spent_gpu_seconds: of attempts that have ended, as the provider counted them.
        spent_usd: what those cost, each at its own price; see `brightrun.jobs.bill`.
        earlier_cost: what the jobs it is a retry of have cost, all the way back.
        paused_at: since when it is paused; null while it is not.
        pause_reason: who or what paused it; null while it is not.
        pauses: how often it was paused.
        has_default_budget: whether `max_cost` is what nobody named.
        waiting_since: since when it waits for a GPU; null while one works on it.
        postponements: how often in a row RunPod could not be given it.
        spared_attempts: attempts that were paused or refused, not lost; they use none up.
        best_step: the step with the lowest held-out loss so far.
        delivered_step: the step whose adapter the worker delivered.
        reserved_artifact_id: the id its model will have; `artifact_id` once it exists.
    """

    id: str
    user_id: UserId
    dataset_id: str
    dataset: DatasetSummary
    dataset_path: str
    dataset_sha256: str
    dataset_version_id: str | None = None
    dataset_etag: str | None = None
    dataset_size_bytes: int
    preset_id: Preset
    name: str
    base_model: str
    base_model_revision: str
    hyperparameters: Hyperparameters
    over_length: OverLength = OverLength.REJECT
    gpu_config: GpuConfig
    hourly_rate_usd: Decimal
    alternative_rates: dict[str, Decimal] = Field(default_factory=dict)
    alternative_prices: dict[str, TypePrice] = Field(default_factory=dict)
    status: JobStatus = JobStatus.QUEUED
    current_stage: Stage = Stage.QUEUED
    phases: tuple[Phase, ...] = ()
    progress: float = 0.0
    current_epoch: float = 0.0
    total_epochs: int
    current_step: int = 0
    total_steps: int = 0
    current_metrics: Point | None = None
    best_step: int | None = None
    best_validation_loss: float | None = None
    delivered_step: int | None = None
    queued_at: Moment
    started_at: Moment | None = None
    completed_at: Moment | None = None
    estimated_completion_at: Moment | None = None
    deadline_at: Moment | None = None
    estimated_total_cost: Decimal
    estimated_cost_low: Decimal
    estimated_cost_high: Decimal
    estimated_storage_cost: Decimal = Decimal(0)
    current_cost: Decimal = Decimal(0)
    final_cost: Decimal | None = None
    max_cost: Decimal | None = None
    has_default_budget: bool = False
    worst_case_usd: Decimal = Decimal(0)
    spent_gpu_seconds: float = 0.0
    spent_usd: Decimal | None = None
    error_code: str | None = None
    error_message: str | None = None
    retry_count: int = 0
    retry_of: str | None = None
    cloned_from: str | None = None
    earlier_cost: Decimal = Decimal(0)
    attempt: int = 0
    external_job_id: str | None = None
    endpoint_id: str | None = None
    reserved_artifact_id: str | None = None
    artifact_id: str | None = None
    checkpoint: StoredCheckpoint | None = None
    stop: StopRequest | None = None
    paused_at: Moment | None = None
    pause_reason: StopReason | None = None
    pauses: int = 0
    waiting_since: Moment | None = None
    postponements: int = 0
    spared_attempts: int = 0
    last_error: str | None = None
    idempotency_key: str | None = None
    labels: Labels = Labels()
    created_at: Moment
    updated_at: Moment

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change its status any more."""
        return self.status in ENDED


class FetchedParts(Record):
    """A file on its way from a worker's address into staging, in parts.

    Attributes:
        etag: names the content that these parts are of; null where the server names none.
        most_parts: how many had come at best; a pass that brings no more is a failed one.
    """

    name: str
    upload_id: str
    size_bytes: int | None = None
    etag: str | None = None
    most_parts: int = 0


class AttemptState(StrEnum):
    """One execution on a GPU: asked for, accepted, at work, has said its last word, over."""

    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    STARTED = "started"
    FINISHED = "finished"
    ENDED = "ended"


class Attempt(WorkItem):
    """One execution of a job on a GPU, numbered from 1; only the newest may act.

    Attributes:
        token_hash: SHA-256 of the one token this attempt's worker holds.
        offered: checkpoints its worker asked to store, the newest last; whether they came is for
            storage to say.
        gpu_count: how many GPUs it runs on: what was ordered, until its worker says that it has
            fewer. With `hourly_rate_usd` of one, that is its price.
        execution_seconds: the worker's own clock, for running cost.
        resumed_from_step: the step its worker was told to go on after; null: from the beginning.
        fetched: files that came from the addresses its worker gave; `fetching` is on its way.
        gpu_seconds: the final count; `gpu_seconds_source` says whose.
        reports_used_until: its reports so far, as time: each takes a third of the interval.
    """

    job_id: str
    user_id: UserId
    number: int
    token_hash: str
    endpoint_id: str
    state: AttemptState = AttemptState.SUBMITTING
    external_job_id: str | None = None
    worker_id: str | None = None
    gpu_type: str | None = None
    gpu_count: int | None = None
    hourly_rate_usd: Decimal | None = None
    gpu_name: str | None = None
    gpu_memory_gb: float | None = None
    image_version: str | None = None
    created_at: Moment
    submitted_at: Moment | None = None
    seen_running_at: Moment | None = None
    started_at: Moment | None = None
    last_report_at: Moment | None = None
    finished_at: Moment | None = None
    ended_at: Moment | None = None
    resumed_from_step: int | None = None
    sequence: int = -1
    lines_reported: int = 0
    points_reported: int = 0
    granted_bytes: int = 0
    reports_used_until: Moment | None = None
    offered: tuple[StoredCheckpoint, ...] = ()
    execution_seconds: float = 0.0
    finish: FinishRequest | None = None
    fetched: tuple[StoredFile, ...] = ()
    fetching: FetchedParts | None = None
    gpu_seconds: float | None = None
    gpu_seconds_source: Literal["provider", "worker"] | None = None
    end_reason: str | None = None
