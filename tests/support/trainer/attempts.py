"""Attempts as a worker runs them, with the real training process and a platform in memory."""

import asyncio
from collections.abc import Callable

from brightrun.training.protocol import ReportRequest
from tests.support.trainer.fake_platform import ORDER, FakePlatform
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.attempt import Attempt
from trainer_image.worker.context import Verdict, Worker


def run_attempt(platform: FakePlatform, worker: Worker) -> Verdict:
    async def attempt() -> Verdict:
        api = WorkerApi(ORDER, transport=platform.transport, first_pause_seconds=0.01)
        try:
            return await Attempt(api, worker).run("runpod-1")
        finally:
            await api.close()

    return asyncio.run(attempt())


def during_training(
    platform: FakePlatform, worker: Worker, act: Callable[[Attempt], None]
) -> Verdict:
    """Run an attempt; do something to it after three steps, with a checkpoint stored."""

    async def attempt() -> Verdict:
        api = WorkerApi(ORDER, transport=platform.transport, first_pause_seconds=0.01)
        running = Attempt(api, worker)
        done = [False]

        def on_report(report: ReportRequest) -> None:
            if report.step >= 3 and platform.checkpoints and not done[0]:
                done[0] = True
                act(running)

        platform.on_report = on_report
        try:
            return await running.run("runpod-1")
        finally:
            await api.close()

    return asyncio.run(attempt())
