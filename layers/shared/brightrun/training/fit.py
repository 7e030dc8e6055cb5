"""Whether a base model and its training state fit on a GPU type. Pure."""

from brightrun.records import Record
from brightrun.training.catalog import BaseModel, Gpu


class MemoryFit(Record):
    """What one GPU needs against what it has, in gigabytes; each GPU holds a whole copy."""

    fits: bool
    needed_gb: int
    available_gb: int


def memory_fit(model: BaseModel, gpu: Gpu) -> MemoryFit:
    """Return whether training fits; more GPUs do not change it, because each holds the model."""
    return MemoryFit(
        fits=model.needs_gpu_memory_gb <= gpu.memory_gb,
        needed_gb=model.needs_gpu_memory_gb,
        available_gb=gpu.memory_gb,
    )
