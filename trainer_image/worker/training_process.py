"""The training process: started in a process group of its own, read line by line, ended.

Its environment is built from an allow-list, so neither the attempt token nor a RunPod or AWS
secret is in it. Not covered: parent and child run as one user, so code in the child could read
the parent's memory; the image runs no code from a dataset or a model repository.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping
from math import ceil
from pathlib import Path

from pydantic import ValidationError

from trainer_image.ipc.events import Event, LineWritten, parse_event

KEPT_NAMES = frozenset(
    {
        "HOME",
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "PYTHONPATH",
        "TMPDIR",
        "TZ",
        "VIRTUAL_ENV",
        "XDG_CACHE_HOME",
    }
)
KEPT_PREFIXES = (
    "CUDA_",
    "HF_",
    "LC_",
    "MKL_",
    "NCCL_",
    "NVIDIA_",
    "OMP_",
    "PYTORCH_",
    "TORCH_",
    "TRITON_",
)
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
LONGEST_EVENT_BYTES = 4 * 2**20
"""A finished event carries the samples; nothing else is near this."""
LAST_WORDS = 40
"""Lines of the error stream kept to explain a crash."""


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the training process may know of `environment`."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in KEPT_NAMES or name.startswith(KEPT_PREFIXES)
    }
    return {**kept, **QUIET}


class Child:
    """One training process and everything it started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._errors = asyncio.create_task(self._read_errors())

    @classmethod
    async def start(
        cls, folder: Path, *, gpus: int, environment: Mapping[str, str], stop_grace_seconds: float
    ) -> "Child":
        """Start training on the order in `folder`, one process per GPU."""
        process = await asyncio.create_subprocess_exec(
            *command(folder, gpus, stop_grace_seconds),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=scrubbed(environment),
            start_new_session=True,
            limit=LONGEST_EVENT_BYTES,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def events(self) -> AsyncIterator[Event]:
        """Yield what the child says until it closes its output; foreign lines become log lines."""
        assert self._process.stdout  # noqa: S101 - a pipe, asked for above
        async for line in self._process.stdout:
            try:
                yield parse_event(line)
            except ValidationError:
                yield LineWritten(message=line.decode(errors="replace").strip()[:2000])

    async def wait(self) -> int:
        """Return the exit status once the child has ended and its last words are read."""
        status = await self._process.wait()
        await self._errors
        return status

    @property
    def last_words(self) -> str:
        """The end of the error stream."""
        return "\n".join(self._last_words)

    def ask_to_stop(self) -> None:
        """Ask for a checkpoint and an end; torchrun passes it on to each rank."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    async def end(self, *, grace_seconds: float) -> None:
        """Leave no process behind: ask, wait a bounded time, then kill the whole group."""
        self.ask_to_stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), grace_seconds)
        self.kill()
        await self._process.wait()

    def kill(self) -> None:
        """Kill the process and with it what it started: ranks end with torchrun (`ranks.join`)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _read_errors(self) -> None:
        assert self._process.stderr  # noqa: S101 - as above
        async for line in self._process.stderr:
            self._last_words.append(line.decode(errors="replace").rstrip())


def command(folder: Path, gpus: int, stop_grace_seconds: float = 30.0) -> list[str]:
    """Return the command line: torchrun from two GPUs on, plain Python otherwise.

    torchrun kills a rank that has not ended so long after it was asked to; a checkpoint of a large
    adapter takes longer than its default of 30 seconds.
    """
    module = ["-m", "trainer_image.train", str(folder)]
    if gpus <= 1:
        return [sys.executable, *module]
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={gpus}"]
    grace = f"--shutdown-timeout={ceil(stop_grace_seconds)}"
    return [sys.executable, *torchrun, grace, *module]
