"""A new job, whoever asks: created, tried again or cloned. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from brightrun.clock import Clock
from brightrun.datasets.record import Dataset, DatasetSummary
from brightrun.errors import DatasetNotReady, InvalidTransition
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.creation.affordability import default_max_cost, with_worst_case
from brightrun.jobs.creation.requests import CreateJobRequest, RetryRequest
from brightrun.jobs.creation.resolved_config import (
    ResolvedConfig,
    require_fit,
    resolve_again,
    workload_of,
)
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.limits import Limits
from brightrun.jobs.notifications import job_queued
from brightrun.jobs.record import Job, JobStatus, Labels, Phase, StoredCheckpoint, TypePrice
from brightrun.money import stored
from brightrun.training.catalog import Catalog
from brightrun.training.cost_estimate import Estimate
from brightrun.training.protocol import Stage
from brightrun.work import Work, work_of

RETRIABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


@dataclass(frozen=True)
class JobDraft:
    """A job that is to be created, before its dataset was looked at and priced.

    Attributes:
        asked: what was asked for, in words that are the same for the same request.
        name: None: the dataset's, and the preset's.
        has_default_budget: whether nobody named a budget: the estimate then sets `max_cost`.
        shown_cost: what the client believed it would cost.
        earlier_cost: what the jobs it tries again have cost.
    """

    asked: str
    dataset_id: str
    config: ResolvedConfig
    name: str | None = None
    max_cost: Decimal | None = None
    has_default_budget: bool = False
    shown_cost: Decimal | None = None
    cloned_from: str | None = None
    retry_of: str | None = None
    checkpoint: StoredCheckpoint | None = None
    earlier_cost: Decimal = Decimal(0)
    labels: Labels = field(default_factory=Labels)


def draft_of(request: CreateJobRequest, config: ResolvedConfig) -> JobDraft:
    """Return the job a request asks for."""
    return JobDraft(
        asked=_asked(request),
        dataset_id=request.dataset_id,
        config=config,
        name=request.name,
        max_cost=request.max_cost,
        has_default_budget="max_cost" not in request.model_fields_set,
        shown_cost=request.estimated_cost,
    )


def clone_draft(old: Job, request: CreateJobRequest, config: ResolvedConfig) -> JobDraft:
    """Return a job like `old`; the request has been made of it."""
    return JobDraft(
        asked=f"clone {old.id} {_asked(request)}",
        dataset_id=request.dataset_id,
        config=config,
        name=request.name,
        max_cost=request.max_cost,
        has_default_budget="max_cost" not in request.model_fields_set,
        shown_cost=request.estimated_cost,
        cloned_from=old.id,
    )


def _asked(request: CreateJobRequest) -> str:
    """Null asks for no budget, and no word of one for the default: two requests."""
    unlimited = request.max_cost is None and "max_cost" in request.model_fields_set
    return request.model_dump_json() + (" without a budget" if unlimited else "")


def retry_draft(
    old: Job, request: RetryRequest, catalog: Catalog, *, checkpoint_is_there: bool
) -> JobDraft:
    """Return a job that tries `old` again; it begins anew when no checkpoint is there any more.

    Raises:
        InvalidTransition: the old job has not failed and was not cancelled.
    """
    require_retriable(old)
    wanted = request if checkpoint_is_there else request.model_copy(update={"origin": "beginning"})
    return JobDraft(
        asked=f"retry {old.id} {wanted.model_dump_json()}",
        dataset_id=old.dataset_id,
        config=resolve_again(old, catalog),
        name=wanted.name or old.name,
        max_cost=wanted.max_cost or old.max_cost,
        has_default_budget=wanted.max_cost is None and old.has_default_budget,
        retry_of=old.id,
        checkpoint=old.checkpoint if wanted.origin == "checkpoint" else None,
        earlier_cost=old.earlier_cost + (old.final_cost or Decimal(0)),
        labels=old.labels,
    )


def require_retriable(job: Job) -> None:
    """Return if a job failed or was cancelled. Raises InvalidTransition otherwise."""
    if job.status not in RETRIABLE:
        raise InvalidTransition("job", job.id, job.status, "retried")


def require_trainable(dataset: Dataset) -> tuple[str, int]:
    """Return the dataset's SHA-256 and number of training pairs.

    Raises:
        DatasetNotReady: it is not validated, has errors, or nothing in it trains.
    """
    pairs = workload_of(dataset).pairs
    if not dataset.training_ready or dataset.sha256 is None or pairs == 0:
        raise DatasetNotReady(
            dataset.name, dataset.status, training_ready=dataset.training_ready and pairs > 0
        )
    return dataset.sha256, pairs


def created(
    draft: JobDraft,
    dataset: Dataset,
    prices: Mapping[str, Estimate],
    limits: Limits,
    clock: Clock,
) -> Change:
    """Return a new job, queued and due at once, with what is told of it.

    Args:
        prices: by GPU type: of the one that is wanted, and of each alternative.

    Raises:
        DatasetNotReady: see `require_trainable`.
        InvalidRequest: it does not fit on the GPU.
    """
    require_fit(draft.config, dataset)
    price = prices[draft.config.gpu.type]
    draft = with_budget(draft, price, limits)
    job = _job(draft, dataset, price, clock)
    others = {gpu.type: _on_another(prices[gpu.type], limits) for gpu in draft.config.alternatives}
    job = with_worst_case(job.model_copy(update={"alternative_prices": others}), limits)
    return _announced(job, clock, shown_cost=draft.shown_cost)


def _on_another(price: Estimate, limits: Limits) -> TypePrice:
    return TypePrice(
        total=stored(price.total),
        low=stored(price.low),
        high=stored(price.high),
        default_budget=default_max_cost(price, limits),
    )


def with_budget(draft: JobDraft, price: Estimate, limits: Limits) -> JobDraft:
    """Return the draft with the budget it has if nobody named one."""
    if not draft.has_default_budget:
        return draft
    return replace(draft, max_cost=default_max_cost(price, limits))


def _job(draft: JobDraft, dataset: Dataset, price: Estimate, clock: Clock) -> Job:
    config = draft.config
    sha256, pairs = require_trainable(dataset)
    job_id = clock.new_id()
    return Job(
        id=job_id,
        user_id=dataset.user_id,
        dataset_id=dataset.id,
        dataset=DatasetSummary(
            id=dataset.id,
            name=dataset.name,
            format=dataset.verdict.format if dataset.verdict else None,
            total_training_pairs=pairs,
            total_tokens=workload_of(dataset).tokens,
        ),
        dataset_path=dataset.storage_path,
        dataset_sha256=sha256,
        dataset_version_id=dataset.version_id,
        dataset_etag=dataset.etag,
        dataset_size_bytes=dataset.file_size,
        preset_id=config.preset_id,
        name=draft.name or f"{dataset.name} - {config.preset_id}",
        base_model=config.base_model.id,
        base_model_revision=config.base_model.revision,
        hyperparameters=config.hyperparameters,
        over_length=dataset.over_length,
        gpu_config=config.gpu_config,
        hourly_rate_usd=config.gpu.hourly_rate_usd,
        alternative_rates={gpu.type: gpu.hourly_rate_usd for gpu in config.alternatives},
        total_epochs=config.hyperparameters.epochs,
        total_steps=price.total_steps,
        queued_at=clock.at,
        waiting_since=clock.at,
        phases=(Phase(stage=Stage.QUEUED, attempt=0, started_at=clock.at),),
        estimated_total_cost=stored(price.total),
        estimated_cost_low=stored(price.low),
        estimated_cost_high=stored(price.high),
        estimated_storage_cost=stored(price.storage),
        work=work_of(Work.DISPATCH, job_id),
        due_at=clock.at,
        max_cost=draft.max_cost,
        has_default_budget=draft.has_default_budget,
        retry_of=draft.retry_of,
        cloned_from=draft.cloned_from,
        checkpoint=draft.checkpoint,
        earlier_cost=draft.earlier_cost,
        labels=draft.labels,
        created_at=clock.at,
        updated_at=clock.at,
    )


def _announced(job: Job, clock: Clock, *, shown_cost: Decimal | None) -> Change:
    facts: dict[str, object] = {"estimated_cost": job.estimated_total_cost}
    if shown_cost is not None:
        facts["estimated_cost_by_client"] = shown_cost
    if job.retry_of is not None:
        facts["retry_of"] = job.retry_of
    message = f"Queued on {job.gpu_config.count}x {job.gpu_config.type}"
    state = JobState(job)
    event = job_event(
        clock, job, "job.created", message, level=EventLevel.INFO, actor=job.user_id, **facts
    )
    return (
        Change(before=state, after=state)
        .with_events(event)
        .with_notifications(job_queued(clock, job))
    )
