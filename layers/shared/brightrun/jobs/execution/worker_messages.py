"""What a worker's word changes: start, report, finish. Pure.

Only the newest attempt of a job that has not ended is heard; everybody else is `Superseded`.
Every word may come twice.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from brightrun.clock import Clock
from brightrun.errors import Superseded
from brightrun.jobs.bill import cost_of, running, spent
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import EventLevel, JobEvent, job_event
from brightrun.jobs.execution.late_checkpoints import with_found
from brightrun.jobs.execution.metrics import best_of, last_known
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.limits import Limits
from brightrun.jobs.notifications import job_started
from brightrun.jobs.phases import entered
from brightrun.jobs.record import Attempt, AttemptState, Job, JobStatus, StoredCheckpoint
from brightrun.jobs.stopping import stop_if_over
from brightrun.jobs.worker_bounds import at_work, paced, within_bounds
from brightrun.money import stored
from brightrun.training.protocol import (
    FinishRequest,
    ReportAnswer,
    ReportRequest,
    Stage,
    StartRequest,
)


def current_attempt(state: JobState, number: int) -> Attempt:
    """Return the attempt that may speak.

    Raises:
        Superseded: the job has ended, or another attempt owns it, or this one is over.
    """
    attempt = state.attempt
    if state.job.has_ended or attempt is None or attempt.number != number:
        raise Superseded(f"attempt {number} no longer owns job {state.job.id}")
    if attempt.state is AttemptState.ENDED:
        raise Superseded(f"attempt {number} of job {state.job.id} is over")
    return attempt


def started(
    state: JobState,
    clock: Clock,
    limits: Limits,
    *,
    number: int,
    message: StartRequest,
    kept: StoredCheckpoint | None = None,
) -> Change:
    """Grant the attempt to exactly one run and worker; the same one asking again is let in.

    Args:
        kept: what the attempt before stored, found just now.

    Raises:
        Superseded: another run or worker has it, the attempt is over, or a stop was ordered.
    """
    attempt = current_attempt(state, number)
    if attempt.external_job_id not in {None, message.external_job_id}:
        raise Superseded(f"attempt {number} belongs to run {attempt.external_job_id}")
    if attempt.state in {AttemptState.STARTED, AttemptState.FINISHED}:
        if attempt.worker_id != message.worker_id or attempt.state is AttemptState.FINISHED:
            raise Superseded(f"attempt {number} was already started by {attempt.worker_id}")
        return unchanged(state)
    if state.job.stop is not None:
        raise Superseded(f"job {state.job.id} is being stopped")
    return _let_in(with_found(unchanged(state), clock, kept), clock, limits, message)


def _let_in(known: Change, clock: Clock, limits: Limits, message: StartRequest) -> Change:
    job = advance(known.after.job, JobStatus.RUNNING, at=clock.at)
    first = job.started_at is None
    count = running(job.gpu_config.count, message.gpu_count)
    deadline = job.deadline_at or clock.at + timedelta(hours=limits.max_job_hours)
    change = known.with_attempt(
        state=AttemptState.STARTED,
        external_job_id=message.external_job_id,
        worker_id=message.worker_id,
        gpu_count=count,
        gpu_name=message.gpu_name,
        gpu_memory_gb=message.gpu_memory_gb,
        image_version=message.image_version,
        started_at=clock.at,
        last_report_at=clock.at,
        resumed_from_step=job.checkpoint.step if job.checkpoint else None,
    ).with_job(
        status=job.status,
        external_job_id=message.external_job_id,
        started_at=job.started_at or clock.at,
        deadline_at=deadline,
        current_stage=Stage.DOWNLOADING_DATASET,
        phases=entered(job, Stage.DOWNLOADING_DATASET, clock.at),
        tries=0,
        waiting_since=None,
        postponements=0,
        last_error=None,
        due_at=clock.after(limits.poll_seconds),
        updated_at=clock.at,
    )
    with_event = change.with_events(
        job_event(
clock, job, "attempt.started", f"Worker {message.worker_id} has started", actor="worker",
            gpu=message.gpu_name, image=message.image_version,
        )
    )  # fmt: skip
    return (
        with_event.with_notifications(job_started(clock, change.after.job, gpu_count=count))
        if first
        else with_event
    )


def reported(
    state: JobState, clock: Clock, limits: Limits, *, number: int, message: ReportRequest
) -> Change:
    """Record progress, points and log lines; an older or repeated report changes no progress.

    Raises:
        Superseded: see `current_attempt`; or the attempt never started.
        RateLimited, InvalidRequest: see `worker_bounds`.
    """
    attempt = current_attempt(state, number)
    if attempt.state is AttemptState.SUBMITTED or attempt.state is AttemptState.SUBMITTING:
        raise Superseded(f"attempt {number} has not started")
    if message.sequence <= attempt.sequence or attempt.state is AttemptState.FINISHED:
        return unchanged(state)
    used_until = paced(attempt, clock, limits)
    message = within_bounds(state.job, attempt, clock, message)
    seconds = max(message.execution_seconds, attempt.execution_seconds)
    change = (
        unchanged(state)
        .with_attempt(
            sequence=message.sequence,
            last_report_at=clock.at,
            execution_seconds=seconds,
            reports_used_until=used_until,
            lines_reported=attempt.lines_reported + len(message.lines),
            points_reported=attempt.points_reported + len(message.points),
        )
        .with_job(
            current_stage=message.stage,
            phases=entered(state.job, message.stage, clock.at),
            progress=max(message.progress_percent, state.job.progress),
            current_step=message.step,
            total_steps=message.total_steps or state.job.total_steps,
            current_epoch=message.epoch,
            current_metrics=last_known(state.job.current_metrics, message.points),
            **best_of(state.job, message.points),
            current_cost=stored(spent(state.job) + cost_of(state.job, attempt, seconds)),
            estimated_completion_at=_eta(clock, message),
            due_at=_next_look(state, clock, limits),
            updated_at=clock.at,
        )
        .with_events(
            *_events(clock, state.job, message, changed=state.job.current_stage != message.stage)
        )
    )
    return stop_if_over(replace(change, points=message.points), clock, limits)


def _eta(clock: Clock, message: ReportRequest) -> datetime | None:
    return None if message.eta_seconds is None else clock.after(message.eta_seconds)


def _next_look(state: JobState, clock: Clock, limits: Limits) -> datetime | None:
    """A worker that reports needs no poll: look again when reports would be missing.

    What is far enough away stays: another time is another place in the work index, and costs twice
    what the same place does.
    """
    job, two_reports = state.job, 2 * limits.report_interval_seconds
    if job.stop is not None:
        return job.due_at
    if job.due_at is not None and job.due_at > clock.after(two_reports):
        return job.due_at
    return clock.after(two_reports + limits.poll_seconds)


def _events(
    clock: Clock, job: Job, message: ReportRequest, *, changed: bool
) -> tuple[JobEvent, ...]:
    lines = tuple(
        job_event(
            clock, job, "trainer.log", line.message, level=EventLevel(line.level), actor="worker"
        ).model_copy(update={"time": line.time})
        for line in message.lines
    )
    if not changed:
        return lines
    stage = job_event(
        clock,
        job,
        "job.stage",
        f"Now {message.stage.replace('_', ' ')}",
        actor="worker",
        stage=message.stage,
        attempt=job.attempt,
    )
    return (stage, *lines)


def answer_to_report(state: JobState) -> ReportAnswer:
    """Return what the worker is told to do: go on, or stop and why."""
    stop = state.job.stop
    if stop is None:
        return ReportAnswer(action="continue")
    return ReportAnswer(action="stop", reason=stop.reason)


def hinted(state: JobState, clock: Clock, *, number: int) -> Change:
    """Return the job due now, because RunPod's webhook says that its run has ended.

    A hint from a stranger: nothing of it is believed, the provider is asked. Hints about an
    attempt that is over change nothing.
    """
    job, attempt = state.job, state.attempt
    if attempt is None or attempt.number != number or attempt.state is AttemptState.ENDED:
        return unchanged(state)
    if job.due_at is None or job.due_at <= clock.at:
        return unchanged(state)
    return unchanged(state).with_job(due_at=clock.at)


def finished(state: JobState, clock: Clock, *, number: int, message: FinishRequest) -> Change:
    """Record the worker's verdict; `reconcile` decides what it means once RunPod agrees.

    Raises:
        Superseded: see `current_attempt`; or the attempt never started.
    """
    attempt = current_attempt(state, number)
    if attempt.state is AttemptState.FINISHED:
        return unchanged(state)
    if attempt.state is not AttemptState.STARTED:
        raise Superseded(f"attempt {number} has not started")
    what = (
        message.outcome if message.error is None else f"{message.outcome}: {message.error.message}"
    )
    return (
        unchanged(state)
        .with_attempt(
            state=AttemptState.FINISHED,
            finish=message,
            finished_at=clock.at,
            last_report_at=clock.at,
            execution_seconds=at_work(attempt, clock, message.execution_seconds),
        )
        .with_job(due_at=clock.at, updated_at=clock.at)
        .with_events(
            job_event(clock, state.job, "attempt.finished", f"The worker {what}", actor="worker")
        )
    )
