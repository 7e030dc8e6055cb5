"""One RunPod job: the attempt named in its input, trained in a child process.

The handler is async because RunPod can cancel nothing else, and Python is PID 1 in the image, so
that the container ends with it.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

from pydantic import ValidationError

from brightrun.training.failure_codes import UNFIT_WORKER, FailureCode
from brightrun.training.protocol import JobInput
from trainer_image.machine.gpu import find_gpus
from trainer_image.worker.api_client import ApiRefused, ApiUnreachable, WorkerApi
from trainer_image.worker.attempt import Attempt
from trainer_image.worker.context import Verdict, Worker
from trainer_image.worker.file_parts import MultipartPolicy
from trainer_image.worker.settings import WorkerSettings

Output = dict[str, Any]
_SUSPECT = UNFIT_WORKER | {FailureCode.TRAINER_CRASHED}


async def handle(job: Mapping[str, Any]) -> Output:
    """Run the attempt and return a few words; files and verdict are in storage by then.

    Safe to deliver twice: the second delivery is told `superseded` and trains nothing.
    """
    try:
        order = JobInput.model_validate(job["input"])
    except ValidationError as error:
        return {"error": f"bad_input: {_fields(error)}"}
    worker = this_worker()
    settings = worker.settings
    api = WorkerApi(
        order,
        first_pause_seconds=settings.first_pause_seconds,
        cutting=MultipartPolicy(settings.parts_above_bytes, settings.part_bytes),
    )
    try:
        verdict = await _attempt(Attempt(api, worker), str(job["id"]))
    except (ApiUnreachable, ApiRefused) as error:
        return {"error": f"not_started: {error}"}
    finally:
        await api.close()
    return describe(order, verdict)


def this_worker() -> Worker:
    """Return what this machine is and how it is configured."""
    environment = dict(os.environ)
    worker_id = environment.get("RUNPOD_POD_ID") or socket.gethostname()
    return Worker(WorkerSettings(), find_gpus(), worker_id, environment)


def describe(order: JobInput, verdict: Verdict) -> Output:
    """Return RunPod's output; `error` must be text, or RunPod reports COMPLETED.

    A worker whose GPU may be to blame is given up: a warm one would take the next attempt of the
    same job, and a broken card all of them.
    """
    failure = verdict.failure
    if failure is not None:
        said: Output = {"error": f"{failure.code}: {failure.message}"}
        return said | {"refresh_worker": True} if failure.code in _SUSPECT else said
    return {"outcome": verdict.outcome, "job_id": order.job_id, "attempt": order.attempt}


async def _attempt(attempt: Attempt, external_job_id: str) -> Verdict:
    """Run `attempt`; a SIGTERM to this process preempts it and then reaches RunPod's handler.

    RunPod's own handler waits for the job to end, so without this a shrinking endpoint would lose
    the work since the last checkpoint.
    """
    before = signal.getsignal(signal.SIGTERM)
    loop = asyncio.get_running_loop()

    def preempt(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(attempt.preempt)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, preempt)
    try:
        return await attempt.run(external_job_id)
    finally:
        signal.signal(signal.SIGTERM, before)


def _fields(error: ValidationError) -> str:
    """Name the fields and what is wrong, never their values: one of them is the token."""
    return "; ".join(
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
    )


def refuse_broken_machine() -> None:
    """End the process if this machine cannot train: RunPod shows the reason and takes another.

    In a process of its own, because torch would keep GPU memory in this one for ever.
    """
    if not WorkerSettings().selfcheck:
        return
    line = [sys.executable, "-m", "trainer_image.checks.selfcheck", "--gpu"]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(done.stdout)
    done.check_returncode()
    os.environ.update(told_by(done.stdout))


def told_by(report: str) -> dict[str, str]:
    """Return the environment that the selfcheck's report asks for; training processes inherit it.

    What a library has printed before it is no part of it.
    """
    last = report.strip().rpartition("\n")[2]
    asked: dict[str, str] = json.loads(last)["environment"]
    return asked


if __name__ == "__main__":
    import runpod

    # RunPod's SDK turns on every logger; httpx would log presigned URLs: keys for an hour.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    refuse_broken_machine()
    runpod.serverless.start({"handler": handle})
