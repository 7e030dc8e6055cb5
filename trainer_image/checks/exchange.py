"""Can this machine's GPUs add up their gradients? Run once for each GPU by torchrun.

Docker gives a container 64 MB of `/dev/shm`, and NCCL takes its way through it where GPUs cannot
reach each other's memory: then the first step of a job fails, minutes after it has begun to cost.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
import torch.distributed as dist

LEAST_SHARED_BYTES = 10**9
WITHOUT_SHARED_MEMORY = {"NCCL_SHM_DISABLE": "1"}
LONGEST_SECONDS = 180
_NUMBERS = 1 << 18
"""One megabyte of fp32."""
_LAST_WORDS = 400
_SHARED = Path("/dev/shm")  # noqa: S108 - looked at, nothing is written there


def settings_for(shared_bytes: int, *, peers: bool) -> dict[str, str]:
    """Return what NCCL has to be told where there is too little shared memory for it.

    Args:
        peers: every GPU can reach every other's memory, so that NCCL has no use for the host's.
    """
    return {} if peers or shared_bytes >= LEAST_SHARED_BYTES else WITHOUT_SHARED_MEMORY


def shared_bytes(folder: Path = _SHARED) -> int:
    """Return the size of the shared memory that processes of this container have."""
    try:
        sizes = os.statvfs(folder)
    except OSError:
        return 0
    return sizes.f_frsize * sizes.f_blocks


def all_are_peers(count: int) -> bool:
    """Return whether each of the first `count` GPUs can reach each other one's memory."""
    return all(
        torch.cuda.can_device_access_peer(one, other)
        for one in range(count)
        for other in range(count)
        if one != other
    )


def exchange_problems(count: int, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield why `count` processes, one per GPU, cannot sum a megabyte; nothing for fewer than two.

    In processes of their own, as a run has them, and with `environment`.
    """
    if count < 2:  # noqa: PLR2004 - one has nobody to exchange with
        return
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
    line = [sys.executable, *torchrun, "-m", "trainer_image.checks.exchange"]
    try:
        done = subprocess.run(
            line,
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield f"{count} GPUs did not sum a megabyte in {LONGEST_SECONDS} seconds"
        return
    if done.returncode:
        yield f"{count} GPUs cannot sum a megabyte: {done.stderr[-_LAST_WORDS:].strip()}"


def main() -> int:
    """Sum a megabyte over all ranks; the exit status says whether the sum is right."""
    on_gpu = torch.cuda.is_available()
    rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if on_gpu else "gloo", device_id=device if on_gpu else None)
    numbers = torch.full((_NUMBERS,), float(rank + 1), device=device)
    dist.all_reduce(numbers)
    is_right = bool((numbers == count * (count + 1) / 2).all())
    dist.destroy_process_group()
    return 0 if is_right else 1


if __name__ == "__main__":
    raise SystemExit(main())
