"""Dispatch: a queued job becomes a run at RunPod; the attempt is written before the call."""

from datetime import datetime
from functools import partial

from aws_lambda_powertools import Logger

from brightrun.accounts.access import HOOK_PREFIX
from brightrun.accounts.tokens import digest, hook_of, worker_token
from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.execution import submitting
from brightrun.jobs.execution.endpoint_capacity import endpoint_notes
from brightrun.jobs.failures import DATASET_CHANGED
from brightrun.jobs.record import Job
from brightrun.jobs.termination import fail
from brightrun.ports.dynamodb.endpoints import find_endpoint
from brightrun.ports.dynamodb.heartbeats import pause_provider, provider_paused_until
from brightrun.ports.dynamodb.jobs import save, with_attempt
from brightrun.ports.runpod import jobs
from brightrun.ports.s3.objects import find_object
from brightrun.runtime import Deps
from brightrun.training.protocol import JobInput
from brightrun.work import Work
from brightrun.work_loop import Task
from functions.process_jobs import steps

RAISED_LATELY_SECONDS = 120
"""How long ago an endpoint may have been raised for this dispatch, to be told to its job."""

PAUSE_SECONDS = 300
"""How long nothing is sent to RunPod once its account may spend no more: one question for all."""
ACCOUNT_CODE = "provider_account_limit"
REFUSED_CODE = "provider_refused"

log = Logger(service="process_jobs")


def dispatch_task(deps: Deps) -> Task[Job]:
    """Return the task that sends queued jobs to RunPod."""
    return Task(
        kind=Work.DISPATCH,
        record=Job,
        step=partial(dispatch, deps),
        failed=partial(steps.step_failed, deps),
        lease_seconds=steps.LEASE_SECONDS,
        max_tries=deps.limits.max_provider_failures,
        per_shard=steps.PER_SHARD,
        at_once=steps.AT_ONCE,
    )


def dispatch(deps: Deps, job: Job) -> None:
    """Write the next attempt, then call RunPod; its answer is stored if it still matters."""
    ordered = job.gpu_config
    endpoint_id = deps.catalog.endpoint(ordered.type, ordered.count)
    if endpoint_id is None:
        message = f"No endpoint serves {ordered.count}x {ordered.type} here; choose another GPU"
        nowhere = unchanged(JobState(job))
        save(deps.table, fail(nowhere, deps.clock(), code="gpu_unavailable", message=message))
        return
    if _is_changed(deps, job):
        changed = fail(
            unchanged(JobState(job)), deps.clock(), code=DATASET_CHANGED,
            message="The file in storage is not the one that was validated any more",
        )  # fmt: skip
        save(deps.table, changed)
        return
    until = provider_paused_until(deps.table, deps.now())
    if until is not None:
        state = with_attempt(deps.table, job)
        _postpone(deps, state, message=jobs.ACCOUNT_LIMIT, code=ACCOUNT_CODE, until=until)
        return
    token = worker_token(job.id, job.attempt + 1, deps.new_secret())
    begun = submitting.begin_attempt(
        with_attempt(deps.table, job),
        deps.clock(),
        deps.limits,
        endpoint_id=endpoint_id,
        token_hash=digest(token),
    )
    seen = find_endpoint(deps.table, endpoint_id)
    notes = endpoint_notes(seen, job, deps.clock(), within_seconds=RAISED_LATELY_SECONDS)
    save(deps.table, begun.with_events(*notes))
    if not begun.after.job.has_ended:
        _submit(deps, begun.after, token)


def _is_changed(deps: Deps, job: Job) -> bool:
    """Whether the file is not what was validated: one question, before a GPU is paid for."""
    if job.dataset_etag is None:
        return False  # a job of an earlier version: its worker compares the SHA-256
    found = find_object(deps.store, job.dataset_path, version_id=job.dataset_version_id)
    return found is None or found.etag != job.dataset_etag


def _submit(deps: Deps, state: JobState, token: str) -> None:
    job = state.job
    ticket = JobInput(
        job_id=job.id, attempt=job.attempt, api_url=deps.settings.public_api_url, token=token
    )
    try:
        run_id = jobs.submit_run(
            deps.runpod,
            job.endpoint_id or "",
            ticket,
            execution_seconds=submitting.execution_limit_seconds(job, deps.limits),
            ttl_seconds=deps.limits.run_ttl_seconds,
            webhook=_webhook(deps, job, token),
        )
    except ProviderRefused as error:
        _note_refusal(deps, state, error)
    except ProviderUnavailable as error:
        if error.nothing_began:
            _postpone(deps, state, message=str(error))
            return
        # Something may run now. The worker's `start` or the end of the lease settles it.
        log.warning("submission unclear", job_id=job.id, reason=str(error))
    else:
        steps.change_attempt(
            deps,
            state,
            lambda now: submitting.submitted(now, deps.clock(), deps.limits, run_id=run_id),
        )


def _webhook(deps: Deps, job: Job, token: str) -> str | None:
    """Return where RunPod may say that the run has ended; polling finds it a little later too."""
    base = deps.settings.public_api_url
    return f"{base}{HOOK_PREFIX}{job.id}/{job.attempt}/{hook_of(digest(token))}" if base else None


def _note_refusal(deps: Deps, state: JobState, error: ProviderRefused) -> None:
    """Nothing began: the job waits, and whoever can mend it is told; its owner is too.

    A request that is wrong of itself is not sent again.
    """
    if steps.is_wrong_key(error):
        steps.note_wrong_key(deps)
    if error.unsendable:
        ended = partial(submitting.unsendable, message=str(error))
        steps.change_attempt(deps, state, lambda now: ended(now, deps.clock()))
        return
    if not error.account_limit:
        _postpone(deps, state, message=steps.words_of(error), code=REFUSED_CODE)
        return
    until = deps.clock().after(PAUSE_SECONDS)
    if pause_provider(deps.table, deps.now(), until):
        log.error("provider account limit", reason=str(error))
    _postpone(deps, state, message=str(error), code=ACCOUNT_CODE, until=until)


def _postpone(
    deps: Deps,
    state: JobState,
    *,
    message: str,
    code: str = "provider_unavailable",
    until: datetime | None = None,
) -> None:
    steps.change_attempt(
        deps,
        state,
        lambda now: submitting.postponed(
            now, deps.clock(), deps.limits, message=message, code=code, until=until
        ),
    )
