"""Time and memory of a device: read without making it wait more than once."""

import gc
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import FrameType

import torch

GIB = 2**30


class Stopwatch:
    """Marks on the device's own timeline; only reading them waits for it."""

    def __init__(self, device: torch.device) -> None:
        self.on_gpu = device.type == "cuda"
        self.events: list[torch.cuda.Event] = []
        self.instants: list[float] = []

    def mark(self) -> None:
        """Note when everything asked of the device so far is done."""
        if self.on_gpu:
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            self.events.append(event)
        else:
            self.instants.append(time.perf_counter())

    def seconds(self) -> list[float]:
        """Return the time between each mark and the next."""
        if not self.on_gpu:
            return [end - start for start, end in pairwise(self.instants)]
        torch.cuda.synchronize()
        return [start.elapsed_time(end) / 1000 for start, end in pairwise(self.events)]


def forget_peak(device: torch.device) -> None:
    """Start to look for the highest use of memory from here."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak_bytes(device: torch.device) -> int | None:
    """Return the most that tensors have held since `forget_peak`; None on a CPU."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None


def release(device: torch.device) -> None:
    """Give memory that nobody refers to back to the driver."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


class OutOfTime(Exception):
    """A section was cut short because the whole measurement's time was up."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the block, between two of its operations, after `seconds`."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"cut short: no time left after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
