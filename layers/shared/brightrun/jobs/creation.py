"""What a user asks for, and the job it becomes. Pure.

The server computes the price; one sent by a client is only noted beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from brightrun.clock import Clock
from brightrun.datasets.record import Dataset, DatasetSummary
from brightrun.errors import DatasetNotReady, GpuUnavailable, InvalidRequest, InvalidTransition
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.limits import Limits
from brightrun.jobs.notifications import job_queued
from brightrun.jobs.record import EventLevel, Job, JobStatus, job_event
from brightrun.jobs.stopping import worst_case_overrun
from brightrun.money import stored
from brightrun.records import Request
from brightrun.training.catalog import Catalog, Gpu, TrainableModel
from brightrun.training.configuration import PRESETS, GpuConfig, Hyperparameters, Preset
from brightrun.training.cost_estimate import Estimate, Workload
from brightrun.training.gpu_fit import MemoryFit, memory_fit, reckoned_speed
from brightrun.work import Work, work_of

RETRIABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})
_MOST_USD = Decimal(1_000_000)


class EstimateRequest(Request):
    """A dataset, hardware and hyperparameters; those not named are the preset's."""

    dataset_id: Annotated[str, Field(min_length=1, max_length=64)]
    preset_id: Preset = Preset.BALANCED
    gpu_config: GpuConfig
    hyperparameters: Hyperparameters = Hyperparameters()
    base_model: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _preset_fills_in(cls, given: object) -> object:
        """Whatever is malformed here is left for the fields to refuse."""
        if not isinstance(given, Mapping):
            return given
        name, edits = given.get("preset_id", Preset.BALANCED), given.get("hyperparameters", {})
        preset = PRESETS.get(name) if isinstance(name, str) else None  # type: ignore[call-overload]
        if preset is None or not isinstance(edits, Mapping):
            return given
        known = preset.model_dump(exclude_unset=True)
        if "rank" in edits:
            known.pop("alpha")
        return {**given, "hyperparameters": {**known, **edits}}


class CreateJobRequest(EstimateRequest):
    """A job to be created. `max_cost` (USD) stops it before it is exceeded."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    estimated_cost: Annotated[Decimal, Field(ge=0, le=_MOST_USD)] | None = None
    max_cost: Annotated[Decimal, Field(gt=0, le=_MOST_USD)] | None = None


class RetryRequest(Request):
    """How to try again; everything else is as it was.

    Attributes:
        origin: called `from` in a request; without a checkpoint every retry begins anew.
    """

    origin: Annotated[Literal["checkpoint", "beginning"], Field(validation_alias="from")] = (
        "checkpoint"
    )
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    max_cost: Annotated[Decimal, Field(gt=0, le=_MOST_USD)] | None = None


@dataclass(frozen=True)
class ResolvedConfig:
    """An order with every choice made."""

    preset_id: Preset
    hyperparameters: Hyperparameters
    gpu: Gpu
    count: int
    base_model: TrainableModel

    @property
    def gpu_config(self) -> GpuConfig:
        """The hardware, as records name it."""
        return GpuConfig(type=self.gpu.type, count=self.count)


def resolve(order: EstimateRequest, catalog: Catalog, default_base_model: str) -> ResolvedConfig:
    """Return the order with its defaults filled in.

    Raises:
        InvalidRequest: an unknown GPU type or base model, rows longer than its context, or target
            modules that it has not.
    """
    gpu = catalog.gpu(order.gpu_config.type)
    model = _base_model(order.base_model or default_base_model, catalog)
    chosen = _fitted(order.hyperparameters, model)
    preset = order.preset_id if _is_unedited(order.preset_id, chosen) else Preset.CUSTOM
    return ResolvedConfig(preset, chosen, gpu, order.gpu_config.count, model)


def _fitted(chosen: Hyperparameters, model: TrainableModel) -> Hyperparameters:
    """Return `chosen` with what was left open as the model allows it."""
    shorter = min(chosen.max_sequence_tokens, model.context_tokens)
    allowed = {"max_sequence_tokens": shorter, "target_modules": model.target_modules}
    left_open = allowed.keys() - chosen.model_fields_set
    chosen = chosen.model_copy(update={name: allowed[name] for name in left_open})
    if chosen.max_sequence_tokens > model.context_tokens:
        message = f"{model.id} reads at most {model.context_tokens} tokens"
        raise InvalidRequest({"hyperparameters.max_sequence_tokens": [message]})
    if set(chosen.target_modules) - set(model.target_modules):
        message = f"of {model.id} only {', '.join(model.target_modules)} can be trained"
        raise InvalidRequest({"hyperparameters.target_modules": [message]})
    return chosen


def _base_model(model_id: str, catalog: Catalog) -> TrainableModel:
    return catalog.base_model(model_id) if model_id else catalog.base_models[0]


def _is_unedited(preset_id: Preset, chosen: Hyperparameters) -> bool:
    """Whether the six values a preset names are still the preset's."""
    preset = PRESETS.get(preset_id)
    if preset is None:
        return False
    return all(getattr(chosen, name) == getattr(preset, name) for name in preset.model_fields_set)


def workload_of(dataset: Dataset) -> Workload:
    """Return what a dataset's verdict counted; nothing before there is one."""
    counted = dataset.verdict.statistics if dataset.verdict else None
    return (
        Workload(counted.total_training_pairs, counted.total_tokens) if counted else Workload(0, 0)
    )


def require_startable(plan: ResolvedConfig, limits: Limits, max_cost: Decimal | None) -> None:
    """Return if the plan can be carried out on this stage.

    Raises:
        GpuUnavailable: no endpoint serves the GPU type.
        InvalidRequest: the budget would end it at once.
    """
    if plan.gpu.endpoint_id is None:
        message = f"{plan.gpu.type} can be priced, but no endpoint serves it here"
        raise GpuUnavailable(message, {"gpu_type": plan.gpu.type})
    least = worst_case_overrun(plan.gpu.hourly_rate_usd, plan.count, limits)
    if max_cost is not None and max_cost <= least:
        message = f"must be above {least:.2f}, what a GPU costs until it has heard to stop"
        raise InvalidRequest({"max_cost": [message]})


def fit_of(plan: ResolvedConfig, dataset: Dataset) -> MemoryFit:
    """Return whether the plan fits on its GPU, with the longest row of this dataset."""
    longest = _longest_row_tokens(dataset)
    return memory_fit(plan.base_model, plan.gpu, plan.hyperparameters, longest_row_tokens=longest)


def reckoned_speed_of(plan: ResolvedConfig, dataset: Dataset) -> float | None:
    """Return the tokens per second that the plan should reach by arithmetic; None if unknown."""
    work = workload_of(dataset)
    if not work.pairs:
        return None
    return reckoned_speed(
        plan.base_model,
        plan.gpu,
        plan.hyperparameters,
        plan.count,
        row_tokens=work.tokens / work.pairs,
        longest_row_tokens=_longest_row_tokens(dataset),
    )


def _longest_row_tokens(dataset: Dataset) -> int | None:
    buckets = dataset.verdict.statistics.token_histogram if dataset.verdict else ()
    return max((bucket.high for bucket in buckets if bucket.count), default=None)


def _require_fit(plan: ResolvedConfig, dataset: Dataset) -> None:
    fit = fit_of(plan, dataset)
    if not fit.fits:
        message = f"{plan.base_model.id} needs {fit.needed_gb} GB, this has {fit.available_gb} GB"
        raise InvalidRequest({"gpu_config.type": [message]})


def require_trainable(dataset: Dataset) -> tuple[str, int]:
    """Return the dataset's SHA-256 and number of training pairs.

    Raises:
        DatasetNotReady: it is not validated, has errors, or nothing in it trains.
    """
    pairs = workload_of(dataset).pairs
    if not dataset.training_ready or dataset.sha256 is None or pairs == 0:
        raise DatasetNotReady(
            dataset.id, dataset.status, training_ready=dataset.training_ready and pairs > 0
        )
    return dataset.sha256, pairs


def created(
    order: CreateJobRequest, plan: ResolvedConfig, dataset: Dataset, price: Estimate, clock: Clock
) -> Change:
    """Return a new job, queued and due at once, with what is told of it.

    Raises:
        DatasetNotReady: see `require_trainable`.
        InvalidRequest: it does not fit on the GPU.
    """
    _require_fit(plan, dataset)
    name = order.name or f"{dataset.name} - {plan.preset_id}"
    job = _job(plan, dataset, price, clock).model_copy(
        update={"name": name, "max_cost": order.max_cost}
    )
    return _told(job, clock, shown_to_client=order.estimated_cost)


def retried(
    old: Job,
    order: RetryRequest,
    plan: ResolvedConfig,
    dataset: Dataset,
    price: Estimate,
    clock: Clock,
) -> Change:
    """Return a new job linked to one that failed or was cancelled, with its configuration.

    Raises:
        InvalidTransition: the old job has not failed and was not cancelled.
        DatasetNotReady: see `require_trainable`.
    """
    require_retriable(old)
    _require_fit(plan, dataset)
    job = _job(plan, dataset, price, clock).model_copy(
        update={
            "name": order.name or old.name,
            "max_cost": order.max_cost or old.max_cost,
            "retry_of": old.id,
            "checkpoint": old.checkpoint if order.origin == "checkpoint" else None,
            "earlier_cost": old.earlier_cost + (old.final_cost or Decimal(0)),
        }
    )
    return _told(job, clock, shown_to_client=None)


def require_retriable(job: Job) -> None:
    """Return if a job failed or was cancelled. Raises InvalidTransition otherwise."""
    if job.status not in RETRIABLE:
        raise InvalidTransition("job", job.id, job.status, "retried")


def resolve_again(old: Job, catalog: Catalog) -> ResolvedConfig:
    """Return the plan of an earlier job at today's price, with the very same base weights."""
    model = catalog.base_model(old.base_model)
    same = model.model_copy(update={"revision": old.base_model_revision})
    gpu = catalog.gpu(old.gpu_config.type)
    return ResolvedConfig(old.preset_id, old.hyperparameters, gpu, old.gpu_config.count, same)


def retry_origin(order: RetryRequest, *, checkpoint_is_there: bool) -> RetryRequest:
    """Return the order; it begins anew when no checkpoint is there, or not any more."""
    return order if checkpoint_is_there else order.model_copy(update={"origin": "beginning"})


def _job(plan: ResolvedConfig, dataset: Dataset, price: Estimate, clock: Clock) -> Job:
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
        dataset_size_bytes=dataset.file_size,
        preset_id=plan.preset_id,
        name=dataset.name,
        base_model=plan.base_model.id,
        base_model_revision=plan.base_model.revision,
        hyperparameters=plan.hyperparameters,
        over_length=dataset.over_length,
        gpu_config=plan.gpu_config,
        hourly_rate_usd=plan.gpu.hourly_rate_usd,
        total_epochs=plan.hyperparameters.epochs,
        total_steps=price.total_steps,
        queued_at=clock.at,
        estimated_total_cost=stored(price.total),
        estimated_cost_low=stored(price.low),
        estimated_cost_high=stored(price.high),
        estimated_storage_cost=stored(price.storage),
        work=work_of(Work.DISPATCH, job_id),
        due_at=clock.at,
        created_at=clock.at,
        updated_at=clock.at,
    )


def _told(job: Job, clock: Clock, *, shown_to_client: Decimal | None) -> Change:
    facts: dict[str, object] = {"estimated_cost": job.estimated_total_cost}
    if shown_to_client is not None:
        facts["estimated_cost_by_client"] = shown_to_client
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
