"""What the parent leaves for the training process: one folder with `order.json` in it. Pure."""

from enum import StrEnum
from pathlib import Path

from brightrun.records import Request
from brightrun.training.protocol import TrainingSpec

ORDER = "order.json"
DATASET = "dataset"
RESUME = "resume"
CHECKPOINTS = "checkpoints"
ARTIFACTS = "artifacts"


class Option(StrEnum):
    """Something that makes training faster with other numbers, on some GPUs; off by default."""

    FP8 = "fp8"
    FA3 = "fa3"
    FA4 = "fa4"


class RunOrder(Request):
    """One run, as the training process reads it. Unknown fields are an error.

    Attributes:
        models_dir: folder with prepared base models, tried before the Hub.
        hub_caches: folders in the Hub's layout, read and never written to: RunPod's cached model.
        cache_dir: where the Hub's files go.
        may_evict: other models in `cache_dir` may be deleted for room: it is the worker's own.
        checkpoint_seconds: longest time between two checkpoints.
        micro_step_tokens: tokens per forward pass; chosen from memory when absent.
        gated_model_types: experimental model types that may be trained.
        options: of the worker: see `training.options`.
        image_version: of the code that trains, for `training_args.json`.
    """

    spec: TrainingSpec
    models_dir: str | None = None
    hub_caches: tuple[str, ...] = ()
    cache_dir: str
    may_evict: bool = False
    checkpoint_seconds: float = 120.0
    micro_step_tokens: int | None = None
    gated_model_types: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    image_version: str = "unknown"


def write_order(folder: Path, order: RunOrder) -> None:
    """Leave `order` in `folder` for `python -m trainer_image.train folder`."""
    (folder / ORDER).write_text(order.model_dump_json(), encoding="utf-8")


def read_order(folder: Path) -> RunOrder:
    """Return what `write_order` left.

    Raises:
        pydantic.ValidationError: an unknown field or a value out of its limits.
    """
    return RunOrder.model_validate_json((folder / ORDER).read_bytes())
