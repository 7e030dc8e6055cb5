"""Watch: a running job is looked at from outside, because a worker that died cannot report."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from aws_lambda_powertools import Logger

from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.jobs.change import JobState
from brightrun.jobs.execution import outages, reconcile
from brightrun.jobs.execution.endpoint_capacity import is_crash_loop, why_waiting
from brightrun.jobs.execution.observation import Observation
from brightrun.jobs.execution.provider import STOPPED, RunState
from brightrun.jobs.record import AttemptState, Job
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb.endpoints import find_endpoint
from brightrun.ports.dynamodb.heartbeats import listening_since
from brightrun.ports.dynamodb.jobs import with_attempt
from brightrun.ports.runpod import jobs
from brightrun.ports.s3.checkpoints import newest_kept
from brightrun.ports.s3.terminal_records import read_terminal_record
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import Task
from functions.process_jobs import steps

log = Logger(service="process_jobs")


def watch_task(deps: Deps) -> Task[Job]:
    """Return the task that looks at running jobs.

    One that may hold a GPU is looked at for as long as its run can exist, however often that
    has failed.
    """

    @cache
    def listening() -> datetime | None:
        return listening_since(deps.table, deps.now(), answers=deps.api_answers())

    return Task(
        kind=Work.WATCH,
        record=Job,
        step=partial(watch, deps, listening),
        failed=partial(steps.step_failed, deps),
        lease_seconds=steps.LEASE_SECONDS,
        max_tries=deps.limits.max_provider_failures,
        may_end=lambda job: outages.outlived_its_run(
            with_attempt(deps.table, job), deps.clock(), deps.limits
        ),
        per_shard=steps.PER_SHARD,
        at_once=steps.AT_ONCE,
    )


def watch(deps: Deps, listening: Callable[[], datetime | None], job: Job) -> None:
    """Ask RunPod about one job's run, and write what follows."""
    state = with_attempt(deps.table, job)
    try:
        looked = _look(deps, state, listening())
    except (ProviderUnavailable, ProviderRefused) as error:
        message = steps.words_of(error)
        if steps.is_wrong_key(error):
            steps.note_wrong_key(deps)
        steps.change_attempt(
            deps,
            state,
            lambda now: outages.provider_failed(now, deps.clock(), deps.limits, message=message),
            seen=state,
        )
        return
    change = steps.change_attempt(
        deps,
        state,
        lambda now: reconcile.observe(now, deps.clock(), deps.limits, looked),
        seen=state,
    )
    if any(event.type == "stop.ignored" for event in change.events):
        log.error("stop ignored", job_id=job.id, run_id=job.external_job_id)
    if change.after.job.waits_for(Work.COLLECT):
        eventbridge.announce(deps.bus, eventbridge.EventType.JOB_COLLECTABLE, job.id)


def _look(deps: Deps, state: JobState, since: datetime | None) -> Observation:
    attempt = state.attempt
    if attempt is None or attempt.external_job_id is None:
        return Observation(seen=None)
    stop = reconcile.must_stop_provider(state, deps.clock(), deps.limits, since)
    ask = jobs.cancel_run if stop else jobs.see_run
    seen = ask(deps.runpod, attempt.endpoint_id, attempt.external_job_id)
    if seen.state is RunState.QUEUED and reconcile.is_slow(attempt, deps.clock()):
        known = find_endpoint(deps.table, attempt.endpoint_id)
        return Observation(seen, waiting=why_waiting(known), crash_loop=is_crash_loop(known))
    is_over = seen.state in STOPPED
    needs_verdict = is_over and attempt.state is not AttemptState.FINISHED
    has_model = attempt.finish is not None and attempt.finish.outcome == "succeeded"
    return Observation(
        seen,
        read_terminal_record(deps.store, attempt) if needs_verdict else None,
        listening_since=since,
        kept=newest_kept(deps.store, attempt) if is_over and not has_model else None,
    )
