"""The stand-in's workers: real processes running the real image's command, started on demand.

Each lives on a leash (`local.processes.leash`), which is to it what a container is: nothing it
started outlives it, and no worker outlives the stand-in. A worker's environment is built from
nothing, so that no AWS credential of the shell can reach it.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import string
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.runpod.runs import Runs

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE")
_RETIRE_GRACE_SECONDS = 5.0
_KEPT_LOGS = 20
_CRASH_PAUSES_SECONDS = (0.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Image:
    """What an endpoint runs, and where its output goes."""

    command: Sequence[str]
    folder: Path
    logs: Path
    environment: Mapping[str, str]


@dataclass
class Scaling:
    """How many workers an endpoint may have, and how long one may idle; `paused` starts none."""

    max_workers: int = 2
    idle_seconds: float = 30.0
    ping_ms: int = 10_000
    stop_grace_seconds: float = 30.0
    paused: bool = False


@dataclass
class Worker:
    """One running worker."""

    id: str
    endpoint_id: str
    key: str
    process: asyncio.subprocess.Process
    pid: int
    idle_since: float
    taking: bool = False
    retired_at: float | None = None
    overdue_since: dict[str, float] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def view(self, runs: Runs) -> dict[str, object]:
        """Return what the control interface shows."""
        return {
            "id": self.id,
            "endpoint_id": self.endpoint_id,
            "pid": self.pid,
            "runs": [run.id for run in runs.held_by(self.id)],
            "retiring": self.retired_at is not None,
        }


def worker_environment(
    base: Mapping[str, str], image: Image, *, url: str, endpoint_id: str, worker_id: str, key: str
) -> dict[str, str]:
    """Return a worker's whole environment: a few system names, the image's own, RunPod's.

    The literal `$ID` and `$RUNPOD_POD_ID` are placeholders that RunPod's SDK fills in.
    """
    api = f"{url}/{endpoint_id}"
    return {
        **{name: base[name] for name in _PASSED_ON if name in base},
        **image.environment,
        "RUNPOD_POD_ID": worker_id,
        "RUNPOD_POD_HOSTNAME": f"{worker_id}-local",
        "RUNPOD_ENDPOINT_ID": endpoint_id,
        "RUNPOD_AI_API_KEY": key,
        "RUNPOD_WEBHOOK_GET_JOB": f"{api}/job-take/$ID?gpu=none",
        "RUNPOD_WEBHOOK_POST_OUTPUT": f"{api}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
        "RUNPOD_WEBHOOK_POST_STREAM": f"{api}/job-stream/$RUNPOD_POD_ID/$ID?gpu=none",
        "RUNPOD_WEBHOOK_PING": f"{api}/ping/$RUNPOD_POD_ID",
        # The platform checks the host's disk, memory, network and GPU; ours is not a GPU host.
        "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
        "RUNPOD_SKIP_GPU_CHECK": "true",
    }


class Fleet:
    """All workers of all endpoints.

    Attributes:
        limits: how many workers an endpoint may have where it was said of that one.
    """

    def __init__(self, image: Image, scaling: Scaling, runs: Runs, url: str) -> None:
        self.image = image
        self.scaling = scaling
        self.workers: dict[str, Worker] = {}
        self.limits: dict[str, int] = {}
        self._runs = runs
        self._url = url
        self._crashes: dict[str, int] = {}
        self._next_start: dict[str, float] = {}

    async def tend(self, endpoint_ids: Sequence[str], now: float) -> None:
        """Bring the number of workers to what the queues ask for; repeating it is harmless."""
        for worker in list(self.workers.values()):
            self._forget_if_dead(worker, now)
            await self._retire_if_idle(worker, now)
            self._kill_if_disobedient(worker, now)
        if not self.scaling.paused:
            for endpoint_id in endpoint_ids:
                await self._start_missing(endpoint_id, now)

    def limit_of(self, endpoint_id: str) -> int:
        """Return how many workers an endpoint may have."""
        return self.limits.get(endpoint_id, self.scaling.max_workers)

    def counts(self, endpoint_id: str) -> dict[str, int]:
        """Return the worker counters of `/health`."""
        workers = [w for w in self.workers.values() if w.endpoint_id == endpoint_id]
        running = sum(bool(self._runs.held_by(worker.id)) for worker in workers)
        initializing = sum(not worker.taking for worker in workers)
        idle = len(workers) - running - initializing
        return {
            "idle": idle,
            "initializing": initializing,
            "ready": idle,
            "running": running,
            "throttled": int(self.scaling.paused),
            "unhealthy": int(self._crashes.get(endpoint_id, 0) > 1),
        }

    async def start(self, endpoint_id: str, now: float) -> Worker:
        """Start one worker and return once its process id is known."""
        worker_id = "".join(
            secrets.choice(string.ascii_lowercase + string.digits) for _ in range(14)
        )
        key = secrets.token_hex(24)
        environment = worker_environment(
            os.environ,
            self.image,
            url=self._url,
            endpoint_id=endpoint_id,
            worker_id=worker_id,
            key=key,
        )
        environment["RUNPOD_PING_INTERVAL"] = str(self.scaling.ping_ms)
        self.image.logs.mkdir(parents=True, exist_ok=True)
        _forget_old_logs(self.image.logs)
        with (self.image.logs / f"worker-{worker_id}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "local.processes.leash", *self.image.command),
                cwd=self.image.folder,
                env=environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        if process.stdout is None:
            raise AssertionError("a piped process has a standard output")
        pid = int(await process.stdout.readline() or 0)
        worker = Worker(worker_id, endpoint_id, key, process, pid, idle_since=now)
        self.workers[worker_id] = worker
        return worker

    def hear(self, worker: Worker, run_ids: Collection[str], now: float) -> None:
        """Take a ping: what the worker works on, and what it works on although that has ended."""
        self._runs.ping(worker.id, run_ids, now)
        ended = [run_id for run_id in run_ids if not self._runs.is_open(run_id)]
        worker.overdue_since = {run_id: worker.overdue_since.get(run_id, now) for run_id in ended}

    def kill(self, worker: Worker) -> None:
        """Send SIGKILL to the worker's main process, as an out-of-memory killer would."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)

    async def close(self) -> None:
        """End every worker with all it started."""
        for worker in self.workers.values():
            _let_go(worker)
        for worker in self.workers.values():
            await worker.process.wait()

    def _forget_if_dead(self, worker: Worker, now: float) -> None:
        if worker.alive:
            return
        del self.workers[worker.id]
        crashed = worker.retired_at is None
        crashes = self._crashes.get(worker.endpoint_id, 0) + 1 if crashed else 0
        self._crashes[worker.endpoint_id] = crashes
        pause = _CRASH_PAUSES_SECONDS[min(crashes, len(_CRASH_PAUSES_SECONDS) - 1)]
        self._next_start[worker.endpoint_id] = now + pause

    async def _retire_if_idle(self, worker: Worker, now: float) -> None:
        if self._runs.held_by(worker.id) or not worker.taking:
            worker.idle_since = now
        if worker.retired_at is None and now - worker.idle_since > self.scaling.idle_seconds:
            worker.retired_at = now
            with contextlib.suppress(ProcessLookupError):
                worker.process.send_signal(signal.SIGTERM)
        if worker.retired_at is not None and now - worker.retired_at > _RETIRE_GRACE_SECONDS:
            _let_go(worker)

    def _kill_if_disobedient(self, worker: Worker, now: float) -> None:
        """A worker that was ordered to stop and goes on is stopped with its container."""
        for since in worker.overdue_since.values():
            if now - since > self.scaling.stop_grace_seconds:
                _let_go(worker)

    async def _start_missing(self, endpoint_id: str, now: float) -> None:
        workers = [w for w in self.workers.values() if w.endpoint_id == endpoint_id]
        free = [w for w in workers if w.retired_at is None and not self._runs.held_by(w.id)]
        missing = len(self._runs.queued(endpoint_id)) - len(free)
        room = self.limit_of(endpoint_id) - len(workers)
        if now >= self._next_start.get(endpoint_id, 0.0):
            for _ in range(min(missing, room)):
                await self.start(endpoint_id, now)


def _forget_old_logs(folder: Path) -> None:
    logs = sorted(folder.glob("worker-*.log"), key=lambda log: log.stat().st_mtime)
    for log in logs[:-_KEPT_LOGS]:
        log.unlink()


def _let_go(worker: Worker) -> None:
    """Close the leash: it kills everything at its end."""
    if worker.process.stdin is not None:
        worker.process.stdin.close()
