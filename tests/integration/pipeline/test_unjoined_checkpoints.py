"""Checkpoints whose parts had all come when their worker was cut off: the next run joins them."""

import hashlib
from typing import Any

import pytest

from brightrun.datasets.record import Dataset
from brightrun.ports.s3 import multipart
from brightrun.s3_keys import staged
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, an_event, answered
from tests.support.datasets.large_files import LARGE, PART_BYTES
from tests.support.factories import JOB_ID
from tests.support.harness import Worker, World

TENSORS, STATE = "step-6.safetensors", "step-6.json.gz"
PLACE = f"{staged(JOB_ID, 1, checkpoint_step=6)}{TENSORS}"


@pytest.fixture
def worker(world: World, dataset: Dataset) -> Worker:
    """Of a job that may be tried again; it has kept step 3 and has stored the state of step 6."""
    world.queue_job(base_model="Qwen/Qwen3-8B")
    world.tick()
    started = world.worker("run-1")
    started.start()
    started.checkpoints(3)
    started.stores({STATE: b"the run so far"}, step=6)
    return started


def call(world: World, route: str, body: object = None) -> Any:
    event = an_event(route, body, ADA_CALLS, None, None, None)
    return answered(handle(event, None, world.deps)).data


def resumed_from(world: World, *, cancelled: bool) -> int | None:
    """Return the step that the next worker is told to go on after: of a retry, or by itself."""
    if cancelled:
        call(world, f"POST /api/jobs/{JOB_ID}/cancel")
        world.tick()
        world.job_id = call(world, f"POST /api/jobs/{JOB_ID}/retry", {})["id"]
        world.tick()
    else:
        world.worker("run-1").leaves(60, "FAILED")
        world.wait(60)
        world.wait(60)
    resumed = world.worker("run-2", "worker-2").start().resume_from
    return resumed.step if resumed else None


@pytest.mark.parametrize("cancelled", [True, False])
def test_all_parts_that_nobody_joined_are_a_checkpoint(
    world: World, worker: Worker, *, cancelled: bool
) -> None:
    file, upload = worker.begins(TENSORS, LARGE, step=6)
    worker.sends_parts(upload, file, LARGE)

    assert resumed_from(world, cancelled=cancelled) == 6
    read = world.deps.store.client.get_object(Bucket="storage", Key=PLACE)["Body"].read()
    assert hashlib.sha256(read).digest() == hashlib.sha256(LARGE).digest()
    world.job_id = JOB_ID
    assert "checkpoint.found" in world.story()


def test_a_part_that_is_missing_makes_no_checkpoint(world: World, worker: Worker) -> None:
    file, upload = worker.begins(TENSORS, LARGE, step=6)
    parts = (upload.parts or ())[:2]
    worker.sends_parts(upload.model_copy(update={"parts": parts}), file, LARGE)

    assert resumed_from(world, cancelled=True) == 3
    assert len(multipart.open_uploads(world.deps.store, PLACE)) == 1


def test_parts_of_another_content_make_no_checkpoint(world: World, worker: Worker) -> None:
    """As many, and as large, but not what was declared."""
    file, upload = worker.begins(TENSORS, LARGE, step=6)
    worker.sends_parts(upload, file, b"z" * PART_BYTES + LARGE[PART_BYTES:])

    assert resumed_from(world, cancelled=True) == 3


def test_a_large_file_that_never_began_makes_no_checkpoint(world: World, worker: Worker) -> None:
    """Only its small file was offered: a state without its tensors is none."""
    assert resumed_from(world, cancelled=True) == 3


def test_of_two_uploads_the_whole_one_is_joined(world: World, worker: Worker) -> None:
    """A worker that lost its upload began another one."""
    file, first = worker.begins(TENSORS, LARGE, step=6)
    worker.sends_parts(first, file, LARGE)
    worker.begins(TENSORS, LARGE, step=6)

    assert resumed_from(world, cancelled=True) == 6
