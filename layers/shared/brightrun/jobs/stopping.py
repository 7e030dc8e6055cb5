"""The one order "stop", given for seven reasons, and what it becomes. Pure.

A stop is a recorded wish. It is carried out when the GPU is known to have stopped; a worker that
finished first has finished: a late stop does not undo a success.
"""

from decimal import Decimal

from brightrun.clock import Clock
from brightrun.errors import InvalidTransition
from brightrun.jobs.bill import cost_of
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.elsewhere import go_elsewhere
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import JobStatus, StopReason, StopRequest
from brightrun.jobs.termination import cancel, fail, pause
from brightrun.money import stored

CHECKPOINT_GRACE_SECONDS = 90
"""How long a worker told to stop for money or time may take to keep its last checkpoint."""

PAUSING = frozenset({StopReason.PAUSED_BY_USER, StopReason.BUDGET})
"""What these stop goes on later, from its checkpoint."""

_WORDS = {
    StopReason.BUDGET: "The next report would pass the limit that max_cost sets",
    StopReason.DEADLINE: "The job has used all the time it may",
    StopReason.PAUSED_BY_USER: "A pause was requested",
    StopReason.WORKERS_UNHEALTHY: "The endpoint's workers end before they can take the job",
    StopReason.NO_CAPACITY: "No GPU of this type was free; the next type is tried",
    StopReason.QUEUE_TIMEOUT: "No GPU came within the longest time a job may wait",
}


def request_cancel(state: JobState, clock: Clock, *, by: str) -> Change:
    """Record a user's wish to cancel; a job that waits in our own queue is cancelled at once.

    Asking again changes nothing; a pause that is under way becomes a cancel.

    Raises:
        InvalidTransition: the job has already completed or failed.
    """
    job = state.job
    pausing = job.stop is not None and job.stop.reason is StopReason.PAUSED_BY_USER
    stopping = job.stop is not None and not pausing and not job.has_ended
    if job.status is JobStatus.CANCELLED or stopping:
        return unchanged(state)
    if job.has_ended:
        raise InvalidTransition("job", job.id, job.status, JobStatus.CANCELLED)
    if job.status in {JobStatus.QUEUED, JobStatus.PAUSED}:
        return cancel(unchanged(state), clock, by=by)
    return request_stop(unchanged(state), clock, StopReason.CANCELLED_BY_USER, by=by)


def request_stop(
    change: Change, clock: Clock, reason: StopReason, *, by: str, detail: str | None = None
) -> Change:
    """Return the change with an order to stop, due at once."""
    order = StopRequest(reason=reason, requested_by=by, requested_at=clock.at, detail=detail)
    message = _WORDS.get(reason, "A stop was requested")
    return change.with_job(stop=order, due_at=clock.at, updated_at=clock.at).with_events(
        job_event(clock, change.after.job, "job.stop_requested", message,
            level=EventLevel.WARNING, actor=by, reason=reason,
        )
    )  # fmt: skip


def stop_if_over(change: Change, clock: Clock, limits: Limits) -> Change:
    """Return the change with an order to stop if money or time would run out before the next look.

    What the GPU costs until the worker has heard it and stopped counts as spent already.
    """
    job = change.after.job
    if job.stop is not None or job.has_ended:
        return change
    if job.deadline_at is not None and clock.at >= job.deadline_at:
        return request_stop(change, clock, StopReason.DEADLINE, by="system")
    margin_seconds = limits.report_interval_seconds + CHECKPOINT_GRACE_SECONDS
    on_the_way = stored(cost_of(job, change.after.attempt, margin_seconds))
    to_come = on_the_way + job.estimated_storage_cost
    if job.max_cost is not None and job.current_cost + to_come >= job.max_cost:
        return request_stop(change, clock, StopReason.BUDGET, by="system")
    return change


def worst_case_overrun(hourly_rate_usd: Decimal, gpu_count: int, limits: Limits) -> Decimal:
    """Return the most a job may cost above `max_cost`: a report missed, and the teardown."""
    seconds = Decimal(repr(limits.report_interval_seconds)) + CHECKPOINT_GRACE_SECONDS
    return seconds / 3600 * hourly_rate_usd * gpu_count


def stopped(change: Change, clock: Clock) -> Change:
    """Return the job cancelled, paused or failed, by the reason its GPU was told to stop for."""
    order = change.after.job.stop
    if order is None:
        return change
    if order.reason is StopReason.CANCELLED_BY_USER:
        return cancel(change, clock, by=order.requested_by)
    if order.reason in PAUSING:
        return pause(change, clock, by=order.requested_by, reason=order.reason)
    if order.reason is StopReason.NO_CAPACITY:
        return go_elsewhere(change, clock)
    cause = f": {order.detail}" if order.detail else ""
    kept = "; the last checkpoint is kept" if change.after.job.checkpoint else ""
    message = f"{_WORDS[order.reason]}{cause}{kept}"
    return fail(change, clock, code=order.reason, message=message)
