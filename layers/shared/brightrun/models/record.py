"""The model artifact as it is stored and shown. Pure."""

from decimal import Decimal
from enum import StrEnum

from brightrun.datasets.record import DatasetSummary, LedgerCheck
from brightrun.models.quality import Quality
from brightrun.records import Moment, Record, UserId
from brightrun.training.configuration import GpuConfig, Hyperparameters, Preset
from brightrun.training.protocol import Comparison, Sample, StoredFile


class ModelStatus(StrEnum):
    """Where a model stands in its life."""

    STORED = "stored"
    TESTING = "testing"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class TrainingSummary(Record):
    """What the run that made it did, and cost."""

    epochs_completed: float
    total_steps: int
    final_loss: float | None
    training_duration_hours: float
    total_cost: Decimal
    estimated_cost: Decimal


class Configuration(Record):
    """What it was trained with."""

    preset_id: Preset
    hyperparameters: Hyperparameters
    gpu_config: GpuConfig


class JobTimes(Record):
    """What a model remembers of its job, so that a page of models is one query."""

    id: str
    preset_id: Preset
    created_at: Moment
    queued_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    estimated_total_cost: Decimal
    final_cost: Decimal | None


class ModelArtifact(Record):
    """A published adapter: every file is in its final place and was checked there.

    Attributes:
        not_compared: why there is no comparison, in a sentence; null of an earlier version.
    """

    id: str
    user_id: UserId
    version_number: int = 1
    job_id: str
    job: JobTimes
    dataset_id: str
    dataset: DatasetSummary
    name: str
    suffix: str | None = None
    version: str = "1.0.0"
    status: ModelStatus = ModelStatus.STORED
    base_model: str
    base_model_revision: str
    quality_metrics: Quality
    comparison: Comparison | None
    not_compared: str | None = None
    samples: tuple[Sample, ...]
    training_summary: TrainingSummary
    ledger: LedgerCheck | None = None
    configuration: Configuration
    artifacts: dict[str, str]
    manifest: tuple[StoredFile, ...]
    parent_model_id: str | None = None
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None = None
