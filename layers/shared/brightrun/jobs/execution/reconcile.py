"""What a provider's and a worker's word mean together. Pure.

| RunPod says | and the worker said | then |
|---|---|---|
| queued | nothing | wait; stop it when it waits too long |
| running | nothing yet | wait for `start`, then give it up |
| running | reports | go on; silence longer than the lease means it is dead |
| running | finished | wait a moment for it to leave, then stop it |
| completed | reports | a second delivery was answered: go on while they come |
| completed, failed, timed out, cancelled, gone | succeeded | collect |
| the same | failed | failed, or the next attempt if another GPU may do better |
| the same | stopped, or nothing | ended if we ordered it; else lost: the next attempt |

The last four lines are `run_over`; where a worker may have left its word, `verdicts` says.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.elsewhere import may_go_elsewhere
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.execution.endpoint_capacity import CRASH_LOOP_SECONDS, SLOW_QUEUE_SECONDS
from brightrun.jobs.execution.next_attempt import next_attempt, unused
from brightrun.jobs.execution.observation import Observation, age_of
from brightrun.jobs.execution.provider import STOPPED, RunState
from brightrun.jobs.execution.run_over import run_is_over
from brightrun.jobs.execution.waiting import waits_too_long
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Attempt, AttemptState, Job, StopReason
from brightrun.jobs.stopping import CHECKPOINT_GRACE_SECONDS, request_stop, stop_if_over
from brightrun.jobs.termination import settle_attempt
from brightrun.training.protocol import Stage
from brightrun.work import Work

_PATIENT = frozenset({StopReason.BUDGET, StopReason.DEADLINE, StopReason.PAUSED_BY_USER})
_LEAVING_POLL_SECONDS = 2
"""A worker that has finished leaves its GPU within seconds; its owner is waiting."""
IGNORED_SECONDS = 600
IGNORED = "RunPod was told to stop the run and goes on with it; what it bills is not ours to end"


def must_stop_provider(
    state: JobState, clock: Clock, limits: Limits, listening_since: datetime | None = None
) -> bool:
    """Return whether the run should be cancelled at the provider now.

    Money, time and a pause give a worker a moment to keep its checkpoint; a cancel does not wait,
    and nothing waits for a worker that never started.
    """
    job, attempt = state.job, state.attempt
    if attempt is None or attempt.external_job_id is None:
        return False
    if job.stop is not None:
        patient = job.stop.reason in _PATIENT and attempt.started_at is not None
        waited = (clock.at - job.stop.requested_at).total_seconds()
        return not patient or waited >= CHECKPOINT_GRACE_SECONDS
    return _overdue(attempt, clock, limits, listening_since) is not None


def observe(state: JobState, clock: Clock, limits: Limits, looked: Observation) -> Change:
    """Return what follows from what was seen; it may be asked again at any time.

    Whatever follows, the provider could be asked: the tries are counted anew. Two may look at once:
    a job whose files are to be collected, that was paused or is queued again is not watched any
    more, however its attempt has ended.
    """
    attempt = state.attempt
    if state.job.has_ended or attempt is None or not state.job.waits_for(Work.WATCH):
        return unchanged(state)
    return _observed(state, attempt, clock, limits, looked).with_job(tries=0)


def _observed(
    state: JobState, attempt: Attempt, clock: Clock, limits: Limits, looked: Observation
) -> Change:
    if attempt.state is AttemptState.ENDED:
        return next_attempt(unchanged(state), clock, limits, why="the last attempt is over")
    seen = looked.seen
    if seen is None:
        return _without_a_run(state, clock, limits)
    if seen.state in STOPPED:
        return run_is_over(state, clock, limits, looked)
    if seen.state is RunState.QUEUED:
        change = _waiting(state, clock, limits, looked)
    else:
        change = _running(state, clock, limits, looked.listening_since)
    is_ignored = _is_ignored(state, clock, limits, looked.listening_since)
    return _told_of_it(change, clock) if is_ignored else change


def _without_a_run(state: JobState, clock: Clock, limits: Limits) -> Change:
    """`/run` was never answered and nobody started: the lease decides, the fence protects."""
    attempt = state.attempt
    if attempt is None or age_of(attempt, clock) < limits.submit_lease_seconds:
        return unchanged(state)
    settled = settle_attempt(unchanged(state), clock, reason="submission lost", gpu_seconds=None)
    return unused(settled, clock, limits, why="RunPod never confirmed the run")


def is_slow(attempt: Attempt, clock: Clock) -> bool:
    """Return whether the attempt has waited so long for a GPU that its owner should hear why."""
    return attempt.started_at is None and age_of(attempt, clock) >= SLOW_QUEUE_SECONDS


def _waiting(state: JobState, clock: Clock, limits: Limits, looked: Observation) -> Change:
    """In RunPod's queue: too long is given up, with the reason, or tried on another type."""
    attempt, job, why = state.attempt, state.job, looked.waiting
    # a run that had a worker and is queued again has lost it: silence ends it, and not this wait
    waited = age_of(attempt, clock) if attempt and attempt.started_at is None else 0.0
    change = unchanged(state).with_job(due_at=clock.after(limits.poll_seconds))
    if why is not None and why != job.last_error and job.stop is None:
        event = job_event(
clock, job, "queue.waiting", why, level=EventLevel.WARNING, actor="provider",
            waited_seconds=int(waited),
        )  # fmt: skip
        change = change.with_job(last_error=why).with_events(event)
    too_long = waits_too_long(state, clock, limits)
    reason = _why_give_up(job, waited, limits, crash_loop=looked.crash_loop, too_long=too_long)
    if reason is not None:
        known = change.after.job.last_error
        return request_stop(change, clock, reason, by="system", detail=known)
    return change.with_job(current_stage=Stage.QUEUED_ON_GPU)


def _why_give_up(
    job: Job, waited: float, limits: Limits, *, crash_loop: bool, too_long: bool
) -> StopReason | None:
    """Return why this wait ends: for another type, for a crash loop, or for its length."""
    if job.stop is not None:
        return None
    crashes = crash_loop and waited > CRASH_LOOP_SECONDS
    if may_go_elsewhere(job) and not too_long and (crashes or waited > limits.capacity_seconds):
        return StopReason.NO_CAPACITY
    if crashes:
        return StopReason.WORKERS_UNHEALTHY
    return StopReason.QUEUE_TIMEOUT if too_long else None


def _running(
    state: JobState, clock: Clock, limits: Limits, listening_since: datetime | None
) -> Change:
    """A GPU works on it, as far as the provider knows."""
    attempt = state.attempt
    leaving = attempt is not None and attempt.state is AttemptState.FINISHED
    look_again = _LEAVING_POLL_SECONDS if leaving else limits.poll_seconds
    change = unchanged(state).with_job(due_at=clock.after(look_again))
    if attempt is not None and attempt.seen_running_at is None:
        change = change.with_attempt(seen_running_at=clock.at)
    overdue = _overdue(attempt, clock, limits, listening_since) if attempt else None
    if overdue is not None and state.job.last_error not in {overdue, IGNORED}:
        event = job_event(
clock, state.job, "attempt.overdue", f"{overdue}; RunPod is told to stop it",
            level=EventLevel.WARNING,
        )  # fmt: skip
        return change.with_job(last_error=overdue).with_events(event)
    return stop_if_over(change, clock, limits)


def _is_ignored(
    state: JobState, clock: Clock, limits: Limits, listening_since: datetime | None
) -> bool:
    """Whether a stop was ordered long ago, the run goes on, and its owner has not been told."""
    stop, attempt = state.job.stop, state.attempt
    if state.job.last_error == IGNORED or attempt is None:
        return False
    if stop is not None:
        return (clock.at - stop.requested_at).total_seconds() > IGNORED_SECONDS
    earlier = replace(clock, at=clock.at - timedelta(seconds=IGNORED_SECONDS))
    return _overdue(attempt, earlier, limits, listening_since) is not None


def _told_of_it(change: Change, clock: Clock) -> Change:
    job = change.after.job
    event = job_event(clock, job, "stop.ignored", IGNORED, level=EventLevel.ERROR, actor="provider")
    stop = job.stop.model_copy(update={"detail": IGNORED}) if job.stop else None
    return change.with_job(stop=stop, last_error=IGNORED).with_events(event)


def _overdue(
    attempt: Attempt, clock: Clock, limits: Limits, listening_since: datetime | None
) -> str | None:
    """Return why this attempt should not hold a GPU any longer, or None.

    Silence counts from when a worker could be heard again: an outage of ours is none of its.
    """

    def since(moment: datetime) -> float:
        heard = moment if listening_since is None else max(moment, listening_since)
        return (clock.at - heard).total_seconds()

    if attempt.state is AttemptState.FINISHED and attempt.finished_at is not None:
        late = since(attempt.finished_at) > limits.finish_grace_seconds
        return "The worker has finished but holds its GPU" if late else None
    if attempt.state is AttemptState.STARTED and attempt.last_report_at is not None:
        late = since(attempt.last_report_at) > limits.heartbeat_lease_seconds
        return "No word from the worker for too long" if late else None
    if attempt.seen_running_at is not None and attempt.started_at is None:
        late = since(attempt.seen_running_at) > limits.start_lease_seconds
        return "A GPU is held, but no worker has started on it" if late else None
    return None
