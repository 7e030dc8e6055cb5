"""Whether a run fits on a GPU type, and how fast model and chip should be together. Pure."""

from dataclasses import dataclass, replace
from typing import Literal

from brightrun.records import Record
from brightrun.training.catalog import Gpu, TrainableModel
from brightrun.training.configuration import Hyperparameters
from brightrun.training.memory_model import (
    CHIPS,
    SMALLEST_MICRO_STEP,
    Chip,
    Setting,
    Workload,
    choose_setting,
    memory,
)
from brightrun.training.model_dimensions import Shape
from brightrun.training.speed_model import step_seconds

_GIGABYTE = 1e9
_LARGEST_GPU_GB = 300


class MemoryFit(Record):
    """What one GPU needs against what it has, in gigabytes; each GPU holds a whole copy.

    Attributes:
        needed_gb: in the setting that would be chosen; in the most frugal one if none fits.
        basis: computed from the model's shape, or the catalogue's own figure.
        refused: why nothing is trained on this GPU type, whatever its memory; null where it is.
    """

    fits: bool
    needed_gb: float
    available_gb: int
    basis: Literal["shape", "catalogue"]
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A model, what is asked of it, a chip, and the setting that would be chosen on it."""

    shape: Shape
    work: Workload
    chip: Chip
    setting: Setting


def memory_fit(
    model: TrainableModel,
    gpu: Gpu,
    hyperparameters: Hyperparameters,
    *,
    longest_row_tokens: int | None = None,
) -> MemoryFit:
    """Return whether training fits; more GPUs do not change it, because each holds the model.

    Args:
        longest_row_tokens: of the dataset; the configured limit stands for one not read yet.
    """
    fit = _by_memory(model, gpu, hyperparameters, longest_row_tokens)
    if gpu.not_trainable is None:
        return fit
    return fit.model_copy(update={"fits": False, "refused": gpu.not_trainable})


def least_gpu_memory_gb(model: TrainableModel, hyperparameters: Hyperparameters) -> int | None:
    """Return how large a GPU must be for a model whose shape is known; None: no GPU is.

    Each gradient step takes as few tokens at once as it can there, and recomputes every layer.
    """
    shape = _shape(model)
    if shape is None:
        return None
    work = _workload(hyperparameters, None)
    sizes = range(1, _LARGEST_GPU_GB + 1)
    fitting = (size for size in sizes if choose_setting(shape, work, size * _GIGABYTE))
    return next(fitting, None)


def _by_memory(
    model: TrainableModel,
    gpu: Gpu,
    hyperparameters: Hyperparameters,
    longest_row_tokens: int | None,
) -> MemoryFit:
    shape = _shape(model)
    if shape is None:
        return MemoryFit(
            fits=model.needs_gpu_memory_gb <= gpu.memory_gb,
            needed_gb=model.needs_gpu_memory_gb,
            available_gb=gpu.memory_gb,
            basis="catalogue",
        )
    return _reckoned(shape, _workload(hyperparameters, longest_row_tokens), gpu)


def reckoned_speed(
    model: TrainableModel,
    gpu: Gpu,
    hyperparameters: Hyperparameters,
    count: int,
    *,
    row_tokens: float,
    longest_row_tokens: int | None = None,
) -> float | None:
    """Return the tokens per second that model and chip should reach together; None if unknown.

    A step of few tokens waits for the host or reads all weights for little work, and a step of
    fewer rows than GPUs leaves some idle: all of that is in the figure. It can never be above the
    chips' peak.

    Args:
        row_tokens: mean length of a row of the dataset.
    """
    known = reckoned(model, gpu, hyperparameters, row_tokens, longest_row_tokens=longest_row_tokens)
    if known is None:
        return None
    rows = hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps
    tokens = rows * row_tokens
    seconds = step_seconds(
        known.shape,
        known.work,
        known.chip,
        known.setting,
        tokens=tokens,
        gpus=min(count, rows),
    )
    return tokens / seconds


def reckoned(
    model: TrainableModel,
    gpu: Gpu,
    hyperparameters: Hyperparameters,
    row_tokens: float,
    *,
    longest_row_tokens: int | None = None,
) -> Reckoned | None:
    """Return what a speed is reckoned from; None where shape, chip or a setting is not known."""
    shape, chip = _shape(model), CHIPS.get(gpu.type)
    if shape is None or chip is None:
        return None
    work = replace(_workload(hyperparameters, longest_row_tokens), document_tokens=row_tokens)
    setting = choose_setting(shape, work, gpu.memory_gb * _GIGABYTE)
    return None if setting is None else Reckoned(shape, work, chip, setting)


def _workload(hyperparameters: Hyperparameters, longest_row_tokens: int | None) -> Workload:
    limit = hyperparameters.max_sequence_tokens
    return Workload(
        rank=hyperparameters.rank,
        targets=hyperparameters.target_modules,
        longest_row_tokens=min(limit, longest_row_tokens or limit),
        dropout=hyperparameters.dropout,
    )


def _shape(model: TrainableModel) -> Shape | None:
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
