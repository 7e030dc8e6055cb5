"""How long one cycle of `process_jobs` takes with many active jobs, and what it asks of whom.

    python -m tests.bench.bench_cycle [--jobs 1000] [--provider-ms 100] [--table-ms 5]

Every job runs and is due, so that every one is polled: the worst case, because a worker that
reports pushes its job's next poll away. The table is in memory behind the client's own methods,
each of which sleeps as long as DynamoDB takes to answer; moto would measure moto. The provider's
answers take as long as RunPod's. The peak is of the whole process, table included.
"""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
import httpx

from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import Attempt, AttemptState, Job, JobStatus
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.process_jobs import app as process_jobs
from tests.support.factories import NOON, a_job, an_attempt
from tests.support.fakes.wires import Wires, deps_of, wires

MAX_SECONDS = 10.0
MAX_PEAK_MB = 300.0
JOBS_PER_USER = 10


@dataclass
class Slow:
    """A client that answers after a while and counts what it was asked."""

    client: Any
    seconds: float
    asked: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def __getattr__(self, method: str) -> Any:
        real = getattr(self.client, method)

        def answer(**request: Any) -> Any:
            with self.lock:
                self.asked[method] += 1
            time.sleep(self.seconds)
            return real(**request)

        return answer


def main() -> int:
    """Print the figures as JSON; fail when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--provider-ms", type=float, default=100)
    parser.add_argument("--table-ms", type=float, default=5)
    asked = parser.parse_args()
    figures = measure(asked.jobs, asked.provider_ms / 1000, asked.table_ms / 1000)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    kept = figures["cycle_seconds"] < MAX_SECONDS and figures["peak_mb"] < MAX_PEAK_MB
    return 0 if kept and figures["broken"] == 0 else 1


def measure(jobs: int, provider_seconds: float, table_seconds: float) -> dict[str, float]:
    """Return what one cycle took and asked."""
    clients_as_in_production()
    behind = wires()
    fill(behind, jobs)
    provider = Provider(provider_seconds)
    slow = Slow(behind.table, table_seconds)
    deps = deps_of(
        behind,
        wrapped=lambda client, name: slow if name == "table" else client,
        transport=httpx.MockTransport(provider.answer),
    )
    began, worked = time.perf_counter(), time.process_time()
    done = process_jobs.run_pass(deps)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    return {
        "jobs": jobs,
        "steps": done.steps,
        "broken": done.broken,
        "cycle_seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "peak_mb": round(peak_mb(), 1),
        "provider_calls_per_job": round(provider.calls / jobs, 3),
        **{f"{method}_per_job": round(n / jobs, 3) for method, n in sorted(slow.asked.items())},
    }


def peak_mb() -> float:
    """Return the most this process has held; `getrusage` would count its parent's fork too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


def clients_as_in_production() -> list[Any]:
    """Return the clients a function holds, for their share of the memory; none is used."""
    known = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return [boto3.client(name, **known) for name in ("dynamodb", "s3", "events")]  # type: ignore[call-overload]


@dataclass
class Provider:
    """RunPod: every run is in progress, and saying so takes a while."""

    seconds: float
    calls: int = 0
    lock: Lock = field(default_factory=Lock)

    def answer(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            self.calls += 1
        time.sleep(self.seconds)
        return httpx.Response(200, json={"id": request.url.path, "status": "IN_PROGRESS"})


def fill(behind: Wires, jobs: int) -> None:
    """Write so many running jobs, all due, ten to a user."""
    deps = deps_of(behind)
    for number in range(jobs):
        write_running_job(deps, a_running_job(number))


def a_running_job(number: int) -> Job:
    """Return a job whose worker was heard at noon and that is due to be looked at."""
    job_id = f"019aa0c0-0000-7000-8000-{number:012d}"
    return a_job(
        id=job_id, user_id=UserId(f"user-{number // JOBS_PER_USER}"), status=JobStatus.RUNNING,
        attempt=1, external_job_id=f"run-{number}", endpoint_id="endpoint-a100",
        work=work_of(Work.WATCH, job_id), due_at=NOON,
    )  # fmt: skip


def write_running_job(deps: Deps, job: Job) -> None:
    """Write a job with its attempt, as a worker's `start` left them."""
    attempt = _attempt_of(job)
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=10**6)
    commit(deps.table, [put_new(deps.table, attempt)])


def _attempt_of(job: Job) -> Attempt:
    return an_attempt(
        job_id=job.id, user_id=job.user_id, state=AttemptState.STARTED,
        external_job_id=job.external_job_id, worker_id="worker", submitted_at=NOON,
        started_at=NOON, last_report_at=NOON,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
