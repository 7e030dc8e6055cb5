"""One job's life through the real functions and routes, and what may go wrong in it.

Covers: work.
"""

from decimal import Decimal

import httpx
import pytest

from brightrun.errors import ArtifactCorrupt, Superseded
from brightrun.jobs.stopping import request_cancel
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import all_records, numbers
from brightrun.runtime import Deps
from brightrun.training.configuration import OverLength
from brightrun.training.protocol import CheckpointRequest, Point, StoredFile
from brightrun.work_loop import Taken, take
from functions.api.routes import worker as edge
from functions.process_jobs.dispatch import dispatch_task
from tests.support.factories import ADA, JOB_ID, SHA256
from tests.support.harness import World, a_world


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


def cancel(world: World) -> None:
    change_job(
        world.deps.table,
        ADA,
        JOB_ID,
        lambda state: request_cancel(state, world.deps.clock(), by=ADA),
    )


def test_a_job_goes_from_the_queue_to_one_model_one_cost_and_true_sums(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.trains(range(1, 11), seconds=90)
    worker.finishes(seconds=100)
    world.tick()

    job, (model,), (cost,) = world.job(), world.models(), world.costs()
    assert (job.status, job.artifact_id, job.progress) == ("completed", model.id, 100)
    assert job.final_cost == cost.amount == Decimal("0.194444")
    assert model.job.final_cost == Decimal("0.194444")
    assert (model.quality_metrics.overall_score, len(model.manifest)) == (4, 6)
    assert world.counts() == {"completed": 1}
    assert world.counts(Kind.NOTE) == {"unread": 3}
    spent = numbers(world.deps.table, keys.spend(ADA, "2026-11-20"))
    assert spent == {"training_compute": Decimal("0.194444")}


@pytest.mark.parametrize("chosen", OverLength)
def test_a_worker_is_told_what_becomes_of_rows_that_are_too_long(
    world: World, chosen: OverLength
) -> None:
    world.queue_job(over_length=chosen)
    world.tick()

    assert world.worker("run-1").start().spec.over_length is chosen


def test_what_runpod_is_given_is_the_ticket_and_both_time_limits(world: World) -> None:
    world.queue_job(max_cost=Decimal("7.00"))
    world.tick()

    run = world.runpod.runs["run-1"]
    assert set(run.input) == {"job_id", "attempt", "api_url", "token"}
    assert run.policy == {"executionTimeout": 3600_000, "ttl": (7200 + 24 * 3600 + 3600) * 1000}
    assert run.input["token"] not in repr(world.state())


def test_the_files_of_the_model_are_where_the_model_says(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.finishes()
    world.tick()

    (model,) = world.models()
    client, bucket = world.deps.store.client, world.deps.store.bucket
    listed = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert {entry["Key"] for entry in listed} == set(model.artifacts.values())


def test_a_second_delivery_of_the_same_run_is_superseded(world: World) -> None:
    world.queue_job()
    world.tick()
    world.worker("run-1").start()

    with pytest.raises(Superseded):
        world.worker("run-1", "worker-2").start()


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_resumes(world: World) -> None:
    world.queue_job()
    world.tick()
    first = world.worker("run-1")
    first.start()
    first.trains(range(1, 6), seconds=50)
    first.checkpoints(4)
    first.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)
    second = world.worker("run-2", "worker-2")
    resumed = second.start().resume_from
    assert resumed is not None
    second.trains(range(5, 11), seconds=40)
    second.finishes(seconds=40)
    world.wait(60)

    assert (resumed.step, [file.name for file in resumed.files]) == (4, ["state.safetensors"])
    assert (world.job().status, len(world.models()), len(world.costs())) == ("completed", 1, 1)
    assert world.job().final_cost == Decimal("0.194444")
    curve = all_records(world.deps.table, keys.points(JOB_ID), Point)
    assert [point.step for point in curve] == list(range(1, 11))


def test_a_worker_back_from_the_dead_cannot_say_or_store_anything(world: World) -> None:
    world.queue_job()
    world.tick()
    dead = world.worker("run-1")
    dead.start()
    dead.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)
    world.worker("run-2").start()

    for word in (
        dead.report,
        lambda: dead.stores({"README.md": b"x"}),
        lambda: dead.checkpoints(9),
        dead.finishes,
        dead.start,
    ):
        with pytest.raises(Superseded):
            word()


def test_a_lost_answer_to_run_does_not_start_a_second_training(world: World) -> None:
    world.queue_job()
    world.runpod.lose_answers = True
    world.tick()
    world.runpod.lose_answers = False
    world.worker("run-1").start()
    world.wait(300)

    assert (len(world.runpod.runs), world.job().attempt) == (1, 1)
    assert world.job().external_job_id == "run-1"


def test_a_run_nobody_heard_of_is_fenced_before_the_next_is_sent(world: World) -> None:
    world.queue_job()
    world.runpod.lose_answers = True
    world.tick()
    world.runpod.lose_answers = False
    world.wait(world.deps.limits.submit_lease_seconds + 1)
    world.wait(1)

    assert world.job().attempt == 2
    with pytest.raises(Superseded):
        world.worker("run-1").start()
    world.worker("run-2").start()


def test_two_schedulers_at_once_submit_one_run(world: World) -> None:
    """Both listed the job before either claimed it."""
    job = world.queue_job()
    task = dispatch_task(world.deps)
    first = take(world.deps.table, task, [job], now=world.deps.now)
    second = take(world.deps.table, task, [job], now=world.deps.now)

    assert (first, second) == (Taken(done=1), Taken())
    assert len(world.runpod.runs) == 1


def test_a_cancel_stops_the_gpu_and_bills_what_it_used(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    cancel(world)
    assert worker.report().action == "stop"
    worker.run.execution_ms = 36_000
    world.tick()

    job = world.job()
    assert (job.status, job.final_cost) == ("cancelled", Decimal("0.070000"))
    assert worker.run.cancelled
    cancel(world)
    assert len(world.costs()) == 1


def test_a_flipped_byte_in_storage_never_becomes_a_model(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.finishes()
    key = f"staging/{JOB_ID}/1/adapter_model.safetensors"
    world.deps.store.client.put_object(
        Bucket=world.deps.store.bucket, Key=key, Body=b"flipped", ChecksumAlgorithm="SHA256"
    )
    world.tick()
    for _ in range(world.deps.limits.max_collect_failures):
        world.wait(1000)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "artifact_verification_failed")
    assert "adapter_model.safetensors" in (job.error_message or "")
    assert (world.models(), len(world.costs())) == ([], 1)


def test_a_checkpoint_that_is_not_there_is_not_kept(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    world.deps.store.client.put_object(
        Bucket=world.deps.store.bucket,
        Key=f"staging/{JOB_ID}/1/checkpoint-3/state.safetensors",
        Body=b"other",
        ChecksumAlgorithm="SHA256",
    )
    said = CheckpointRequest(
        step=3,
        files=(StoredFile(name="state.safetensors", size_bytes=5, sha256=SHA256),),
    )
    with pytest.raises(ArtifactCorrupt):
        worker._say(edge.checkpoint, said)

    assert world.job().checkpoint is None


def test_a_verdict_left_in_staging_is_found_when_the_last_call_was_lost(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    files = worker.stores({"adapter_model.safetensors": b"a"})
    verdict = {"outcome": "failed", "execution_seconds": 9, "manifest": [],
               "error": {"code": "bad_dataset", "message": "row 7"}}  # fmt: skip
    worker.stores({"terminal.json": httpx.Response(200, json=verdict).content})
    worker.leaves(36)
    world.wait(120)

    assert files
    assert (world.job().status, world.job().error_message) == ("failed", "row 7")
