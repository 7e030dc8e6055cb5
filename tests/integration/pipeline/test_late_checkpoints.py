"""Every checkpoint that was stored counts: told too late, or never, a later run goes on from it.

Covers: jobs.execution.late_checkpoints.
"""

from typing import Any

import pytest

from brightrun.datasets.record import Dataset
from brightrun.errors import Superseded
from brightrun.ports.dynamodb.jobs import read_state
from brightrun.ports.s3 import objects
from brightrun.s3_keys import staged
from brightrun.training.protocol import CheckpointRequest
from functions.api.app import handle
from functions.api.routes import worker as edge
from tests.support.api.http_calls import ADA_CALLS, an_event, answered
from tests.support.factories import ADA, JOB_ID
from tests.support.harness import Worker, World


@pytest.fixture
def worker(world: World, dataset: Dataset) -> Worker:
    """Of a job that may be tried again: its base model and its dataset are there."""
    world.queue_job(base_model="Qwen/Qwen3-8B")
    world.tick()
    started = world.worker("run-1")
    started.start()
    return started


def call(world: World, route: str, body: object = None) -> Any:
    event = an_event(route, body, ADA_CALLS, None, None, None)
    return answered(handle(event, None, world.deps)).data


def tells(worker: Worker, step: int, files: list[Any]) -> None:
    worker._say(edge.checkpoint, CheckpointRequest(step=step, files=tuple(files)))


def cancelled(world: World) -> None:
    call(world, f"POST /api/jobs/{JOB_ID}/cancel")
    world.tick()
    assert world.job().status == "cancelled"


def retried_from(world: World) -> int | None:
    """Retry by hand, and return the step that the new job's worker is told to go on after."""
    world.job_id = call(world, f"POST /api/jobs/{JOB_ID}/retry", {})["id"]
    world.tick()
    resumed = world.worker("run-2", "worker-2").start().resume_from
    return resumed.step if resumed else None


def test_a_word_that_comes_after_a_cancel_counts(world: World, worker: Worker) -> None:
    worker.checkpoints(3)
    files = worker.stores({"state.safetensors": b"six"}, step=6)
    cancelled(world)
    tells(worker, 6, files)

    assert retried_from(world) == 6


def test_what_was_stored_after_the_end_and_never_told_of_counts(
    world: World, worker: Worker
) -> None:
    """The provider says CANCELLED at once; the worker's last bytes come seconds later."""
    worker.checkpoints(3)
    worker.stores({"state.safetensors": b"six"}, step=6)
    late = staged(JOB_ID, 1, checkpoint_step=6)
    objects.remove_under(world.deps.store, late)
    cancelled(world)
    assert world.job().checkpoint is not None
    world.put(f"{late}state.safetensors", b"six")

    assert retried_from(world) == 6


def test_the_next_attempt_goes_on_from_what_the_last_one_stored_meanwhile(
    world: World, worker: Worker
) -> None:
    worker.checkpoints(3)
    worker.stores({"state.safetensors": b"six"}, step=6)
    late = staged(JOB_ID, 1, checkpoint_step=6)
    objects.remove_under(world.deps.store, late)
    worker.leaves(60, "FAILED")
    world.wait(60)
    world.put(f"{late}state.safetensors", b"six")
    world.wait(60)

    resumed = world.worker("run-2", "worker-2").start().resume_from
    assert resumed is not None
    assert resumed.step == 6
    assert world.attempts()[1].resumed_from_step == 6


def test_a_worker_that_failed_keeps_what_it_stored_and_could_not_say(
    world: World, worker: Worker
) -> None:
    worker.stores({"state.safetensors": b"six"}, step=6)
    worker.fails("trainer_crashed", seconds=60)
    world.wait(60)

    assert (job := world.job()).checkpoint is not None
    assert (job.checkpoint.step, job.status) == (6, "queued")


def test_a_paused_jobs_checkpoint_may_be_told_of_late_and_its_owner_is_reminded_of_it(
    world: World, worker: Worker
) -> None:
    files = worker.stores({"state.safetensors": b"six"}, step=6)
    call(world, f"POST /api/jobs/{JOB_ID}/pause")
    worker.leaves(60, "COMPLETED")
    world.tick()
    world.wait(60)
    tells(worker, 6, files)

    job = world.job()
    assert (job.status, str(job.work).partition("#")[0]) == ("paused", "remind")
    call(world, f"POST /api/jobs/{JOB_ID}/resume")
    world.tick()
    resumed = world.worker("run-2", "worker-2").start().resume_from
    assert resumed is not None
    assert resumed.step == 6


def test_once_the_next_worker_was_let_in_an_earlier_one_is_not_heard(
    world: World, worker: Worker
) -> None:
    files = worker.stores({"state.safetensors": b"six"}, step=6)
    objects.remove_under(world.deps.store, staged(JOB_ID, 1, checkpoint_step=6))
    worker.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)
    world.put(f"{staged(JOB_ID, 1, checkpoint_step=6)}state.safetensors", b"six")
    world.worker("run-2", "worker-2").start()

    with pytest.raises(Superseded):
        tells(worker, 6, files)


def test_a_model_needs_no_checkpoint_any_more(world: World, worker: Worker) -> None:
    files = worker.stores({"state.safetensors": b"six"}, step=6)
    worker.finishes()
    world.tick()
    world.put(f"{staged(JOB_ID, 1, checkpoint_step=6)}state.safetensors", b"six")

    with pytest.raises(Superseded):
        tells(worker, 6, files)
    assert read_state(world.deps.table, ADA, JOB_ID).job.status == "completed"
