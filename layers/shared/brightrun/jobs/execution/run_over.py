"""What follows when no GPU works on a run any more: files, the next attempt, or an end. Pure."""

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.events import job_event
from brightrun.jobs.execution.late_checkpoints import with_found
from brightrun.jobs.execution.next_attempt import after_failure, next_attempt, unused
from brightrun.jobs.execution.observation import Observation
from brightrun.jobs.execution.orphans import to_confirm
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.execution.verdicts import left_where_it_lies, verdict_of
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Attempt, AttemptState
from brightrun.jobs.stopping import PAUSING, stop_if_over, stopped
from brightrun.jobs.termination import settle_attempt
from brightrun.training.protocol import Stage
from brightrun.work import Work, work_of


def run_is_over(state: JobState, clock: Clock, limits: Limits, looked: Observation) -> Change:
    """Return what follows: the worker's verdict decides, wherever it was left."""
    attempt, seen = state.attempt, looked.seen
    if attempt is None or seen is None:
        return unchanged(state)
    verdict = verdict_of(state.job, attempt, looked.terminal, seen)
    change = with_found(unchanged(state), clock, looked.kept)
    if verdict is None and _is_answered_by_another(state, clock, limits, seen):
        waiting = change.with_job(due_at=clock.after(limits.poll_seconds))
        return stop_if_over(waiting, clock, limits)
    if verdict is not None and verdict != attempt.finish:
        change = change.with_attempt(finish=verdict, finished_at=attempt.finished_at or clock.at)
    why = seen.error or f"RunPod says {seen.state}"
    settled = settle_attempt(change, clock, reason=why, gpu_seconds=seen.gpu_seconds)
    if seen.state is RunState.GONE:
        settled = settled.with_attempt(**to_confirm(attempt, clock))
    if verdict is not None and verdict.outcome == "succeeded":
        return _to_collect(settled, clock)
    failed = verdict if verdict is not None and verdict.outcome == "failed" else None
    stop = state.job.stop
    # What cannot be trained is not paused: its owner would resume it for nothing.
    if stop is not None and not (failed and stop.reason in PAUSING):
        return stopped(settled, clock)
    if failed is not None and failed.error is not None:
        return after_failure(settled, clock, limits, failed)
    begin_anew = next_attempt if _is_counted(attempt, looked, seen) else unused
    return begin_anew(settled, clock, limits, why=f"The worker was lost: {why}")


def _is_counted(attempt: Attempt, looked: Observation, seen: ProviderRun) -> bool:
    """Whether a GPU has worked on the attempt while its worker could have reached us."""
    if attempt.started_at is not None:
        return True
    asked_at, heard_since = attempt.submitted_at or attempt.created_at, looked.listening_since
    if heard_since is not None and heard_since > asked_at:
        return False
    return attempt.seen_running_at is not None or bool(seen.gpu_seconds)


def _is_answered_by_another(
    state: JobState, clock: Clock, limits: Limits, seen: ProviderRun
) -> bool:
    """Whether RunPod may have taken a second, superseded delivery's answer for the run's.

    The worker that was let in then still reports; it would be a pity to train beside it.
    """
    attempt = state.attempt
    if seen.state is not RunState.COMPLETED or state.job.stop is not None or attempt is None:
        return False
    if attempt.state is not AttemptState.STARTED or attempt.last_report_at is None:
        return False
    silent = (clock.at - attempt.last_report_at).total_seconds()
    return silent < 2 * limits.report_interval_seconds + limits.poll_seconds


def _to_collect(change: Change, clock: Clock) -> Change:
    """The files are declared; whether they are there is for `create_artifacts` to see."""
    job = change.after.job
    return change.with_job(
        reserved_artifact_id=job.reserved_artifact_id or clock.new_id(),
        delivered_step=_delivered_step(change),
        current_stage=Stage.UPLOADING,
        last_error=None,
        work=work_of(Work.COLLECT, job.id),
        due_at=clock.at,
    ).with_events(job_event(clock, job, "job.collecting", _what_is_collected(change)))


def _what_is_collected(change: Change) -> str:
    verdict = change.after.attempt.finish if change.after.attempt else None
    if verdict is None or not verdict.download_urls:
        return "The worker succeeded; its files are checked"
    left = left_where_it_lies(verdict)
    without = f"; not {', '.join(left)}: no file of a model" if left else ""
    return f"The worker succeeded; its files are fetched from where they lie{without}"


def _delivered_step(change: Change) -> int | None:
    attempt = change.after.attempt
    summary = attempt.finish.summary if attempt and attempt.finish else None
    if summary is None:
        return None
    return summary.total_steps if summary.delivered_step is None else summary.delivered_step
