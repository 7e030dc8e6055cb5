"""What can be chosen: GPU types with price and speed, and base models. Pure.

The shipped catalogue is `catalog.json`; a stage adds base models and says which RunPod endpoint
serves which GPU type through its settings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files

import orjson
from pydantic import Field

from brightrun.errors import InvalidRequest
from brightrun.records import Record
from brightrun.training.configuration import DECODER_PROJECTIONS, MAX_GPU_COUNT

_ENDPOINT_NAME = re.compile(r"(?P<type>\S+?)(?: x(?P<count>[1-9][0-9]?))?")


class Gpu(Record):
    """A GPU type as it is priced and planned; throughput is per GPU, for the baseline estimate.

    Attributes:
        endpoints: the RunPod endpoint that serves so many of it, by count; RunPod fixes the GPUs
            of a worker at its endpoint. A count without one is priced, but not startable.
        not_trainable: why the trainer refuses it, in words; it keeps its price, and nobody can
            order it.
    """

    type: str
    hourly_rate_usd: Decimal
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
        shape: the numbers of its `config.json` that memory is reckoned from; None where the
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
    """Everything a user may choose from, in the order it is shown; the first is the default."""

    gpus: tuple[Gpu, ...]
    base_models: tuple[TrainableModel, ...]

    def gpu(self, gpu_type: str) -> Gpu:
        """Return a GPU type. Raises InvalidRequest naming the known ones."""
        for gpu in self.gpus:
            if gpu.type == gpu_type:
                return gpu
        known = ", ".join(gpu.type for gpu in self.gpus)
        raise InvalidRequest({"gpu_config.type": [f"unknown GPU type; known are {known}"]})

    def startable(self) -> list[str]:
        """Return what can be started here, in words: `1x H100`."""
        return [f"{count}x {gpu.type}" for gpu in self.gpus for count in sorted(gpu.endpoints)]

    def base_model(self, model_id: str) -> TrainableModel:
        """Return a base model. Raises InvalidRequest naming the known ones."""
        for model in self.base_models:
            if model.id == model_id:
                return model
        known = ", ".join(model.id for model in self.base_models)
        raise InvalidRequest({"base_model": [f"unknown base model; known are {known}"]})


def load_catalog(extra_base_models: str, endpoints: Mapping[str, str]) -> Catalog:
    """Return the shipped catalogue with a stage's own models first and its endpoints filled in.

    Experimental models come last, so that none of them is what is trained when nothing is chosen.

    Args:
        extra_base_models: a JSON list of `TrainableModel` objects.
        endpoints: GPU type → RunPod endpoint id; see `endpoints_by_type`.

    Raises:
        ValueError: an endpoint is of no known GPU type, or a base model cannot be read.
    """
    served = endpoints_by_type(endpoints)
    shipped = orjson.loads(files("brightrun.training").joinpath("catalog.json").read_bytes())
    gpus = [Gpu.model_validate(entry) for entry in shipped["gpus"]]
    unknown = sorted(served.keys() - {gpu.type for gpu in gpus})
    if unknown:
        known = ", ".join(gpu.type for gpu in gpus)
        raise ValueError(f"unknown GPU type {unknown[0]!r}; known are {known}")
    entries = [*orjson.loads(extra_base_models), *shipped["base_models"]]
    models = (TrainableModel.model_validate(entry) for entry in entries)
    return Catalog(
        gpus=tuple(_served(gpu, served) for gpu in gpus),
        base_models=tuple(sorted(models, key=lambda model: model.experimental)),
    )


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


def _served(gpu: Gpu, served: Mapping[str, dict[int, str]]) -> Gpu:
    if gpu.not_trainable:
        return gpu
    return gpu.model_copy(update={"endpoints": served.get(gpu.type, {})})
