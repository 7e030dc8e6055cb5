"""A worker under RunPod's real SDK that speaks the whole protocol and trains nothing.

The first attempt of a job is cut off when all parts of its checkpoint have come and none is joined;
the next one delivers a model. An order of rank 8 is answered as a worker other than ours would,
with addresses inside.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import runpod

sys.path.insert(0, str(Path(__file__).parents[3]))  # as a command, its folder is the path's first

from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training.protocol import (
    FinishRequest,
    JobInput,
    Point,
    ReportRequest,
    Stage,
    StartRequest,
)
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.file_parts import FilePart, MultipartPolicy, declare
from trainer_image.worker.uploads import store

PART = 5 * 1024**2
CUTTING = MultipartPolicy(above_bytes=1024**2, part_bytes=PART)
CUT_OFF_AT = 6
INSIDE = {
    "adapter_model.safetensors": "https://127.0.0.1/adapter",
    "adapter_config.json": "https://169.254.169.254/latest/meta-data",
}


async def handle(job: dict[str, Any]) -> dict[str, Any]:
    order = JobInput.model_validate(job["input"])
    api = WorkerApi(order, cutting=CUTTING)
    with tempfile.TemporaryDirectory() as folder:
        try:
            return await _lived(api, order, str(job["id"]), Path(folder))
        finally:
            await api.close()


async def _lived(api: WorkerApi, order: JobInput, run_id: str, folder: Path) -> dict[str, Any]:
    hello = StartRequest(external_job_id=run_id, worker_id=f"quick-{order.attempt}", gpu_count=1)
    answer = await api.start(hello)
    if answer.spec.hyperparameters.rank == 8:
        return {"download_urls": INSIDE, "model_metadata": {"adapter_type": "lora"}}
    steps = range(1, CUT_OFF_AT) if order.attempt == 1 else range(CUT_OFF_AT, 11)
    await api.report(_trained(steps))
    if order.attempt == 1:
        await _sends_parts_and_joins_none(api, folder)
        return {"error": "the machine is gone"}
    for name in REQUIRED_FILES:
        (folder / name).write_bytes(name.encode())
    manifest = await store(api, folder, kind="artifact")
    await api.finish(FinishRequest(outcome="succeeded", execution_seconds=2.0, manifest=manifest))
    return {"outcome": "succeeded"}


def _trained(steps: range) -> ReportRequest:
    now = datetime.now(UTC)
    points = [
        Point(step=s, epoch=s / 10, timestamp=now, training_loss=0.3 + 2.7 / s) for s in steps
    ]
    return ReportRequest(
        sequence=0, stage=Stage.TRAINING, points=tuple(points), step=steps[-1], total_steps=10,
        execution_seconds=1.0,
    )  # fmt: skip


async def _sends_parts_and_joins_none(api: WorkerApi, folder: Path) -> None:
    path = folder / f"step-{CUT_OFF_AT}.safetensors"
    path.write_bytes(b"a" * PART + b"b" * 9)
    file = await declare(path, CUTTING, kind="checkpoint", step=CUT_OFF_AT)
    (upload,) = await api.uploads([file])
    sizes = file.part_sizes()
    await asyncio.gather(
        *(
            api.storage.put(
                FilePart(path, (part.number - 1) * PART, sizes[part.number]), part.url, part.headers
            )
            for part in upload.parts or ()
        )
    )


runpod.serverless.start({"handler": handle})
