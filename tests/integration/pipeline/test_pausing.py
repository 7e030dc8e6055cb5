"""Pause and resume through the real routes: no GPU while it rests, one curve, one bill."""

from decimal import Decimal
from typing import Any

import pytest

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import all_records, numbers
from brightrun.runtime import Deps
from brightrun.training.protocol import Point
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, Answer, an_event, answered
from tests.support.factories import ADA, DATASET_ID, JOB_ID
from tests.support.harness import World, a_world


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


def call(world: World, wish: str, caller: dict[str, str] = ADA_CALLS) -> Answer:
    event = an_event(f"POST /api/jobs/{JOB_ID}/{wish}", None, caller, None, None, None)
    return answered(handle(event, None, world.deps))


def paused_in_training(world: World) -> Any:
    """A job whose worker kept step 5 when it was told to stop, after 60 s of GPU."""
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.trains(range(1, 6), seconds=50)
    answer = call(world, "pause")
    assert worker.report().action == "stop"
    worker.checkpoints(5)
    worker.leaves(60, "COMPLETED")
    world.wait(1)
    return answer


def test_a_paused_job_has_no_gpu_no_bill_and_keeps_its_place(world: World) -> None:
    answer = paused_in_training(world)

    assert answer.data["outcome"] == "stopping"
    job = world.job()
    assert (job.status, job.current_cost, job.final_cost) == ("paused", Decimal("0.116667"), None)
    assert world.costs() == []
    assert world.counts() == {"paused": 1, "active": 1}
    uses = numbers(world.deps.table, keys.uses(ADA, DATASET_ID))
    assert uses == {"active": 1}


def test_a_paused_job_is_left_alone(world: World) -> None:
    paused_in_training(world)
    calls = len(world.runpod.calls)
    for _ in range(5):
        world.wait(3600)

    assert world.job().status == "paused"
    assert len(world.runpod.calls) == calls


def test_a_resumed_job_goes_on_after_its_checkpoint_to_one_model_and_one_bill(
    world: World,
) -> None:
    paused_in_training(world)
    call(world, "resume")
    world.wait(1)
    second = world.worker("run-2", "worker-2")
    resumed = second.start().resume_from
    second.trains(range(6, 11), seconds=40)
    second.finishes(seconds=40)
    world.wait(60)

    assert resumed is not None
    assert resumed.step == 5
    job, (cost,) = world.job(), world.costs()
    assert (job.status, cost.amount) == ("completed", Decimal("0.194444"))
    assert world.counts() == {"completed": 1}
    curve = all_records(world.deps.table, keys.points(JOB_ID), Point)
    assert [point.step for point in curve] == list(range(1, 11))


def test_an_expired_checkpoint_means_from_the_beginning(world: World) -> None:
    paused_in_training(world)
    world.deps.store.client.delete_object(
        Bucket=world.deps.store.bucket, Key=f"staging/{JOB_ID}/1/checkpoint-5/state.safetensors"
    )
    call(world, "resume")
    world.wait(1)

    assert world.worker("run-2", "worker-2").start().resume_from is None


def test_a_paused_job_is_cancelled_at_once_with_what_it_cost(world: World) -> None:
    paused_in_training(world)
    answer = call(world, "cancel")

    assert answer.data["outcome"] == "cancelled"
    assert [cost.amount for cost in world.costs()] == [Decimal("0.116667")]
    assert world.counts() == {"cancelled": 1}


def test_a_worker_that_ignores_the_pause_loses_its_gpu(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    call(world, "pause")
    world.wait(1)
    assert "cancel" not in world.runpod.calls
    world.wait(90)
    world.wait(60)

    assert worker.run.cancelled
    assert world.job().status == "paused"


def test_nobody_pauses_another_ones_job(world: World) -> None:
    world.queue_job()

    assert call(world, "pause", BOB_CALLS).refusal == (404, "job_not_found")
    assert call(world, "resume", BOB_CALLS).refusal == (404, "job_not_found")
    assert call(world, "resume").refusal == (409, "invalid_transition")
