"""A job as its owner sees it: its whole life and price, nothing of the machinery. Pure."""

from datetime import datetime
from typing import Literal

from brightrun.accounts.record import CostRecord, CostType
from brightrun.datasets.record import DatasetSummary
from brightrun.jobs.checkpoint_expiry import expires_at
from brightrun.jobs.failures import remedy_of
from brightrun.jobs.metrics_view import MetricsPoint, metrics_point
from brightrun.jobs.phases import seconds_of
from brightrun.jobs.record import Attempt, AttemptState, Job, JobStatus, StopReason
from brightrun.money import Usd
from brightrun.records import Moment, Record
from brightrun.training.configuration import GpuConfig, Hyperparameters, Preset
from brightrun.training.protocol import Stage

RESTING = frozenset({JobStatus.PAUSED, JobStatus.FAILED, JobStatus.CANCELLED})
"""What these have trained waits in storage for a while."""


class JobView(Record):
    """One training request; the same in a list and on its own page.

    Attributes:
        stop_requested: why it is being stopped, while its GPU is not yet known to have stopped.
        actual_over_estimate: `final_cost`, storage in it, over what was estimated; null before
            it has completed.
        earlier_cost: of the jobs it is a retry of; `linked_cost` adds its own so far.
        checkpoint_step: the step a retry would resume after.
        has_default_budget: whether `max_cost` is what nobody named: twice the high estimate.
        worst_case_usd: the most it can cost; without `max_cost`, a whole day of its GPUs.
        gives_up_at: on a job's own page: until when it goes on waiting for a GPU.
        checkpoint_expires_at: when storage forgets the checkpoint of a job that rests or failed.
        delivered_step: the step whose adapter is the model. `best_step` had the lowest held-out
            loss, `best_validation_loss`.
        pause_reason: whether its owner or its budget paused it; null while it is not.
    """

    id: str
    user_id: str
    dataset_id: str
    dataset: DatasetSummary
    preset_id: Preset
    name: str
    base_model: str
    base_model_revision: str
    hyperparameters: Hyperparameters
    gpu_config: GpuConfig
    hourly_rate_usd: Usd
    status: JobStatus
    current_stage: Stage
    progress: float
    current_epoch: float
    total_epochs: int
    current_step: int
    total_steps: int
    current_metrics: MetricsPoint | None
    queued_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    estimated_completion_at: Moment | None
    deadline_at: Moment | None
    estimated_total_cost: Usd
    estimated_cost_low: Usd
    estimated_cost_high: Usd
    current_cost: Usd
    final_cost: Usd | None
    actual_over_estimate: float | None
    max_cost: Usd | None
    has_default_budget: bool
    worst_case_usd: Usd
    error_code: str | None
    error_message: str | None
    error_remedy: str | None
    last_error: str | None
    retry_count: int
    retry_of: str | None
    cloned_from: str | None
    earlier_cost: Usd
    linked_cost: Usd
    attempt: int
    external_job_id: str | None
    endpoint_id: str | None
    artifact_id: str | None
    best_step: int | None
    best_validation_loss: float | None
    delivered_step: int | None
    stop_requested: StopReason | None
    gives_up_at: Moment | None = None
    checkpoint_expires_at: Moment | None
    paused_at: Moment | None
    pause_reason: StopReason | None
    checkpoint_step: int | None
    created_at: Moment
    updated_at: Moment


class PhaseView(Record):
    """One stretch of a job in one stage; the costs add up to what its attempts were billed.

    Attributes:
        seconds: of an open one, until now.
        cost: null where no GPU was rented, or not billed yet.
    """

    stage: Stage
    attempt: int
    started_at: Moment
    ended_at: Moment | None
    seconds: float
    cost: Usd | None


class AttemptView(Record):
    """One execution on a GPU, and what it used."""

    number: int
    state: AttemptState
    external_job_id: str | None
    worker_id: str | None
    gpu_type: str | None
    gpu_count: int | None
    hourly_rate_usd: Usd | None
    gpu_name: str | None
    image_version: str | None
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    end_reason: str | None
    resumed_from_step: int | None
    gpu_seconds: float | None
    gpu_seconds_source: Literal["provider", "worker"] | None


class CostDetailsView(Record):
    """How an amount came about; what does not belong to its type is null."""

    gpu_type: str | None = None
    gpu_count: int | None = None
    duration_hours: float | None = None
    hourly_rate: Usd | None = None
    attempts: int | None = None
    seconds_source: str | None = None


class CostView(Record):
    """What one job cost, and how that came about.

    Attributes:
        job_status: how the job ended.
        details: of a run: its GPUs, hours and rate; all null of a model's storage.
    """

    id: str
    user_id: str
    job_id: str
    job_name: str | None
    dataset_name: str | None
    job_status: str | None
    details: CostDetailsView
    cost_type: CostType
    amount: Usd
    gpu_type: str
    gpu_count: int
    duration_hours: float
    hourly_rate: Usd
    attempts: int
    billing_period: str
    recorded_at: Moment


def job_view(job: Job) -> JobView:
    """Return a job as its owner sees it."""
    stop = job.stop.reason if job.stop and not job.has_ended else None
    step = job.checkpoint.step if job.checkpoint else None
    own = job.current_cost if job.final_cost is None else job.final_cost
    seen = {
        "stop_requested": stop,
        "current_metrics": metrics_point(job.current_metrics) if job.current_metrics else None,
        "checkpoint_step": step,
        "error_remedy": remedy_of(job.error_code),
        "checkpoint_expires_at": expires_at(job) if job.status in RESTING else None,
        "linked_cost": job.earlier_cost + own,
        "actual_over_estimate": _actual_over_estimate(job),
    }
    return JobView.model_validate({**dict(job), **seen})


def _actual_over_estimate(job: Job) -> float | None:
    if job.status is not JobStatus.COMPLETED or job.final_cost is None:
        return None
    return (
        round(float(job.final_cost / job.estimated_total_cost), 4)
        if job.estimated_total_cost
        else None
    )


def phase_views(job: Job, now: datetime) -> tuple[PhaseView, ...]:
    """Return a job's stages in order, with their time and cost."""
    return tuple(
        PhaseView.model_validate({**dict(phase), "seconds": seconds_of(phase, now)})
        for phase in job.phases
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    """Return an attempt as the job's owner sees it; nothing of its token."""
    return AttemptView.model_validate(dict(attempt))


def cost_view(cost: CostRecord) -> CostView:
    """Return a cost record; what its details lack is nothing beside it: no GPU, no hours."""
    nothing = {"gpu_type": "", "gpu_count": 0, "duration_hours": 0, "hourly_rate": 0, "attempts": 0}
    known = cost.details.model_dump(exclude_none=True)
    details = dict(cost.details)
    return CostView.model_validate({**nothing, **known, **dict(cost), "details": details})
