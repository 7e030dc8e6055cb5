"""The one way a job comes into being, whoever asks: create, retry and clone.

Price, money, idempotency and claim are judged here, in this order, on one reading of the table;
the write fails if any of it has changed, and then all is judged again. Safe to repeat with the same
`Idempotency-Key`: the first job is returned.
"""

from contextlib import suppress

from brightrun.datasets.record import Dataset
from brightrun.errors import Conflict, QuotaExceeded
from brightrun.jobs.creation.affordability import require_affordable
from brightrun.jobs.creation.cloning import cloned_request
from brightrun.jobs.creation.draft import JobDraft, clone_draft, created, draft_of, retry_draft
from brightrun.jobs.creation.requests import CloneRequest, CreateJobRequest, RetryRequest
from brightrun.jobs.creation.resolved_config import (
    ResolvedConfig,
    require_startable,
    resolve,
    workload_of,
)
from brightrun.jobs.record import Job
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import job_requests
from brightrun.ports.dynamodb.accounts.budgets import BudgetHeadroom, read_budget, room_for
from brightrun.ports.dynamodb.calibration import find_measured
from brightrun.ports.dynamodb.datasets import get_dataset
from brightrun.ports.dynamodb.job_requests import IdempotentRequest
from brightrun.ports.dynamodb.jobs import read_state
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.training.cost_estimate import Estimate, estimate
from functions.api.kept_checkpoints import with_newest

_PAUSES_SECONDS = (0.04, 0.08, 0.16, 0.32, 0.64)


def create_job(deps: Deps, user_id: UserId, draft: JobDraft, idempotency_key: str | None) -> Job:
    """Return the job that was created, or the one this very request has created before.

    Raises:
        AlreadyExists: the key was used for another request.
        DatasetNotFound: no such dataset of this user.
        DatasetNotReady: nothing can be trained on it.
        GpuUnavailable: no endpoint serves so many GPUs of the type.
        InvalidRequest: it does not fit on the GPU, or its budget would end it at once.
        QuotaExceeded: the user has as many jobs as may be active, or not the money.
        Conflict: six other writers came first.
    """
    require_startable(
        draft.config,
        deps.catalog,
        deps.limits,
        draft.max_cost,
        storage=deps.settings.storage_flat_usd,
    )
    request = IdempotentRequest(user_id, idempotency_key, draft.asked)
    job = _created(deps, draft, request)
    eventbridge.announce(deps.bus, eventbridge.EventType.JOB_CREATED, job.id)
    return job


def _created(deps: Deps, draft: JobDraft, request: IdempotentRequest) -> Job:
    for pause_seconds in _PAUSES_SECONDS:
        with suppress(Conflict):
            return _created_once(deps, draft, request)
        deps.table.sleep(pause_seconds)
    return _created_once(deps, draft, request)


def _created_once(deps: Deps, draft: JobDraft, request: IdempotentRequest) -> Job:
    known = job_requests.find_created(deps.table, request)
    if known is not None:
        return known
    _require_room(deps, request.user_id)
    dataset = get_dataset(deps.table, request.user_id, draft.dataset_id)
    config = draft.config
    types = (config.gpu, *config.alternatives)
    prices = {gpu.type: price_of(deps, config.on(gpu), dataset) for gpu in types}
    change = created(draft, dataset, prices, deps.limits, deps.clock())
    job_requests.create_job(
        deps.table,
        change,
        dataset,
        request,
        max_active=deps.settings.max_active_jobs_per_user,
        room=_money_for(deps, change.after.job),
    )
    return change.after.job


def _require_room(deps: Deps, user_id: UserId) -> None:
    active = job_requests.active_jobs(deps.table, user_id)
    most = deps.settings.max_active_jobs_per_user
    if active >= most:
        message = f"{active} jobs are active; {most} may be. Wait, or cancel one"
        raise QuotaExceeded(message, {"active_jobs": active, "max_active_jobs": most})


def _money_for(deps: Deps, job: Job) -> BudgetHeadroom | None:
    budget = read_budget(
        deps.table, job.user_id, deps.clock(), stage_limit=deps.settings.monthly_limit_usd
    )
    require_affordable(budget, job)
    return room_for(budget, job)


def price_of(
    deps: Deps, config: ResolvedConfig, dataset: Dataset, *, count: int | None = None
) -> Estimate:
    """Return what a run should cost, by what was measured of such runs or else by arithmetic.

    Args:
        count: of GPUs, if another than was chosen.
    """
    return estimate(
        workload_of(dataset),
        config.hyperparameters,
        config.gpu,
        count or config.count,
        storage_usd=deps.settings.storage_flat_usd,
        measured=find_measured(deps.table, config.base_model.id, config.gpu.type),
    )


def requested(deps: Deps, request: CreateJobRequest) -> JobDraft:
    """Return the job that a request asks for. Raises InvalidRequest for what cannot be chosen."""
    return draft_of(request, resolve(request, deps.catalog, deps.settings.default_base_model))


def retried(deps: Deps, user_id: UserId, job_id: str, request: RetryRequest) -> JobDraft:
    """Return a job that tries an earlier one again, from its last checkpoint if that is kept.

    Raises:
        JobNotFound: no such job of this user.
        InvalidTransition: it has not failed and was not cancelled.
    """
    old, kept = with_newest(deps, user_id, job_id)
    return retry_draft(old, request, deps.catalog, checkpoint_is_there=kept)


def cloned(deps: Deps, user_id: UserId, job_id: str, request: CloneRequest) -> JobDraft:
    """Return a job with the choices of an earlier one, whatever became of that.

    Raises:
        JobNotFound: no such job of this user.
        InvalidRequest: an override is unknown or out of its limits.
    """
    old = read_state(deps.table, user_id, job_id).job
    wanted = cloned_request(old, request)
    return clone_draft(old, wanted, resolve(wanted, deps.catalog, deps.settings.default_base_model))
