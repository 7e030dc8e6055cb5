"""What can be chosen: GPU types with price and speed, and base models. Pure.

The shipped catalogue is `catalog.json`; a stage adds base models and says which RunPod endpoint
serves which GPU type through its settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files

import orjson

from brightrun.errors import InvalidRequest
from brightrun.records import Record
from brightrun.training.configuration import DECODER_PROJECTIONS


class Gpu(Record):
    """A GPU type as it is priced and planned; throughput is per GPU, for the baseline estimate.

    Attributes:
        endpoint_id: the RunPod endpoint that serves it; None: priced, but not startable.
    """

    type: str
    hourly_rate_usd: Decimal
    planning_tokens_per_second: int
    memory_gb: int
    effective_from: date
    endpoint_id: str | None = None


class TrainableModel(Record):
    """A base model that can be fine-tuned; the revision pins the exact weights.

    Attributes:
        needs_gpu_memory_gb: for rank 16 at 4,096 tokens with 4-bit weights.
        shape: the numbers of its `config.json` that memory is reckoned from; None where the
            figure above has to do.
        experimental: only workers that were told to train its type do.
        target_modules: what can be asked of it; experts of a mixture cannot.
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
        endpoints: GPU type → RunPod endpoint id.
    """
    shipped = orjson.loads(files("brightrun.training").joinpath("catalog.json").read_bytes())
    gpus = (Gpu.model_validate(entry) for entry in shipped["gpus"])
    entries = [*orjson.loads(extra_base_models), *shipped["base_models"]]
    models = (TrainableModel.model_validate(entry) for entry in entries)
    return Catalog(
        gpus=tuple(gpu.model_copy(update={"endpoint_id": endpoints.get(gpu.type)}) for gpu in gpus),
        base_models=tuple(sorted(models, key=lambda model: model.experimental)),
    )
