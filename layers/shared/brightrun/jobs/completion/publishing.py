"""A model from a finished job: name, quality, files and what it cost. Pure."""

from collections.abc import Sequence
from datetime import datetime

from brightrun.datasets.ledger_check import ledger_check
from brightrun.datasets.record import Statistics
from brightrun.errors import ArtifactCorrupt
from brightrun.jobs.change import JobState
from brightrun.jobs.completion.fetching import left_at_addresses
from brightrun.jobs.record import Job
from brightrun.models.quality import judge
from brightrun.models.record import Configuration, JobTimes, ModelArtifact, TrainingSummary
from brightrun.money import stored
from brightrun.s3_keys import ADAPTER_FILES, missing_files, model_prefix
from brightrun.training.protocol import Point, RunSummary, StoredFile

_HOUR_SECONDS = 3600
_NOTHING_HELD_OUT = "Nothing was held out, so it was not compared with its base model."
_BY_ANOTHER_WORKER = (
    "It was made by a worker other than ours: nobody has loaded it, or compared it with its base"
    " model."
)


def declared_files(state: JobState) -> tuple[StoredFile, ...]:
    """Return the files the worker says it stored, or those fetched from where it left them.

    Raises:
        ArtifactCorrupt: it declared none, or not all that a model must have.
    """
    attempt, finish = state.attempt, state.attempt.finish if state.attempt else None
    if attempt is not None and left_at_addresses(attempt):
        manifest, missing = attempt.fetched, missing_files(attempt.fetched, ADAPTER_FILES)
    else:
        manifest = finish.manifest if finish else ()
        missing = missing_files(manifest)
    if missing:
        raise ArtifactCorrupt(f"The worker did not declare {', '.join(missing)}")
    return manifest


def model_of(
    state: JobState,
    points: Sequence[Point],
    *,
    at: datetime,
    counted: Statistics | None = None,
) -> ModelArtifact:
    """Return the model that a job's verified files make.

    Its id was reserved when the worker finished, so a second collection makes the same model.

    Args:
        counted: what the validator counted of the dataset, to be compared with the worker's count.
    """
    job = state.job
    files = declared_files(state)
    finish = state.attempt.finish if state.attempt else None
    summary = finish.summary if finish else None
    artifact_id = job.reserved_artifact_id or job.id
    prefix = model_prefix(job.user_id, artifact_id)
    return ModelArtifact(
        id=artifact_id,
        user_id=job.user_id,
        job_id=job.id,
        job=_times(job),
        dataset_id=job.dataset_id,
        dataset=job.dataset,
        name=f"{job.dataset.name} - {at.date().isoformat()}",
        suffix=job.labels.suffix,
        base_model=job.base_model,
        base_model_revision=job.base_model_revision,
        quality_metrics=judge(points),
        comparison=summary.comparison if summary else None,
        not_compared=_why_not_compared(state),
        samples=summary.samples if summary else (),
        training_summary=_summary(job, summary),
        ledger=ledger_check(counted, summary.ledger if summary else None),
        configuration=Configuration(
            preset_id=job.preset_id,
            hyperparameters=job.hyperparameters,
            gpu_config=job.gpu_config,
        ),
        artifacts={file.name: prefix + file.name for file in files},
        manifest=tuple(file.model_copy(update={"parts_sha256": None}) for file in files),
        created_at=at,
        updated_at=at,
    )


def _why_not_compared(state: JobState) -> str | None:
    """Return why nobody knows whether the model beats its base; None where it is known."""
    finish = state.attempt.finish if state.attempt else None
    if finish is not None and finish.summary is not None:
        return None if finish.summary.comparison else _NOTHING_HELD_OUT
    if left_at_addresses(state.attempt):
        return _BY_ANOTHER_WORKER
    return "Its worker did not compare it with its base model."


def _times(job: Job) -> JobTimes:
    return JobTimes(
        id=job.id,
        preset_id=job.preset_id,
        created_at=job.created_at,
        queued_at=job.queued_at,
        started_at=job.started_at,
        completed_at=job.completed_at,
        estimated_total_cost=job.estimated_total_cost,
        final_cost=job.final_cost,
    )


def _summary(job: Job, summary: RunSummary | None) -> TrainingSummary:
    return TrainingSummary(
        epochs_completed=summary.epochs_completed if summary else job.current_epoch,
        total_steps=summary.total_steps if summary else job.current_step,
        final_loss=summary.final_training_loss if summary else None,
        training_duration_hours=job.spent_gpu_seconds / _HOUR_SECONDS,
        total_cost=stored(job.current_cost + job.estimated_storage_cost),
        estimated_cost=job.estimated_total_cost,
    )
