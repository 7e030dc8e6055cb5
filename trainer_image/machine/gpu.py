"""What the GPUs of this machine are and do, asked of the driver; no torch, no CUDA context."""

from dataclasses import dataclass

import pynvml  # type: ignore[import-untyped]

MOST_TAKEN_BYTES = 2 * 10**9
"""Of a GPU's memory: an idle driver keeps less than one; the estimator leaves 1.2 and a tenth."""


@dataclass(frozen=True, slots=True)
class Gpus:
    """The machine's GPUs; all of one kind, as RunPod gives them. `count` 0 is a CPU machine.

    Attributes:
        taken_bytes: of each GPU's memory, what was in use when it was looked at.
    """

    count: int = 0
    name: str | None = None
    memory_gb: float | None = None
    taken_bytes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the GPUs are, on average, and the memory in use on the fullest; None without any."""

    utilization_percent: float | None = None
    memory_gb: float | None = None


def find_gpus() -> Gpus:
    """Return what the driver lists; nothing when there is no driver."""
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
        if not count:
            return Gpus()
        gpus = [pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(count)]
        memory = [pynvml.nvmlDeviceGetMemoryInfo(gpu) for gpu in gpus]
        name = str(pynvml.nvmlDeviceGetName(gpus[0]))
        return Gpus(count, name, memory[0].total / 1e9, tuple(each.used for each in memory))
    except pynvml.NVMLError:
        return Gpus()


def read_load() -> Load:
    """Return the GPUs' load now."""
    try:
        pynvml.nvmlInit()  # counted by the driver library: repeating it is cheap
        gpus = [
            pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(pynvml.nvmlDeviceGetCount())
        ]
        if not gpus:
            return Load()
        busy = [pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu for gpu in gpus]
        used = [pynvml.nvmlDeviceGetMemoryInfo(gpu).used for gpu in gpus]
    except pynvml.NVMLError:
        return Load()
    return Load(sum(busy) / len(busy), max(used) / 1e9)
