"""The processes of one run: one per GPU, one flat all-reduce per optimizer step."""

import ctypes
import os
import signal
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

LONGEST_WAIT = timedelta(minutes=30)
"""For another rank: the first writes checkpoints and lets both models answer while others wait."""
_SET_PARENT_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of Linux's prctl."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which process this is, of how many."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """Whether this process reports and writes files."""
        return self.rank == 0

    def add_up(self, tensor: Tensor) -> None:
        """Replace `tensor` by its sum over all ranks, in place."""
        if self.count > 1:
            dist.all_reduce(tensor)

    def gather(self, found: dict[int, Any]) -> dict[int, Any]:
        """Return what all ranks have found, by place; all of them get it."""
        if self.count == 1:
            return found
        everyones: list[Any] = [None] * self.count
        dist.all_gather_object(everyones, found)
        return {place: each for part in everyones for place, each in part.items()}


def deal_tasks(count: int, ranks: Ranks) -> range:
    """Return which of `count` equal tasks this rank does."""
    return range(ranks.rank, count, ranks.count)


def join() -> Ranks:
    """Return this process's place as torchrun set it, joined with the others."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Ranks()
    _end_with_parent()
    on_gpu = torch.cuda.is_available()
    local_rank = int(os.environ["LOCAL_RANK"])
    if on_gpu:
        torch.cuda.set_device(local_rank)
    # with its device NCCL takes its memory now, and not when the weights have filled the GPU
    device = torch.device("cuda", local_rank) if on_gpu else None
    dist.init_process_group("nccl" if on_gpu else "gloo", device_id=device, timeout=LONGEST_WAIT)
    return Ranks(int(os.environ["RANK"]), count, local_rank)


def leave() -> None:
    """Leave the group, if there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()


def _end_with_parent() -> None:
    """Have the kernel end this process when torchrun is killed.

    torchrun gives each rank a session of its own, so that nobody else could: eight GPUs would train
    on for a job that is over.
    """
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() == 1:
        raise SystemExit(1)  # torchrun ended before the kernel was asked
