"""Giving a queued job to a GPU: an attempt is written before the call, never after. Pure."""

from datetime import datetime
from decimal import Decimal

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.limits import Limits, backoff_seconds
from brightrun.jobs.phases import entered
from brightrun.jobs.record import Attempt, AttemptState, Job, JobStatus
from brightrun.jobs.stopping import stopped
from brightrun.jobs.termination import fail, settle_attempt
from brightrun.training.protocol import Stage
from brightrun.work import Work, work_of


def begin_attempt(
    state: JobState, clock: Clock, limits: Limits, *, endpoint_id: str, token_hash: str
) -> Change:
    """Return a queued job with its next attempt written down, fencing all earlier ones.

    It becomes due when the submission's lease ends: if neither RunPod's answer nor the worker's
    `start` came by then, that attempt is lost and the next one begins.
    """
    job = state.job
    if job.stop is not None:
        return stopped(unchanged(state), clock)
    number = job.attempt + 1
    attempt = Attempt(
        job_id=job.id,
        user_id=job.user_id,
        number=number,
        token_hash=token_hash,
        endpoint_id=endpoint_id,
        gpu_type=job.gpu_config.type,
        gpu_count=job.gpu_config.count,
        hourly_rate_usd=job.hourly_rate_usd,
        created_at=clock.at,
    )
    moved = advance(job, JobStatus.INITIALIZING, at=clock.at).model_copy(
        update={
            "attempt": number,
            "endpoint_id": endpoint_id,
            "external_job_id": None,
            "current_stage": Stage.SUBMITTING,
            "phases": entered(job, Stage.SUBMITTING, clock.at, attempt=number),
            "waiting_since": job.waiting_since or clock.at,
            "progress": 0.0,
            "work": work_of(Work.WATCH, job.id),
            "due_at": clock.after(limits.submit_lease_seconds),
        }
    )
    event = job_event(
        clock, moved, "attempt.submitting", f"Attempt {number} is sent to {endpoint_id}"
    )
    return Change(before=state, after=JobState(moved, attempt), events=(event,))


def submitted(state: JobState, clock: Clock, limits: Limits, *, run_id: str) -> Change:
    """Return the state with RunPod's id of the run; nothing if the worker was here first."""
    attempt = state.attempt
    if attempt is None or attempt.state is not AttemptState.SUBMITTING or state.job.has_ended:
        return unchanged(state)
    return (
        unchanged(state)
        .with_attempt(
            state=AttemptState.SUBMITTED, external_job_id=run_id, submitted_at=clock.at
        )
        .with_job(
            external_job_id=run_id,
            current_stage=Stage.QUEUED_ON_GPU,
            phases=entered(state.job, Stage.QUEUED_ON_GPU, clock.at),
            tries=0,
            last_error=None,
            due_at=clock.after(0 if state.job.stop else limits.poll_seconds),
            updated_at=clock.at,
        )
        .with_events(
            job_event(
clock, state.job, "attempt.submitted", "RunPod accepted the run", run_id=run_id,
                actor="provider",
            )
        )
    )  # fmt: skip


def postponed(
    state: JobState,
    clock: Clock,
    limits: Limits,
    *,
    message: str,
    code: str = "provider_unavailable",
    until: datetime | None = None,
) -> Change:
    """Return the job in our own queue again, because nothing of it has begun at RunPod.

    No attempt is used up: it is tried again, later and later, as long as a job may wait; then it
    fails by `code`.

    Args:
        until: when RunPod may be asked again, if that is known.
    """
    job, attempt = state.job, state.attempt
    if job.has_ended or job.status not in {JobStatus.QUEUED, JobStatus.INITIALIZING}:
        return unchanged(state)
    change, spared = unchanged(state), 0
    if attempt is not None and attempt.state is AttemptState.SUBMITTING:
        change, spared = settle_attempt(change, clock, reason="not sent", gpu_seconds=0.0), 1
    if job.stop is not None:
        return stopped(change, clock)
    since = job.waiting_since or clock.at
    if (clock.at - since).total_seconds() > limits.max_queue_seconds:
        return fail(change, clock, code=code, message=f"RunPod took no run for too long: {message}")
    later = clock.after(backoff_seconds(job.postponements + 1))
    return change.with_job(
        status=advance(job, JobStatus.QUEUED, at=clock.at).status,
        current_stage=Stage.QUEUED,
        phases=entered(change.after.job, Stage.QUEUED, clock.at),
        spared_attempts=job.spared_attempts + spared,
        postponements=job.postponements + 1,
        waiting_since=since,
        last_error=message,
        tries=0,
        work=work_of(Work.DISPATCH, job.id),
        due_at=until or later,
    ).with_events(
        job_event(
            clock, job, "attempt.postponed", message, level=EventLevel.WARNING, actor="provider"
        )
    )


def unsendable(state: JobState, clock: Clock, *, message: str) -> Change:
    """Return the job failed, because the request for its run is wrong: no wait makes it right."""
    attempt = state.attempt
    if attempt is None or attempt.state is not AttemptState.SUBMITTING:
        return unchanged(state)
    change = settle_attempt(unchanged(state), clock, reason="not sent", gpu_seconds=0.0)
    if state.job.stop is not None:
        return stopped(change, clock)
    return fail(change, clock, code="provider_refused", message=message)


def execution_limit_seconds(job: Job, limits: Limits) -> int:
    """Return how long RunPod lets the run go on, should the worker ignore every order to stop."""
    seconds = Decimal(limits.max_job_hours * 3600) - Decimal(repr(job.spent_gpu_seconds))
    if job.max_cost is not None:
        per_second = job.hourly_rate_usd * job.gpu_config.count / 3600
        left = job.max_cost - job.current_cost - job.estimated_storage_cost
        seconds = min(seconds, left / per_second)
    return max(60, int(seconds))
