"""What can be chosen, as a form needs it: presets, GPU types, base models, limits."""

from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.money import Usd
from brightrun.ports.s3.tokenizers import installed_tokenizers
from brightrun.records import DeferredModel
from brightrun.runtime import Deps
from brightrun.s3_keys import base_model_prefix
from brightrun.training.catalog import Gpu, TrainableModel
from brightrun.training.configuration import MAX_GPU_COUNT, PRESETS, Hyperparameters, Preset


class PresetView(DeferredModel):
    """A named set of hyperparameters, and what it is for.

    Attributes:
        name: how it is shown.
        tagline: a second line.
    """

    preset_id: Preset
    name: str
    description: str
    tagline: str
    hyperparameters: Hyperparameters


class LaterPrice(DeferredModel):
    """What one GPU will cost for one hour, from a day on, UTC."""

    hourly_rate: Usd
    effective_from: str


class GpuView(DeferredModel):
    """A GPU type; a job on it can be started with one of `counts`, if `available`.

    `not_trainable` says why the trainer refuses it; null where it does not.

    Attributes:
        name: how it is shown.
        tagline: a second line.
        later_prices: what it will cost; a job keeps the price it was created at.
    """

    type: str
    name: str
    tagline: str
    hourly_rate: Usd
    tokens_per_second: int
    memory_gb: int
    effective_from: str
    later_prices: tuple[LaterPrice, ...]
    available: bool
    counts: tuple[int, ...]
    trainable: bool
    not_trainable: str | None


class OfferedModel(TrainableModel):
    """A base model as it is offered here.

    Attributes:
        tokenizer: `missing`: its tokens are estimated, and rows have no preview; null where the
            bucket does not say.
    """

    tokenizer: Literal["installed", "missing"] | None


class Defaults(DeferredModel):
    """What a form starts with."""

    preset_id: Preset
    gpu_type: str
    gpu_count: int
    base_model: str


class PlatformLimits(DeferredModel):
    """What will be refused beyond."""

    max_gpu_count: int
    max_dataset_size_bytes: int
    max_active_jobs: int
    hyperparameters: dict[str, Any]


class CatalogView(DeferredModel):
    """Everything a form needs.

    Attributes:
        version: of the catalogue that was pushed to this stage; 0: the shipped one.
    """

    version: int
    presets: tuple[PresetView, ...]
    gpu_types: tuple[GpuView, ...]
    base_models: tuple[OfferedModel, ...]
    defaults: Defaults
    limits: PlatformLimits


def _gpu(gpu: Gpu) -> GpuView:
    return GpuView(
        type=gpu.type,
        name=gpu.name,
        tagline=gpu.tagline,
        hourly_rate=gpu.hourly_rate_usd,
        tokens_per_second=gpu.planning_tokens_per_second,
        memory_gb=gpu.memory_gb,
        effective_from=gpu.effective_from.isoformat(),
        later_prices=tuple(
            LaterPrice(
                hourly_rate=price.hourly_rate_usd, effective_from=price.effective_from.isoformat()
            )
            for price in gpu.later_prices
        ),
        available=bool(gpu.endpoints),
        counts=tuple(sorted(gpu.endpoints)),
        trainable=gpu.not_trainable is None,
        not_trainable=gpu.not_trainable,
    )


def _offered(deps: Deps) -> tuple[OfferedModel, ...]:
    try:
        installed = installed_tokenizers(deps.store)
    except (BotoCoreError, ClientError):
        installed = None

    def tokenizer(model: TrainableModel) -> Literal["installed", "missing"] | None:
        if installed is None:
            return None
        found = base_model_prefix(model.id, model.revision) in installed
        return "installed" if found else "missing"

    return tuple(
        OfferedModel(**model.model_dump(), tokenizer=tokenizer(model))
        for model in deps.catalog.base_models
    )


def _defaults(deps: Deps) -> Defaults:
    gpus, models = deps.catalog.gpus, deps.catalog.base_models
    gpu = next((gpu for gpu in gpus if gpu.endpoints), gpus[0])
    return Defaults(
        preset_id=Preset.BALANCED,
        gpu_type=gpu.type,
        gpu_count=min(gpu.endpoints, default=1),
        base_model=deps.settings.default_base_model or models[0].id,
    )


def _limits(deps: Deps) -> PlatformLimits:
    shape = Hyperparameters.model_json_schema()["properties"]
    return PlatformLimits(
        max_gpu_count=MAX_GPU_COUNT,
        max_dataset_size_bytes=deps.settings.max_dataset_size_bytes,
        max_active_jobs=deps.settings.max_active_jobs_per_user,
        hyperparameters={
            name: {key: facts[key] for key in ("minimum", "maximum", "default") if key in facts}
            for name, facts in shape.items()
        },
    )


def catalog_view(deps: Deps) -> CatalogView:
    """Return everything a job can be configured with on this stage."""
    words = deps.catalog.presets
    return CatalogView(
        version=deps.catalog.version,
        presets=tuple(
            PresetView(preset_id=preset, hyperparameters=values, **dict(words[preset]))
            for preset, values in PRESETS.items()
        ),
        gpu_types=tuple(_gpu(gpu) for gpu in deps.catalog.gpus),
        base_models=_offered(deps),
        defaults=_defaults(deps),
        limits=_limits(deps),
    )
