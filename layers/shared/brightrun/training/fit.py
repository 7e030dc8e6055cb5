"""Whether a base model and its training state fit on a GPU type. Pure."""

from typing import Literal

from brightrun.records import Record
from brightrun.training.catalog import BaseModel, Gpu
from brightrun.training.configuration import Hyperparameters
from brightrun.training.estimator import (
    SMALLEST_MICRO_STEP,
    Setting,
    Workload,
    choose_setting,
    memory,
)
from brightrun.training.shapes import Shape

_GIGABYTE = 1e9


class MemoryFit(Record):
    """What one GPU needs against what it has, in gigabytes; each GPU holds a whole copy.

    Attributes:
        needed_gb: in the setting that would be chosen; in the most frugal one if none fits.
        basis: reckoned from the model's shape, or the catalogue's own figure.
    """

    fits: bool
    needed_gb: float
    available_gb: int
    basis: Literal["shape", "catalogue"]


def memory_fit(
    model: BaseModel,
    gpu: Gpu,
    hyperparameters: Hyperparameters,
    *,
    longest_row_tokens: int | None = None,
) -> MemoryFit:
    """Return whether training fits; more GPUs do not change it, because each holds the model.

    Args:
        longest_row_tokens: of the dataset; the configured limit stands for one not read yet.
    """
    shape = _shape(model)
    if shape is None:
        return MemoryFit(
            fits=model.needs_gpu_memory_gb <= gpu.memory_gb,
            needed_gb=model.needs_gpu_memory_gb,
            available_gb=gpu.memory_gb,
            basis="catalogue",
        )
    limit = hyperparameters.max_sequence_tokens
    work = Workload(
        rank=hyperparameters.rank,
        targets=hyperparameters.target_modules,
        longest_row_tokens=min(limit, longest_row_tokens or limit),
        dropout=hyperparameters.dropout,
    )
    return _reckoned(shape, work, gpu)


def _shape(model: BaseModel) -> Shape | None:
    """None where the model is of a kind whose memory cannot be reckoned: no guess in its place."""
    try:
        return Shape.from_config(model.shape) if model.shape else None
    except KeyError:
        return None


def _reckoned(shape: Shape, work: Workload, gpu: Gpu) -> MemoryFit:
    chosen = choose_setting(shape, work, gpu.memory_gb * _GIGABYTE)
    tokens = max(SMALLEST_MICRO_STEP, work.longest_row_tokens)
    frugal = Setting(tokens, checkpointed_layers=shape.layers)
    needed = memory(shape, work, chosen or frugal).needed
    return MemoryFit(
        fits=chosen is not None,
        needed_gb=round(needed / _GIGABYTE, 1),
        available_gb=gpu.memory_gb,
        basis="shape",
    )
