"""The stand-in's queue: what RunPod keeps of each run, and how time changes it.

Pure: every method takes `now` in seconds of any steady clock. The rules are those recorded of
the live service: results expire, a run nobody pings is handed out once more and then given up,
a time to live removes a run even while it is running.
"""

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DEFAULT_EXECUTION_MS = 600_000
DEFAULT_TTL_MS = 86_400_000
MAX_REDISPATCHES = 1


class RunStatus(StrEnum):
    """RunPod's own words."""

    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    TIMED_OUT = "TIMED_OUT"


OPEN = frozenset({RunStatus.IN_QUEUE, RunStatus.IN_PROGRESS})


@dataclass
class RunLimits:
    """What a test may shorten; the defaults are the service's.

    Attributes:
        retention_seconds: how long a result can be read after the end.
        lost_seconds: silence of a worker after which its run is handed out again.
    """

    retention_seconds: float = 1800.0
    lost_seconds: float = 40.0


@dataclass
class Run:
    """One accepted `/run`."""

    id: str
    endpoint_id: str
    input: Any
    webhook: str | None
    execution_ms: int
    ttl_ms: int
    queued_at: float
    status: RunStatus = RunStatus.IN_QUEUE
    worker_id: str | None = None
    started_at: float | None = None
    seen_at: float | None = None
    ended_at: float | None = None
    retries: int = 0
    output: Any = None
    error: str | None = None
    copies_wanted: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)

    def delivery(self) -> dict[str, Any]:
        """Return what a worker receives; an empty input is left out, as the service does."""
        return {"id": self.id} | ({"input": self.input} if self.input else {})

    def view(self, now: float) -> dict[str, Any]:
        """Return what `/status` says."""
        seen: dict[str, Any] = {"id": self.id, "status": self.status.value}
        if self.started_at is not None:
            seen["delayTime"] = _milliseconds(self.started_at - self.queued_at)
            seen["workerId"] = self.worker_id
            if self.status not in OPEN:
                ended_at = now if self.ended_at is None else self.ended_at
                seen["executionTime"] = _milliseconds(ended_at - self.started_at)
        optional = {"output": self.output, "error": self.error, "retries": self.retries or None}
        return seen | {name: value for name, value in optional.items() if value is not None}


class Runs:
    """Every run of every endpoint, oldest first."""

    def __init__(self, limits: RunLimits) -> None:
        self.limits = limits
        self.by_id: dict[str, Run] = {}
        self._stops: dict[str, set[str]] = {}

    def submit(self, endpoint_id: str, body: Mapping[str, Any], now: float) -> Run:
        """Queue a run."""
        policy = body.get("policy") or {}
        run = Run(
            id=f"{uuid.uuid4()}-u1",
            endpoint_id=endpoint_id,
            input=body["input"],
            webhook=body.get("webhook"),
            execution_ms=int(policy.get("executionTimeout", DEFAULT_EXECUTION_MS)),
            ttl_ms=int(policy.get("ttl", DEFAULT_TTL_MS)),
            queued_at=now,
        )
        self.by_id[run.id] = run
        return run

    def queued(self, endpoint_id: str) -> list[Run]:
        """Return what waits for a worker of this endpoint, oldest first."""
        waiting = (run for run in self.by_id.values() if run.endpoint_id == endpoint_id)
        return [run for run in waiting if run.status is RunStatus.IN_QUEUE or run.copies_wanted]

    def is_open(self, run_id: str) -> bool:
        """Tell whether the run is known and has not ended."""
        run = self.by_id.get(run_id)
        return run is not None and run.status in OPEN

    def held_by(self, worker_id: str) -> list[Run]:
        """Return the runs this worker is working on, as far as the service knows."""
        return [
            run
            for run in self.by_id.values()
            if run.worker_id == worker_id and run.status is RunStatus.IN_PROGRESS
        ]

    def take(self, endpoint_id: str, worker_id: str, now: float) -> Run | None:
        """Hand the oldest waiting run to a worker; a wanted copy goes to a second worker."""
        for run in self.queued(endpoint_id):
            if run.status is RunStatus.IN_QUEUE:
                run.status = RunStatus.IN_PROGRESS
                run.worker_id = worker_id
                run.started_at = run.seen_at = now
                return run
            if run.worker_id != worker_id:
                run.copies_wanted -= 1
                return run
        return None

    def ping(self, worker_id: str, run_ids: Collection[str], now: float) -> None:
        """Remember that a worker says it is working on these runs."""
        for run in self.held_by(worker_id):
            if run.id in run_ids:
                run.seen_at = now

    def answer(
        self, run_id: str, worker_id: str, body: Mapping[str, Any], now: float
    ) -> Run | None:
        """Take a worker's result or progress; return the run if this ended it.

        Only the worker that holds the run is believed; every answer is kept for tests to read.
        """
        run = self.by_id.get(run_id)
        if run is None:
            return None
        run.answers.append({"worker_id": worker_id, **body})
        if run.status is not RunStatus.IN_PROGRESS or run.worker_id != worker_id:
            return None
        if body.get("status") == RunStatus.IN_PROGRESS:
            run.output = body.get("output")
            return None
        run.output = body.get("output")
        # An error that is not text ends the run COMPLETED, as users of the service found out.
        error = body.get("error")
        failed = isinstance(error, str) and bool(error)
        return self.end(run, RunStatus.FAILED if failed else RunStatus.COMPLETED, now, error)

    def end(
        self,
        run: Run,
        status: RunStatus,
        now: float,
        error: Any = None,  # noqa: ANN401 - a worker's word
    ) -> Run:
        """Put a run into a final state."""
        run.status, run.ended_at, run.copies_wanted = status, now, 0
        run.error = error if isinstance(error, str) and error else None
        return run

    def cancel(self, run: Run, now: float) -> Run:
        """Cancel a run: at once for the caller, by a stop order for its worker."""
        if run.status in OPEN:
            self._order_stop(run)
            self.end(run, RunStatus.CANCELLED, now)
        return run

    def requeue(self, run: Run, now: float) -> None:
        """Queue a failed run again, under its own id and without its old output."""
        run.status, run.queued_at = RunStatus.IN_QUEUE, now
        run.worker_id = run.started_at = run.ended_at = run.output = run.error = None
        run.retries = 0

    def purge(self, endpoint_id: str) -> int:
        """Drop what is queued; return how many."""
        waiting = [run for run in self.queued(endpoint_id) if run.status is RunStatus.IN_QUEUE]
        for run in waiting:
            del self.by_id[run.id]
        return len(waiting)

    def stop_orders(self, worker_id: str) -> list[str]:
        """Return, once, the runs this worker must stop."""
        return sorted(self._stops.pop(worker_id, set()))

    def sweep(self, now: float) -> list[Run]:
        """Apply what time alone does; return the runs it ended."""
        ended = []
        for run in list(self.by_id.values()):
            if run.status in OPEN and now - run.queued_at > run.ttl_ms / 1000:
                self._order_stop(run)
                del self.by_id[run.id]
            elif run.ended_at is not None:
                if now - run.ended_at > self.limits.retention_seconds:
                    del self.by_id[run.id]
            elif run.status is RunStatus.IN_PROGRESS and self._time_out(run, now):
                ended.append(run)
        return ended

    def _time_out(self, run: Run, now: float) -> bool:
        """End or hand out again a running run; tell whether it ended."""
        if now - (run.started_at or now) > run.execution_ms / 1000:
            self._order_stop(run)
            self.end(run, RunStatus.TIMED_OUT, now, "job exceeded its execution timeout")
            return True
        if now - (run.seen_at or now) <= self.limits.lost_seconds:
            return False
        if run.retries >= MAX_REDISPATCHES:
            self.end(run, RunStatus.FAILED, now, f"job timed out after {run.retries} retries")
            return True
        run.retries += 1
        run.status, run.worker_id, run.started_at = RunStatus.IN_QUEUE, None, None
        return False

    def _order_stop(self, run: Run) -> None:
        if run.worker_id is not None:
            self._stops.setdefault(run.worker_id, set()).add(run.id)


def counts(runs: Collection[Run]) -> dict[str, int]:
    """Return the job counters of `/health`."""
    by_status = {status: sum(run.status is status for run in runs) for status in RunStatus}
    return {
        "completed": by_status[RunStatus.COMPLETED],
        "failed": by_status[RunStatus.FAILED] + by_status[RunStatus.TIMED_OUT],
        "inProgress": by_status[RunStatus.IN_PROGRESS],
        "inQueue": by_status[RunStatus.IN_QUEUE],
        "retried": sum(run.retries for run in runs),
    }


def body_of(raw: bytes) -> dict[str, Any]:
    """Return a worker's JSON, whatever its content type says; anything but an object is empty."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
