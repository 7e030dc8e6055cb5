"""How a job ends: one status, one cost record, one notification, whatever the ending. Pure."""

from dataclasses import replace
from decimal import Decimal

from brightrun.accounts.record import CostDetails, CostRecord, CostType
from brightrun.clock import Clock
from brightrun.jobs.bill import cost_of, rate_of_bill, spent
from brightrun.jobs.change import Change
from brightrun.jobs.checkpoint_expiry import reminder
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.notifications import budget_exceeded, job_cancelled, job_completed, job_failed
from brightrun.jobs.phases import AttemptBill, billed, ended
from brightrun.jobs.record import AttemptState, Job, JobStatus, StopReason
from brightrun.jobs.worker_bounds import at_work
from brightrun.money import shown, stored
from brightrun.training.protocol import Stage

_HOUR_SECONDS = Decimal(3600)


def settle_attempt(
    change: Change, clock: Clock, *, reason: str, gpu_seconds: float | None
) -> Change:
    """Return the change with the attempt over and its GPU seconds added to the job's.

    The provider's count is taken where there is one, else the worker's own clock, which never
    goes faster than ours; an attempt that is over is not counted again.
    """
    attempt = change.after.attempt
    if attempt is None or attempt.state is AttemptState.ENDED:
        return change
    by_provider = gpu_seconds is not None
    reported = attempt.finish.execution_seconds if attempt.finish else attempt.execution_seconds
    by_worker = at_work(attempt, clock, reported)
    seconds = gpu_seconds if gpu_seconds is not None else by_worker
    job = change.after.job
    cost = cost_of(job, attempt, seconds)
    paid = spent(job) + cost
    return change.with_attempt(
        state=AttemptState.ENDED,
        ended_at=clock.at,
        end_reason=reason,
        gpu_seconds=seconds,
        gpu_seconds_source="provider" if by_provider else "worker",
    ).with_job(
        phases=billed(job, clock.at, AttemptBill(attempt.number, cost)),
        spent_gpu_seconds=job.spent_gpu_seconds + seconds,
        spent_usd=paid,
        current_cost=stored(paid),
        updated_at=clock.at,
    )


def complete(change: Change, clock: Clock, *, artifact_id: str) -> Change:
    """End the job as completed; the caller has verified every file.

    What storing the model costs is recorded with it, so that the bill has what the estimate had.
    """
    over = _with_storage(_end(change, clock, JobStatus.COMPLETED), clock)
    done = over.with_job(
        artifact_id=artifact_id, progress=100.0, current_stage=Stage.COMPLETED, error_code=None
    )
    job = done.after.job
    return done.with_events(
        job_event(clock, job, "job.completed", "Every file is verified; the model is published")
    ).with_notifications(job_completed(clock, job))


def _with_storage(change: Change, clock: Clock) -> Change:
    job = change.after.job
    storage = job.estimated_storage_cost
    if not storage:
        return change
    total = (job.final_cost or Decimal(0)) + storage
    record = CostRecord(
        id=clock.new_id(),
        user_id=job.user_id,
        job_id=job.id,
        job_name=job.name,
        dataset_name=job.dataset.name,
        job_status=job.status,
        cost_type=CostType.STORAGE,
        amount=storage,
        details=CostDetails(),
        billing_period=clock.at.strftime("%Y-%m"),
        recorded_at=clock.at,
    )
    stored_too = change.with_job(final_cost=total, current_cost=total)
    return replace(stored_too, storage_cost=record)


def fail(change: Change, clock: Clock, *, code: str, message: str) -> Change:
    """End the job as failed, with a stable code and a sentence a user can act on."""
    over = _end(change.with_job(error_code=code, error_message=message), clock, JobStatus.FAILED)
    job = over.after.job
    return (
        over.with_job(**reminder(job))
        .with_events(
            job_event(clock, job, "job.failed", message, level=EventLevel.ERROR, code=code)
        )
        .with_notifications(job_failed(clock, job))
    )


def cancel(change: Change, clock: Clock, *, by: str) -> Change:
    """End the job as cancelled; the caller knows that no GPU works on it any more."""
    over = _end(change, clock, JobStatus.CANCELLED)
    job = over.after.job
    return over.with_events(
        job_event(clock, job, "job.cancelled", "The GPU has stopped", actor=by)
    ).with_notifications(job_cancelled(clock, job, by="you" if by == job.user_id else by))


def pause(
    change: Change, clock: Clock, *, by: str, reason: StopReason = StopReason.PAUSED_BY_USER
) -> Change:
    """Pause the job: nothing is due and nothing is billed yet; the caller knows no GPU works."""
    job = change.after.job
    kept = f"step {job.checkpoint.step} is kept" if job.checkpoint else "there is no checkpoint yet"
    over_budget = reason is StopReason.BUDGET
    notifications = (budget_exceeded(clock, job),) if over_budget else ()
    why = f": max_cost of {shown(job.max_cost)} is reached" if over_budget and job.max_cost else ""
    return (
        change.with_notifications(*notifications)
        .with_job(
            status=advance(job, JobStatus.PAUSED, at=clock.at).status,
            stop=None,
            paused_at=clock.at,
            pause_reason=reason,
            phases=ended(job, clock.at),
            pauses=job.pauses + 1,
            spared_attempts=job.spared_attempts + (change.after.attempt != change.before.attempt),
            external_job_id=None,
            estimated_completion_at=None,
            tries=0,
            last_error=None,
            updated_at=clock.at,
            **reminder(job),
        )
        .with_events(
            job_event(clock, job, "job.paused", f"No GPU works on it; {kept}{why}", actor=by)
        )
    )


def _end(change: Change, clock: Clock, status: JobStatus) -> Change:
    job = advance(change.after.job, status, at=clock.at)
    final = stored(spent(job))
    job = job.model_copy(
        update={
            "completed_at": clock.at,
            "phases": ended(job, clock.at),
            "estimated_completion_at": None,
            "final_cost": final,
            "current_cost": final,
            "work": None,
            "due_at": None,
        }
    )
    after = replace(change.after, job=job)
    return replace(change, after=after, cost=_cost_record(change, job, clock))


def _cost_record(change: Change, job: Job, clock: Clock) -> CostRecord:
    attempt = change.after.attempt
    source = attempt.gpu_seconds_source if attempt else None
    count = (attempt.gpu_count if attempt else None) or job.gpu_config.count
    return CostRecord(
        id=clock.new_id(),
        user_id=job.user_id,
        job_id=job.id,
        job_name=job.name,
        dataset_name=job.dataset.name,
        job_status=job.status,
        cost_type=CostType.TRAINING_COMPUTE,
        amount=job.final_cost or Decimal(0),
        details=CostDetails(
            gpu_type=(attempt.gpu_type if attempt else None) or job.gpu_config.type,
            gpu_count=count,
            duration_hours=stored(Decimal(repr(job.spent_gpu_seconds)) / _HOUR_SECONDS),
            hourly_rate=rate_of_bill(job, count),
            attempts=job.attempt,
            seconds_source=source or "none",
        ),
        billing_period=clock.at.strftime("%Y-%m"),
        recorded_at=clock.at,
    )
