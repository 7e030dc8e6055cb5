"""What can be chosen today: GPU types with price and speed, and base models. Pure.

It is made of a document (`catalog_document`), shipped or pushed; a stage adds base models and says
which RunPod endpoint serves which GPU type through its settings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import orjson
from pydantic import Field

from brightrun.errors import InvalidRequest
from brightrun.records import Record
from brightrun.training.configuration import DECODER_PROJECTIONS, MAX_GPU_COUNT, Preset

_ENDPOINT_NAME = re.compile(r"(?P<type>\S+?)(?: x(?P<count>[1-9][0-9]?))?")


class Price(Record):
    """What one GPU costs for one hour from a day on."""

    hourly_rate_usd: Decimal
    effective_from: date


class Words(Record):
    """How something is called, what it is for, and a second line."""

    name: str
    description: str = ""
    tagline: str = ""


class Gpu(Record):
    """A GPU type as it is priced and planned; throughput is per GPU, for the baseline estimate.

    Attributes:
        later_prices: what it will cost, the next first; a job keeps the price it was created at.
        endpoints: the RunPod endpoint that serves so many of it, by count; RunPod fixes the GPUs
            of a worker at its endpoint. A count without one is priced, but not startable.
        not_trainable: why the trainer refuses it, in words; it keeps its price, and nobody can
            order it.
    """

    type: str
    name: str
    tagline: str = ""
    hourly_rate_usd: Decimal
    later_prices: tuple[Price, ...] = ()
    planning_tokens_per_second: int
    memory_gb: int
    effective_from: date
    not_trainable: str | None = None
    endpoints: dict[int, str] = Field(default_factory=dict)

    def endpoint(self, count: int) -> str | None:
        """Return the endpoint whose workers have that many of this GPU, or None."""
        return self.endpoints.get(count)


class TrainableModel(Record):
    """A base model that can be fine-tuned; the revision pins the exact weights.

    Attributes:
        needs_gpu_memory_gb: for rank 16 at 4,096 tokens with 4-bit weights.
        shape: the numbers of its `config.json` that memory is computed from; None where the
            figure above has to do.
        experimental: only workers that were told to train its type do.
        target_modules: what can be asked of it; experts of a mixture cannot.
        trains_tools, trains_reasoning: whether its chat template writes calls and thinking, so that
            rows with them can train; None where nobody has looked. Each row is checked anyway.
    """

    id: str
    revision: str
    name: str
    parameters: int
    context_tokens: int
    needs_gpu_memory_gb: int
    license: str = "unknown"
    shape: dict[str, int] | None = None
    experimental: bool = False
    target_modules: tuple[str, ...] = DECODER_PROJECTIONS
    trains_tools: bool | None = None
    trains_reasoning: bool | None = None


@dataclass(frozen=True)
class Catalog:
    """Everything a user may choose from, in the order it is shown; the first is the default.

    Attributes:
        endpoints: GPU type → count → endpoint id, of types that are offered no longer too: their
            jobs go on.
        version: which pushed document it was made of; 0: the shipped one.
        problem: why a newer one cannot be used; None: there is none.
    """

    gpus: tuple[Gpu, ...]
    base_models: tuple[TrainableModel, ...]
    presets: Mapping[Preset, Words] = field(default_factory=dict)
    endpoints: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    version: int = 0
    problem: str | None = None

    def gpu(self, gpu_type: str) -> Gpu:
        """Return a GPU type. Raises InvalidRequest naming the known ones."""
        for gpu in self.gpus:
            if gpu.type == gpu_type:
                return gpu
        known = ", ".join(gpu.type for gpu in self.gpus)
        raise InvalidRequest({"gpu_config.type": [f"unknown GPU type; known are {known}"]})

    def endpoint(self, gpu_type: str, count: int) -> str | None:
        """Return the endpoint that serves so many of a type, offered or not; None: none does."""
        return self.endpoints.get(gpu_type, {}).get(count)

    def startable(self) -> list[str]:
        """Return what can be started here, in words: `1x H100`."""
        return [f"{count}x {gpu.type}" for gpu in self.gpus for count in sorted(gpu.endpoints)]

    def counted_for(self, model_id: str | None) -> TrainableModel:
        """Return the model whose tokens are counted: the one named if it is offered, or the first.

        A dataset may have named one that is offered no longer.
        """
        named = (model for model in self.base_models if model.id == model_id)
        return next(named, self.base_models[0])

    def base_model(self, model_id: str) -> TrainableModel:
        """Return a base model. Raises InvalidRequest naming the known ones."""
        for model in self.base_models:
            if model.id == model_id:
                return model
        known = ", ".join(model.id for model in self.base_models)
        raise InvalidRequest({"base_model": [f"unknown base model; known are {known}"]})


def listed_models(listed: str) -> tuple[TrainableModel, ...]:
    """Return the base models of a JSON list. Raises ValueError if one cannot be read."""
    return tuple(TrainableModel.model_validate(entry) for entry in orjson.loads(listed))


def endpoints_by_type(named: Mapping[str, str]) -> dict[str, dict[int, str]]:
    """Return type → count → endpoint id of `{"H100": "abc", "H100 x2": "def"}`.

    A type without a count has one GPU to a worker.

    Raises:
        ValueError: a name is no type with a count, or an endpoint stands for two.
    """
    served: dict[str, dict[int, str]] = {}
    for name, endpoint_id in named.items():
        found = _ENDPOINT_NAME.fullmatch(name)
        count = int(found["count"] or 1) if found else 0
        if found is None or not 1 <= count <= MAX_GPU_COUNT:
            message = f"{name!r} is no GPU type with a count of 1 to {MAX_GPU_COUNT}: 'H100 x2'"
            raise ValueError(message)
        if endpoint_id in {known for counts in served.values() for known in counts.values()}:
            raise ValueError(f"endpoint {endpoint_id} is named twice: its workers have one size")
        served.setdefault(found["type"], {})[count] = endpoint_id
    return served
