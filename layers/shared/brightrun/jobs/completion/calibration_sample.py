"""What one completed job teaches the next estimate. Pure."""

from decimal import Decimal

from brightrun.jobs.record import Job
from brightrun.training.calibration import RunSample
from brightrun.training.protocol import RunSummary


def sample_of(job: Job, summary: RunSummary | None) -> RunSample | None:
    """Return what a completed job teaches; None where it would teach nothing right.

    A run that was interrupted or resumed says little about a whole one.
    """
    if summary is None or job.attempt != 1 or summary.resumed_from_step is not None:
        return None
    tokens = job.dataset.total_tokens * summary.epochs_completed
    if tokens <= 0 or summary.training_seconds <= 0 or job.estimated_total_cost <= 0:
        return None
    return RunSample(
        job_id=job.id,
        base_model=job.base_model,
        gpu_type=job.gpu_config.type,
        gpu_count=job.gpu_config.count,
        tokens=tokens,
        training_seconds=summary.training_seconds,
        overhead_seconds=max(0.0, job.spent_gpu_seconds - summary.training_seconds),
        estimated_low_usd=job.estimated_cost_low,
        estimated_usd=job.estimated_total_cost,
        estimated_high_usd=job.estimated_cost_high,
        actual_usd=job.final_cost or Decimal(0),
        finished_at=job.completed_at or job.updated_at,
    )
