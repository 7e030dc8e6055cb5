"""A real run whose files all go up in parts: what it delivers, and what it goes on from."""

import asyncio

import pytest

from tests.support.trainer.fake_platform import ORDER, FakePlatform
from tests.support.trainer.platforms import a_platform
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.attempt import Attempt
from trainer_image.worker.context import Verdict, Worker
from trainer_image.worker.file_parts import MultipartPolicy

pytestmark = pytest.mark.slow
IN_PARTS = MultipartPolicy(above_bytes=0, part_bytes=5 * 1024**2)


def run_in_parts(platform: FakePlatform, worker: Worker) -> Verdict:
    async def attempt() -> Verdict:
        api = WorkerApi(
            ORDER, transport=platform.transport, first_pause_seconds=0.01, cutting=IN_PARTS
        )
        try:
            return await Attempt(api, worker).run("runpod-1")
        finally:
            await api.close()

    return asyncio.run(attempt())


def test_a_run_goes_on_from_a_checkpoint_that_went_up_in_parts(worker: Worker) -> None:
    stopped = a_platform(rows=120, epochs=3)
    stopped.stop_after_step = 3
    assert run_in_parts(stopped, worker).outcome == "stopped"
    resumed = a_platform(rows=120, epochs=1)
    resumed.spec = stopped.spec
    resumed.resume_from = stopped.checkpoint_to_resume()
    resumed.files |= {k: v for k, v in stopped.files.items() if k.startswith("checkpoint/")}

    verdict = run_in_parts(resumed, worker)

    assert verdict == Verdict("succeeded")
    (finish,) = resumed.finishes
    assert finish.summary
    assert finish.summary.resumed_from_step == resumed.resume_from.step > 0
    assert all(file.parts_sha256 for file in finish.manifest)
    assert "upload-1" in stopped.parts.declared
    assert resumed.calls.count("complete") >= len(finish.manifest)
