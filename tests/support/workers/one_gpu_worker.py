"""The real worker, under RunPod's real SDK, on a machine that says it has one GPU."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import runpod

sys.path.insert(0, str(Path(__file__).parents[3]))  # as a command, its folder is the path's first

from brightrun.training.protocol import JobInput
from trainer_image import handler
from trainer_image.machine.gpu import Gpus
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.attempt import Attempt

ONE = Gpus(count=1, name="Test GPU", memory_gb=80.0, taken_bytes=(0,))


async def handle(job: dict[str, Any]) -> dict[str, Any]:
    order = JobInput.model_validate(job["input"])
    here = handler.this_worker()
    settings = here.settings.model_copy(update={"selfcheck": True})
    api = WorkerApi(order)
    try:
        worker = replace(here, gpus=ONE, look=lambda: ONE, settings=settings)
        verdict = await Attempt(api, worker).run(str(job["id"]))
    finally:
        await api.close()
    return handler.describe(order, verdict)


runpod.serverless.start({"handler": handle})
