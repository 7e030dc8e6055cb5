"""What owners of jobs and models are told, word for word (spec: section 6). Pure."""

from brightrun.accounts.notifications import Sentence, in_dollars, notification
from brightrun.accounts.record import Notification, NotificationType, Priority
from brightrun.clock import Clock
from brightrun.jobs.record import Job, StopReason
from brightrun.models.record import ModelArtifact


def _about_job(
    clock: Clock, job: Job, kind: NotificationType, priority: Priority, title: str, message: str
) -> Notification:
    page = f"/training/jobs/{job.id}"
    sentence = Sentence(kind, priority, title, message, page, _facts_of(job))
    return notification(clock, job.user_id, sentence)


def _facts_of(job: Job) -> dict[str, str]:
    known = {"artifact_id": job.artifact_id} if job.artifact_id else {}
    return {"job_id": job.id, "dataset_name": job.dataset.name, **known}


def job_queued(clock: Clock, job: Job) -> Notification:
    """It will start shortly."""
    message = f'Your training job for "{job.dataset.name}" has been queued and will start shortly'
    return _about_job(
        clock, job, NotificationType.JOB_QUEUED, Priority.LOW, "Training Job Queued", message
    )


def job_started(clock: Clock, job: Job, *, gpu_count: int) -> Notification:
    """On which GPUs."""
    message = f"Your training job has started on {gpu_count}x {job.gpu_config.type}"
    return _about_job(
        clock, job, NotificationType.JOB_STARTED, Priority.MEDIUM, "Training Started", message
    )


def job_completed(clock: Clock, job: Job) -> Notification:
    """The final cost."""
    message = f'"{job.name}" is complete. Final cost: {in_dollars(job.final_cost)}'
    return _about_job(
        clock, job, NotificationType.JOB_COMPLETED, Priority.HIGH, "Training Complete", message
    )


def job_failed(clock: Clock, job: Job) -> Notification:
    """The reason, and what it cost, as far as that is known."""
    message = f'"{job.name}" failed: {job.error_message}. {_what_it_cost(job)}'
    return _about_job(
        clock, job, NotificationType.JOB_FAILED, Priority.HIGH, "Training Failed", message
    )


def _what_it_cost(job: Job) -> str:
    """RunPod counts no seconds of workers that end before they take a job, and may bill them."""
    if not job.final_cost and job.error_code == StopReason.WORKERS_UNHEALTHY:
        return "No GPU seconds were counted; what RunPod bills for workers that start is not known"
    return f"It cost {in_dollars(job.final_cost)}"


def job_cancelled(clock: Clock, job: Job, *, by: str) -> Notification:
    """Who or what stopped it, and what it cost."""
    message = f'"{job.name}" was cancelled by {by}. It cost {in_dollars(job.final_cost)}'
    return _about_job(
        clock, job, NotificationType.JOB_CANCELLED, Priority.MEDIUM, "Job Cancelled", message
    )


def budget_exceeded(clock: Clock, job: Job) -> Notification:
    """Spent against the limit."""
    message = (
        f'"{job.name}" was paused at {in_dollars(job.current_cost)} '
        f"of {in_dollars(job.max_cost)}; its last checkpoint is kept: raise max_cost to go on"
    )
    sentence = Sentence(
        NotificationType.BUDGET_EXCEEDED, Priority.HIGH,
        "Budget Exceeded", message, f"/training/jobs/{job.id}", _facts_of(job),
    )  # fmt: skip
    return notification(clock, job.user_id, sentence)


def checkpoint_expiring(clock: Clock, job: Job, *, step: int) -> Notification:
    """Which job, and what will be lost."""
    message = (
        f'The checkpoint of "{job.name}" after step {step} is kept until tomorrow; without it '
        "the job would begin anew. Go on with it, or let it go"
    )
    return _about_job(
        clock, job, NotificationType.CHECKPOINT_EXPIRING, Priority.HIGH,
        "Checkpoint Expires Tomorrow", message,
    )  # fmt: skip


def artifact_ready(clock: Clock, model: ModelArtifact) -> Notification:
    """The stars."""
    score = model.quality_metrics.overall_score
    sentence = Sentence(
        NotificationType.ARTIFACT_READY, Priority.HIGH,
        "Model Ready for Download",
        f"Your trained model is ready. Quality score: {score}/5 stars", f"/models/{model.id}",
        {"job_id": model.job_id, "dataset_name": model.dataset.name, "artifact_id": model.id},
    )  # fmt: skip
    return notification(clock, model.user_id, sentence)
