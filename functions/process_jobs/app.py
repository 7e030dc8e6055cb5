"""Dispatch and watch: queued jobs go to RunPod, running ones are looked after until they end.

Safe to run twice and beside itself: every step begins with a claim that only one can win, and an
attempt is written before RunPod is called.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from brightrun.accounts.access import HOOK_PREFIX
from brightrun.accounts.tokens import digest, hook_of, worker_token
from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.jobs import reconcile, submitting
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.endpoint_capacity import KEY_REFUSED, endpoint_notes, waits_long, why_waiting
from brightrun.jobs.provider import STOPPED, RunState
from brightrun.jobs.record import AttemptState, Job
from brightrun.jobs.termination import fail
from brightrun.ports import eventbridge, outbox, watchdog
from brightrun.ports.dynamodb import budgets, heartbeats
from brightrun.ports.dynamodb.jobs import change_job, save, with_attempt
from brightrun.ports.dynamodb.work_queue import claim, due, next_due
from brightrun.ports.runpod import endpoints, jobs
from brightrun.ports.s3.terminal_records import read_terminal_record
from brightrun.runtime import Deps, production
from brightrun.training.protocol import JobInput
from brightrun.work import Work

LEASE_SECONDS = 60
PER_SHARD = 500
WORKERS = 24
FOLLOW_UP_SECONDS = 40
"""A schedule comes once a minute; what is due within this time gets a second pass."""
AFTER_EVENT_SECONDS = 8
"""After an event only what the event itself makes due, such as a worker leaving its GPU."""
MAX_PASSES = 12

log = Logger(service="process_jobs")
Step = Callable[[Deps, Job], None]


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Run one cycle, whatever the event says: the work index knows what is to be done."""
    return handle(event, context, production())


@dataclass(frozen=True)
class Pass:
    """How many steps were taken, and how many broke for a reason of our own."""

    steps: int
    broken: int


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due step; then wait for what is due soon and take that too.

    Waiting costs a hundredth of a cent an hour, and only while a job is active.
    """
    heartbeats.record_heartbeat(deps.table, "process_jobs", deps.now())
    announced = event.get("source") == eventbridge.SOURCE
    until = deps.clock().after(AFTER_EVENT_SECONDS if announced else FOLLOW_UP_SECONDS)
    passes = [run_pass(deps)]
    while len(passes) < MAX_PASSES:
        soonest = next_due(deps.table, (Work.DISPATCH, Work.WATCH), until=until)
        if soonest is None:
            break
        deps.sleep(max(1.0, (soonest - deps.now()).total_seconds()))
        passes.append(run_pass(deps))
    taken, broken = sum(p.steps for p in passes), sum(p.broken for p in passes)
    log.info("cycle", passes=len(passes), steps=taken, broken=broken)
    return {"passes": len(passes), "steps": taken, "broken": broken}


def run_pass(deps: Deps) -> Pass:
    """Take every step that is due now, many at once; one that breaks does not stop the others."""
    now = deps.now()
    steps: list[tuple[Step, Job]] = [
        (step, job)
        for kind, step in ((Work.DISPATCH, dispatch), (Work.WATCH, watch))
        for job in due(deps.table, kind, Job, now=now, limit=PER_SHARD)
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        looks = [partial(_see_endpoint, name) for name in _endpoints_in_doubt(deps, steps)]
        list(pool.map(partial(_done, deps), looks))
        went_well = list(pool.map(lambda pair: _taken(deps, *pair), steps))
        went_well += pool.map(partial(_done, deps), CHORES)
    return Pass(steps=len(steps), broken=went_well.count(False))


def _done(deps: Deps, chore: Callable[[Deps], object]) -> bool:
    """Do what is due beside the jobs; it must not stop them, nor one chore another."""
    try:
        chore(deps)
    except Exception:  # the batch boundary, as below
        log.exception("chore broke", chore=repr(chore))
        return False
    return True


def warn_of_budgets(deps: Deps) -> None:
    """Warn who has spent most of the month's limit."""
    budgets.warn_due(deps.table, deps.clock(), stage_limit=deps.settings.monthly_limit_usd)


def confirm_ended_runs(deps: Deps) -> None:
    """Stop runs that came back after they had been given up."""
    watchdog.confirm_due(deps.table, deps.runpod, deps.clock())


def look_for_orphans(deps: Deps) -> None:
    """Compare RunPod's runs and workers with our jobs; an orphan is an error in the log."""
    if deps.runpod.management is None:
        return
    findings = watchdog.go_round(
        deps.table,
        deps.runpod,
        [gpu.endpoint_id for gpu in deps.catalog.gpus if gpu.endpoint_id],
        deps.clock(),
        wanted_workers=deps.settings.endpoint_max_workers,
    )
    if findings is not None and findings.orphans:
        log.error("orphans", findings=findings.model_dump(mode="json"))
    elif findings is not None:
        log.info("watchdog", idle_costs=findings.idle_costs)


def send_out(deps: Deps) -> None:
    """Send notifications to those who want them by mail or at their own address."""
    if deps.outbox is not None:
        outbox.deliver_due(deps.table, deps.outbox, deps.clock())


CHORES = (warn_of_budgets, confirm_ended_runs, look_for_orphans, send_out)


def _endpoints_in_doubt(deps: Deps, steps: Sequence[tuple[Step, Job]]) -> set[str]:
    if deps.runpod.management is None:
        return set()
    sent = {_endpoint_of(deps, job) for step, job in steps if step is dispatch}
    slow = {job.endpoint_id for _, job in steps if waits_long(job, at=deps.now())}
    return {endpoint_id for endpoint_id in sent | slow if endpoint_id}


def _see_endpoint(endpoint_id: str, deps: Deps) -> None:
    """Ask what the endpoint can do, at most once a minute."""
    wanted = deps.settings.endpoint_max_workers
    endpoints.refresh_endpoint(
        deps.table, deps.runpod, endpoint_id, now=deps.now(), wanted_workers=wanted
    )


def _endpoint_of(deps: Deps, job: Job) -> str | None:
    return deps.catalog.gpu(job.gpu_config.type).endpoint_id


def _taken(deps: Deps, step: Step, job: Job) -> bool:
    """Take one claimed step; one that breaks is counted on its job, so that it ends."""
    held = claim(deps.table, job, now=deps.now(), lease_seconds=LEASE_SECONDS)
    if held is None:
        return True
    try:
        step(deps, held)
    except Exception as error:  # the batch boundary: the other jobs must go on
        log.exception("step broke", job_id=job.id, work=job.work)
        message = f"A step of our own broke: {type(error).__name__}"
        stumbled = partial(reconcile.step_failed, message=message)
        _change(deps, JobState(held), lambda now: stumbled(now, deps.clock(), deps.limits))
        return False
    return True


# ---- dispatch


def dispatch(deps: Deps, job: Job) -> None:
    """Write the next attempt, then call RunPod; its answer is stored if it still matters."""
    endpoint_id = _endpoint_of(deps, job)
    if endpoint_id is None:
        message = f"No endpoint serves {job.gpu_config.type} here; choose another GPU"
        nowhere = unchanged(JobState(job))
        save(deps.table, fail(nowhere, deps.clock(), code="gpu_unavailable", message=message))
        return
    token = worker_token(job.id, job.attempt + 1, deps.new_secret())
    begun = submitting.begin_attempt(
        with_attempt(deps.table, job),
        deps.clock(),
        deps.limits,
        endpoint_id=endpoint_id,
        token_hash=digest(token),
    )
    seen = endpoints.find_endpoint(deps.table, endpoint_id)
    notes = endpoint_notes(seen, job, deps.clock(), within_seconds=FOLLOW_UP_SECONDS * 3)
    save(deps.table, begun.with_events(*notes))
    if not begun.after.job.has_ended:
        _submit(deps, begun.after, token)


def _submit(deps: Deps, state: JobState, token: str) -> None:
    job = state.job
    asked = JobInput(
        job_id=job.id, attempt=job.attempt, api_url=deps.settings.public_api_url, token=token
    )
    try:
        run_id = jobs.submit_run(
            deps.runpod,
            job.endpoint_id or "",
            asked,
            execution_seconds=submitting.execution_limit_seconds(job, deps.limits),
            ttl_seconds=deps.limits.run_ttl_seconds,
            webhook=_webhook(deps, job, token),
        )
    except ProviderRefused as error:
        _change(deps, state, partial(_refused, deps, error))
    except ProviderUnavailable as error:
        # Something may run now. The worker's `start` or the end of the lease settles it.
        log.warning("submission unclear", job_id=job.id, reason=str(error))
    else:
        _change(
            deps,
            state,
            lambda now: submitting.submitted(now, deps.clock(), deps.limits, run_id=run_id),
        )


def _webhook(deps: Deps, job: Job, token: str) -> str | None:
    """Return where RunPod may say that the run has ended; polling finds it a little later too."""
    base = deps.settings.public_api_url
    return f"{base}{HOOK_PREFIX}{job.id}/{job.attempt}/{hook_of(digest(token))}" if base else None


def _refused(deps: Deps, error: ProviderRefused, state: JobState) -> Change:
    return submitting.refused(
        state, deps.clock(), deps.limits, message=_said(error), final=not _is_wrong_key(error)
    )


def _is_wrong_key(error: Exception) -> bool:
    return isinstance(error, ProviderRefused) and error.status_code in {401, 403}


def _said(error: Exception) -> str:
    return KEY_REFUSED if _is_wrong_key(error) else str(error)


# ---- watch


def watch(deps: Deps, job: Job) -> None:
    """Look at one running job from outside, because a worker that died cannot report."""
    state = with_attempt(deps.table, job)
    try:
        looked = _look(deps, state)
    except (ProviderUnavailable, ProviderRefused) as error:
        message = _said(error)
        _change(
            deps,
            state,
            lambda now: reconcile.provider_failed(now, deps.clock(), deps.limits, message=message),
            seen=state,
        )
        return
    change = _change(
        deps,
        state,
        lambda now: reconcile.observe(now, deps.clock(), deps.limits, looked),
        seen=state,
    )
    if (change.after.job.work or "").startswith(Work.COLLECT):
        eventbridge.announce(deps.bus, eventbridge.EventType.JOB_COLLECTABLE, job.id)


def _look(deps: Deps, state: JobState) -> reconcile.Observation:
    attempt = state.attempt
    if attempt is None or attempt.external_job_id is None:
        return reconcile.Observation(seen=None)
    stop = reconcile.must_stop_provider(state, deps.clock(), deps.limits)
    ask = jobs.cancel_run if stop else jobs.see_run
    seen = ask(deps.runpod, attempt.endpoint_id, attempt.external_job_id)
    if seen.state is RunState.QUEUED and reconcile.is_slow(attempt, deps.clock()):
        known = endpoints.find_endpoint(deps.table, attempt.endpoint_id)
        return reconcile.Observation(seen, waiting=why_waiting(known))
    needs_verdict = seen.state in STOPPED and attempt.state is not AttemptState.FINISHED
    return reconcile.Observation(
        seen, read_terminal_record(deps.store, attempt) if needs_verdict else None
    )


def _change(
    deps: Deps,
    state: JobState,
    decide: Callable[[JobState], Change],
    *,
    seen: JobState | None = None,
) -> Change:
    """Write a decision, unless another attempt has taken over since we looked."""
    number = state.job.attempt

    def of_this_attempt(now: JobState) -> Change:
        return decide(now) if now.job.attempt == number else unchanged(now)

    return change_job(deps.table, state.job.user_id, state.job.id, of_this_attempt, seen=seen)
