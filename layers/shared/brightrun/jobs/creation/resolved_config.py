"""A request with every choice made: what is trained on what, and whether that can be. Pure."""

from dataclasses import dataclass, replace
from decimal import Decimal

from brightrun.datasets.record import Dataset
from brightrun.errors import GpuUnavailable, InvalidRequest
from brightrun.jobs.creation.requests import EstimateRequest
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job
from brightrun.jobs.stopping import worst_case_overrun
from brightrun.training.catalog import Catalog, Gpu, TrainableModel
from brightrun.training.configuration import PRESETS, GpuConfig, Hyperparameters, Preset
from brightrun.training.cost_estimate import Workload
from brightrun.training.gpu_fit import MemoryFit, memory_fit, reckoned_speed
from brightrun.training.planned_run import PlannedRun, planned_run
from brightrun.training.run_phases import RunPhases, run_phases


@dataclass(frozen=True)
class ResolvedConfig:
    """A request with every choice made."""

    preset_id: Preset
    hyperparameters: Hyperparameters
    gpu: Gpu
    count: int
    base_model: TrainableModel
    alternatives: tuple[Gpu, ...] = ()

    @property
    def gpu_config(self) -> GpuConfig:
        """The hardware, as records name it."""
        others = tuple(gpu.type for gpu in self.alternatives)
        return GpuConfig(type=self.gpu.type, count=self.count, alternatives=others)

    def on(self, gpu: Gpu) -> "ResolvedConfig":
        """Return the same on another GPU type."""
        return replace(self, gpu=gpu, alternatives=())


def resolve(request: EstimateRequest, catalog: Catalog, default_base_model: str) -> ResolvedConfig:
    """Return the request with its defaults filled in.

    Raises:
        InvalidRequest: an unknown GPU type or base model, rows longer than its context, or target
            modules that it has not.
    """
    gpu = catalog.gpu(request.gpu_config.type)
    model = _base_model(request.base_model or default_base_model, catalog)
    chosen = _fitted(request.hyperparameters, model)
    preset = request.preset_id if _is_unedited(request.preset_id, chosen) else Preset.CUSTOM
    others = tuple(catalog.gpu(name) for name in dict.fromkeys(request.gpu_config.alternatives))
    others = tuple(other for other in others if other.type != gpu.type)
    return ResolvedConfig(preset, chosen, gpu, request.gpu_config.count, model, others)


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


def require_startable(
    config: ResolvedConfig,
    catalog: Catalog,
    limits: Limits,
    max_cost: Decimal | None,
    *,
    storage: Decimal,
) -> None:
    """Return if the plan can be carried out on this stage.

    Raises:
        GpuUnavailable: no endpoint serves so many GPUs of the type; what is there is named.
        InvalidRequest: the budget would end it at once.
    """
    for gpu in (config.gpu, *config.alternatives):
        _require_endpoint(gpu, config.count, catalog)
    dearest = max(gpu.hourly_rate_usd for gpu in (config.gpu, *config.alternatives))
    least = storage + worst_case_overrun(dearest, config.count, limits)
    if max_cost is not None and max_cost <= least:
        message = f"must be above {least:.2f}, what storage takes, and a GPU until it stops"
        raise InvalidRequest({"max_cost": [message]})


def _require_endpoint(gpu: Gpu, count: int, catalog: Catalog) -> None:
    if gpu.endpoint(count) is not None:
        return
    there = catalog.startable()
    why = "no endpoint serves it here"
    if gpu.not_trainable is not None:
        why = f"nothing can be trained on it: {gpu.not_trainable}"
    raise GpuUnavailable(
        f"{count}x {gpu.type} can be priced, but {why}; there is "
        f"{', '.join(there) or 'nothing yet'}",
        {"gpu_type": gpu.type, "gpu_count": count, "available": there},
    )


def fit_of(config: ResolvedConfig, dataset: Dataset) -> MemoryFit:
    """Return whether it fits on its GPU, with the longest row of this dataset."""
    longest = _longest_row_tokens(dataset)
    return memory_fit(
        config.base_model, config.gpu, config.hyperparameters, longest_row_tokens=longest
    )


def reckoned_speed_of(config: ResolvedConfig, dataset: Dataset) -> float | None:
    """Return the tokens per second that it should reach by arithmetic; None if unknown."""
    work = workload_of(dataset)
    if not work.pairs:
        return None
    return reckoned_speed(
        config.base_model,
        config.gpu,
        config.hyperparameters,
        config.count,
        row_tokens=work.tokens / work.pairs,
        longest_row_tokens=_longest_row_tokens(dataset),
    )


def planned_run_of(config: ResolvedConfig, dataset: Dataset) -> PlannedRun | None:
    """Return the steps the trainer will take, held-out rows taken off; None before a verdict."""
    if dataset.verdict is None:
        return None
    counted = dataset.verdict.statistics
    return planned_run(
        counted.trained_rows, counted.conversations, counted.total_tokens, config.hyperparameters
    )


def phases_of(config: ResolvedConfig, dataset: Dataset) -> RunPhases | None:
    """Return where the GPU time of the run goes; None where that cannot be reckoned."""
    run = planned_run_of(config, dataset)
    if run is None:
        return None
    return run_phases(
        config.base_model,
        config.gpu,
        config.hyperparameters,
        config.count,
        run,
        longest_row_tokens=_longest_row_tokens(dataset),
    )


def _longest_row_tokens(dataset: Dataset) -> int | None:
    buckets = dataset.verdict.statistics.token_histogram if dataset.verdict else ()
    return max((bucket.high for bucket in buckets if bucket.count), default=None)


def require_fit(config: ResolvedConfig, dataset: Dataset) -> None:
    """Return if it fits on its GPU. Raises InvalidRequest with what is needed and what is there."""
    for gpu in (config.gpu, *config.alternatives):
        fit = fit_of(config.on(gpu), dataset)
        if not fit.fits:
            needs = f"{config.base_model.id} needs {fit.needed_gb} GB"
            field = "type" if gpu is config.gpu else "alternatives"
            message = f"{needs}, {gpu.type} has {fit.available_gb} GB"
            if gpu is config.gpu:
                message = f"{needs}, this has {fit.available_gb} GB"
            raise InvalidRequest({f"gpu_config.{field}": [message]})


def offered_beside(config: ResolvedConfig, dataset: Dataset, catalog: Catalog) -> tuple[str, ...]:
    """Return the other types that are there and on which it fits, the cheapest first."""
    others = sorted(catalog.gpus, key=lambda gpu: gpu.hourly_rate_usd)
    return tuple(
        gpu.type
        for gpu in others
        if gpu.type != config.gpu.type
        and gpu.endpoint(config.count) is not None
        and fit_of(config.on(gpu), dataset).fits
    )


def resolve_again(old: Job, catalog: Catalog) -> ResolvedConfig:
    """Return an earlier job's configuration at today's price, with the very same base weights."""
    model = catalog.base_model(old.base_model)
    same = model.model_copy(update={"revision": old.base_model_revision})
    gpu, *others = map(catalog.gpu, (old.gpu_config.type, *old.gpu_config.alternatives))
    count = old.gpu_config.count
    return ResolvedConfig(old.preset_id, old.hyperparameters, gpu, count, same, tuple(others))
