"""What users are told, word for word (spec: section 6). Pure."""

from dataclasses import dataclass
from decimal import Decimal

from brightrun.accounts.record import Notification, NotificationType, Priority
from brightrun.clock import Clock
from brightrun.datasets.record import Dataset
from brightrun.jobs.record import Job
from brightrun.models.record import ModelArtifact
from brightrun.money import shown
from brightrun.records import UserId


@dataclass(frozen=True)
class _Said:
    kind: NotificationType
    priority: Priority
    title: str
    message: str
    action_url: str


def _note(clock: Clock, user_id: UserId, said: _Said) -> Notification:
    return Notification(
        id=clock.new_id(),
        user_id=user_id,
        type=said.kind,
        title=said.title,
        message=said.message,
        priority=said.priority,
        action_url=said.action_url,
        created_at=clock.at,
    )


def _about_job(
    clock: Clock, job: Job, kind: NotificationType, priority: Priority, title: str, message: str
) -> Notification:
    said = _Said(kind, priority, title, message, f"/training/jobs/{job.id}")
    return _note(clock, job.user_id, said)


def dataset_ready(clock: Clock, dataset: Dataset) -> Notification:
    """Name, pairs and tokens; or why a file without errors does not train."""
    verdict = dataset.verdict
    pairs = verdict.statistics.total_training_pairs if verdict else 0
    tokens = verdict.statistics.total_tokens if verdict else 0
    counted = f"{pairs:,} training pairs, {tokens:,} tokens."
    told = counted if dataset.training_ready else f"{dataset.error_message}."
    same = dataset.duplicate_of
    twin = f" It has the same content as dataset {same}." if same else ""
    message = f'"{dataset.name}" is ready: {told}{twin}'
    said = _Said(
        NotificationType.DATASET_READY, Priority.MEDIUM,
        "Dataset Ready", message, f"/datasets/{dataset.id}",
    )  # fmt: skip
    return _note(clock, dataset.user_id, said)


def dataset_failed(clock: Clock, dataset: Dataset) -> Notification:
    """Number of errors, and the first one."""
    errors = sum(dataset.verdict.error_counts.values()) if dataset.verdict else 0
    what = dataset.error_message or "it could not be validated"
    counted = f"{errors:,} error{'s' if errors != 1 else ''}; " if errors else ""
    said = _Said(
        NotificationType.DATASET_FAILED, Priority.HIGH,
        "Dataset Has Errors", f'"{dataset.name}": {counted}{what}', f"/datasets/{dataset.id}",
    )  # fmt: skip
    return _note(clock, dataset.user_id, said)


def job_queued(clock: Clock, job: Job) -> Notification:
    """It will start shortly."""
    message = f'Your training job for "{job.dataset.name}" has been queued and will start shortly'
    return _about_job(
        clock, job, NotificationType.JOB_QUEUED, Priority.LOW, "Training Job Queued", message
    )


def job_started(clock: Clock, job: Job) -> Notification:
    """On which GPUs."""
    message = f"Your training job has started on {job.gpu_config.count}x {job.gpu_config.type}"
    return _about_job(
        clock, job, NotificationType.JOB_STARTED, Priority.MEDIUM, "Training Started", message
    )


def job_completed(clock: Clock, job: Job) -> Notification:
    """The final cost."""
    message = f'"{job.name}" is complete. Final cost: {_money(job.final_cost)}'
    return _about_job(
        clock, job, NotificationType.JOB_COMPLETED, Priority.HIGH, "Training Complete", message
    )


def job_failed(clock: Clock, job: Job) -> Notification:
    """The reason, and what it cost."""
    message = f'"{job.name}" failed: {job.error_message}. It cost {_money(job.final_cost)}'
    return _about_job(
        clock, job, NotificationType.JOB_FAILED, Priority.HIGH, "Training Failed", message
    )


def job_cancelled(clock: Clock, job: Job, *, by: str) -> Notification:
    """Who or what stopped it, and what it cost."""
    message = f'"{job.name}" was cancelled by {by}. It cost {_money(job.final_cost)}'
    return _about_job(
        clock, job, NotificationType.JOB_CANCELLED, Priority.MEDIUM, "Job Cancelled", message
    )


def budget_exceeded(clock: Clock, job: Job) -> Notification:
    """Spent against the limit."""
    message = (
        f'"{job.name}" was stopped at {_money(job.current_cost)} of {_money(job.max_cost)}; '
        "its last checkpoint is kept"
    )
    said = _Said(
        NotificationType.BUDGET_EXCEEDED, Priority.HIGH,
        "Budget Exceeded", message, "/costs",
    )  # fmt: skip
    return _note(clock, job.user_id, said)


def budget_warning(
    clock: Clock, user_id: UserId, *, spent: Decimal, limit: Decimal
) -> Notification:
    """Spent against the limit of the month."""
    percent = int(spent * 100 / limit)
    message = (
        f"{_money(spent)} of {_money(limit)} are spent this month ({percent} %); "
        "at 100 % no new job starts"
    )
    said = _Said(
        NotificationType.BUDGET_WARNING, Priority.HIGH, "Budget Warning", message, "/costs"
    )  # fmt: skip
    return _note(clock, user_id, said)


def artifact_ready(clock: Clock, model: ModelArtifact) -> Notification:
    """The stars."""
    score = model.quality_metrics.overall_score
    said = _Said(
        NotificationType.ARTIFACT_READY, Priority.HIGH,
        "Model Ready for Download",
        f"Your trained model is ready. Quality score: {score}/5 stars", f"/models/{model.id}",
    )  # fmt: skip
    return _note(clock, model.user_id, said)


def _money(amount: Decimal | None) -> str:
    return "nothing" if amount is None else f"${shown(amount):,.2f}"
