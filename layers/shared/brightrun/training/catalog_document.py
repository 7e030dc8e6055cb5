"""The catalogue as it is written down: prices with a date, base models, names and taglines. Pure.

The shipped one is `catalog.json`; a stage may push another, which is checked by the same model: a
field that nobody knows is an error that names it. What is offered on a day is made of it here.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from brightrun.errors import InvalidRequest
from brightrun.money import Usd
from brightrun.names import Name
from brightrun.records import Moment, OwnersRequest, Record
from brightrun.training.catalog import (
    Catalog,
    Gpu,
    Price,
    TrainableModel,
    Words,
    endpoints_by_type,
    listed_models,
)
from brightrun.training.configuration import PRESETS, Preset

Tagline = Annotated[str, Field(max_length=200)]
_Few = Annotated[int, Field(ge=1, le=10_000)]


class PriceEntry(OwnersRequest):
    """What one GPU costs for one hour from a day on, UTC."""

    hourly_rate_usd: Annotated[Usd, Field(gt=0, le=1000, max_digits=9, decimal_places=4)]
    effective_from: date


class GpuEntry(OwnersRequest):
    """A GPU type; before its first price is in effect it is not offered.

    Attributes:
        planning_tokens_per_second: of one GPU, for the estimate before anything was measured.
        not_trainable: why the trainer refuses it; it keeps its price and cannot be ordered.
    """

    type: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    name: Name
    tagline: Tagline = ""
    planning_tokens_per_second: Annotated[int, Field(ge=1, le=1_000_000)]
    memory_gb: _Few
    not_trainable: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    prices: Annotated[tuple[PriceEntry, ...], Field(min_length=1, max_length=100)]


class PresetEntry(OwnersRequest):
    """How a preset is called, what it is for, and its second line."""

    name: Name
    description: Annotated[str, Field(min_length=1, max_length=300)]
    tagline: Tagline = ""


class CatalogDocument(OwnersRequest):
    """Everything that can be chosen, in the order it is shown; the first is the default."""

    gpus: Annotated[tuple[GpuEntry, ...], Field(min_length=1, max_length=100)]
    base_models: Annotated[tuple[TrainableModel, ...], Field(min_length=1, max_length=500)]
    presets: dict[Preset, PresetEntry]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        _once("GPU type", (gpu.type for gpu in self.gpus))
        _once("base model", (model.id for model in self.base_models))
        for gpu in self.gpus:
            _once(f"price of {gpu.type} from", (str(p.effective_from) for p in gpu.prices))
        if set(self.presets) != set(PRESETS):
            raise ValueError(f"presets must be {', '.join(PRESETS)}")
        return self


def _once(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name} stands there twice")
        seen.add(name)


class PushedCatalog(Record):
    """A catalogue that was pushed to a stage, and by whom; versions count from 1."""

    version: int
    pushed_at: Moment
    pushed_by: str
    document: CatalogDocument


def checked(given: object, *, on: date) -> CatalogDocument:
    """Return a document if it can be offered on that day.

    Raises:
        InvalidRequest: each wrong field is named.
    """
    try:
        document = CatalogDocument.model_validate(given, extra="forbid")
    except ValidationError as error:
        told: dict[str, list[str]] = {}
        for problem in error.errors(include_url=False, include_input=False, include_context=False):
            where = ".".join(("document", *map(str, problem["loc"])))
            told.setdefault(where, []).append(problem["msg"])
        raise InvalidRequest(told) from error
    offered = catalog_of(document, {}, on=on).gpus
    if all(gpu.not_trainable for gpu in offered):
        message = f"no GPU type that can be trained on has a price on {on.isoformat()}"
        raise InvalidRequest({"document.gpus": [message]})
    return document


def shipped_document() -> CatalogDocument:
    """Return the catalogue that comes with the package."""
    raw = files("brightrun.training").joinpath("catalog.json").read_bytes()
    return CatalogDocument.model_validate_json(raw, extra="forbid")


def catalog_of(
    document: CatalogDocument,
    endpoints: Mapping[str, str],
    *,
    on: date,
    extra_base_models: str = "[]",
) -> Catalog:
    """Return what is offered on a day, with a stage's own models first and its endpoints.

    Experimental models come last, so that none of them is what is trained when nothing is chosen.

    Args:
        endpoints: GPU type and count → RunPod endpoint id; see `endpoints_by_type`.
        extra_base_models: a JSON list of `TrainableModel` objects.
    """
    served = endpoints_by_type(endpoints)
    models = (*listed_models(extra_base_models), *document.base_models)
    unknown = sorted(served.keys() - {entry.type for entry in document.gpus})
    return Catalog(
        gpus=tuple(gpu for entry in document.gpus if (gpu := _offered(entry, served, on))),
        base_models=tuple(sorted(models, key=lambda model: model.experimental)),
        presets={name: Words(**dict(entry)) for name, entry in document.presets.items()},
        endpoints=served,
        problem=f"endpoints are named for GPU types it has not: {', '.join(unknown)}"
        if unknown
        else None,
    )


def _offered(entry: GpuEntry, served: Mapping[str, dict[int, str]], on: date) -> Gpu | None:
    """Return a GPU type at the price of that day, or None before its first."""
    prices = sorted(entry.prices, key=lambda price: price.effective_from)
    in_effect = [price for price in prices if price.effective_from <= on]
    if not in_effect:
        return None
    later = [price for price in prices if price.effective_from > on]
    return Gpu(
        type=entry.type,
        name=entry.name,
        tagline=entry.tagline,
        hourly_rate_usd=in_effect[-1].hourly_rate_usd,
        effective_from=in_effect[-1].effective_from,
        later_prices=tuple(Price(**dict(price)) for price in later),
        planning_tokens_per_second=entry.planning_tokens_per_second,
        memory_gb=entry.memory_gb,
        not_trainable=entry.not_trainable,
        endpoints={} if entry.not_trainable else served.get(entry.type, {}),
    )
