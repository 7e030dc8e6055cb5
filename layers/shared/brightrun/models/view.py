"""A model as its owner sees it. Pure."""

import math

from brightrun.datasets.record import DatasetSummary, LedgerCheck
from brightrun.models.quality import Convergence, Quality
from brightrun.models.record import Configuration, ModelArtifact, ModelStatus
from brightrun.money import Usd
from brightrun.records import Moment, Record
from brightrun.training.configuration import GpuConfig, Hyperparameters, Preset
from brightrun.training.protocol import Comparison, Sample, StoredFile


class QualityView(Record):
    """Stars and their evidence.

    Attributes:
        perplexity: null when it was not measured, and when it is too large for a number;
            `perplexity_is_infinite` tells the two apart.
    """

    overall_score: int
    convergence_quality: Convergence
    final_training_loss: float | None
    final_validation_loss: float | None
    perplexity: float | None
    perplexity_is_infinite: bool
    loss_improvement: float | None
    points: int
    reason: str


class ModelJob(Record):
    """The job a model came from."""

    id: str
    preset_id: Preset
    hyperparameters: Hyperparameters
    gpu_config: GpuConfig
    created_at: Moment
    queued_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    estimated_total_cost: Usd
    final_cost: Usd | None


class SummaryView(Record):
    """What the run that made it did, and cost."""

    epochs_completed: float
    total_steps: int
    final_loss: float | None
    training_duration_hours: float
    total_cost: Usd
    estimated_cost: Usd


class ModelRow(Record):
    """One line of a list of models.

    Attributes:
        not_compared: why there is no comparison with the base model, in a sentence.
    """

    id: str
    user_id: str
    job_id: str
    dataset_id: str
    dataset: DatasetSummary
    job: ModelJob
    name: str
    version: str
    status: ModelStatus
    base_model: str
    base_model_revision: str
    quality_metrics: QualityView
    comparison: Comparison | None
    not_compared: str | None = None
    training_summary: SummaryView
    total_size_bytes: int
    parent_model_id: str | None
    created_at: Moment
    updated_at: Moment


class ModelDetail(ModelRow):
    """A model with its files and with what base and adapter answered.

    Attributes:
        artifacts: file name → key in the bucket; downloads are signed on request.
        manifest: every file with its size and SHA-256.
        ledger: what the run counted of its dataset's rows, compared with the validator's count.
    """

    configuration: Configuration
    samples: tuple[Sample, ...]
    ledger: LedgerCheck | None = None
    artifacts: dict[str, str]
    manifest: tuple[StoredFile, ...]


class DownloadLinks(Record):
    """Where the files can be fetched: for an hour, or until the session that signed them ends."""

    model_id: str
    model_name: str
    download_urls: dict[str, str]
    expires_at: Moment
    expires_in_seconds: int


def row_of(model: ModelArtifact) -> ModelRow:
    """Return a model as a line of a list."""
    return ModelRow.model_validate(_facts(model))


def detail_of(model: ModelArtifact) -> ModelDetail:
    """Return a model with everything that is known of it."""
    return ModelDetail.model_validate(_facts(model))


def quality_view(quality: Quality) -> QualityView:
    """Return a judgement as JSON can say it: infinity is not a JSON number."""
    infinite = quality.perplexity is not None and math.isinf(quality.perplexity)
    facts = {
        **dict(quality),
        "perplexity": None if infinite else quality.perplexity,
        "perplexity_is_infinite": infinite,
    }
    return QualityView.model_validate(facts)


def _facts(model: ModelArtifact) -> dict[str, object]:
    configured = model.configuration
    job = {
        **dict(model.job),
        "hyperparameters": configured.hyperparameters,
        "gpu_config": configured.gpu_config,
    }
    return {
        **dict(model),
        "job": job,
        "quality_metrics": quality_view(model.quality_metrics),
        "training_summary": dict(model.training_summary),
        "total_size_bytes": sum(file.size_bytes for file in model.manifest),
    }
