"""What follows when RunPod cannot be asked, or a step of our own breaks. Pure."""

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.execution.observation import Observation, age_of
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.execution.reconcile import observe
from brightrun.jobs.execution.waiting import waits_too_long
from brightrun.jobs.limits import Limits, backoff_seconds
from brightrun.jobs.record import JobStatus, StopReason
from brightrun.jobs.stopping import request_stop, stop_if_over
from brightrun.jobs.termination import fail


def outlived_its_run(state: JobState, clock: Clock, limits: Limits) -> bool:
    """Return whether RunPod has removed the newest attempt's run by now, by its `ttl`."""
    attempt = state.attempt
    return attempt is not None and age_of(attempt, clock) > limits.run_ttl_seconds


def provider_failed(state: JobState, clock: Clock, limits: Limits, *, message: str) -> Change:
    """Note that RunPod could not be asked; ask again later, without end only while it may run.

    RunPod removes a run when its `ttl` is over, so after that it is known to be gone unseen.
    """
    attempt = state.attempt
    if outlived_its_run(state, clock, limits):
        return observe(state, clock, limits, Observation(ProviderRun(RunState.GONE, error=message)))
    change = unchanged(state).with_job(
        last_error=message,
        due_at=clock.after(backoff_seconds(state.job.tries)),
        updated_at=clock.at,
    )
    event = job_event(
        clock,
        state.job,
        "provider.unavailable",
        message,
        level=EventLevel.WARNING,
        actor="provider",
    )
    waiting = attempt is not None and attempt.started_at is None and state.job.stop is None
    if waiting and waits_too_long(state, clock, limits):
        order = StopReason.QUEUE_TIMEOUT
        return request_stop(
            change.with_events(event), clock, order, by="system", detail=message
        ).with_job(due_at=change.after.job.due_at)
    return stop_if_over(change.with_events(event), clock, limits)


def step_failed(state: JobState, clock: Clock, limits: Limits, *, message: str) -> Change:
    """Note that a step broke for a reason of our own; a queued job fails after bounded tries.

    One that may hold a GPU is looked at again for as long as its run can exist.
    """
    job = state.job
    if job.has_ended:
        return unchanged(state)
    if job.status is not JobStatus.QUEUED:
        return provider_failed(state, clock, limits, message=message)
    if job.tries >= limits.max_provider_failures:
        return fail(unchanged(state), clock, code="internal_error", message=message)
    event = job_event(clock, job, "step.broke", message, level=EventLevel.ERROR)
    later = clock.after(backoff_seconds(job.tries))
    return unchanged(state).with_job(last_error=message, due_at=later).with_events(event)
