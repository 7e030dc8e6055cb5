"""A job that waits for a GPU: on another type, not for a crash loop, not longer than it may."""

from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from brightrun.accounts.record import Notification
from brightrun.datasets.record import Dataset
from brightrun.jobs.failures import remedy_of
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import all_records
from brightrun.runtime import Deps
from brightrun.training.configuration import GpuConfig
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, Answer, an_event, answered
from tests.support.catalogs import load_catalog
from tests.support.factories import ADA
from tests.support.harness import World, a_world
from tests.support.ordered_jobs import ORDER
from tests.support.workers.pretended_runpod import Management

ENDPOINTS = {"A100-80GB": "endpoint-a100", "H100": "endpoint-h100", "A100-40GB": "endpoint-a40"}
FIRST_THEN_H100 = GpuConfig(type="A100-80GB", count=1, alternatives=("H100",))


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(replace(deps, catalog=load_catalog("[]", ENDPOINTS)))


def call(world: World, route: str, body: object = None) -> Answer:
    return answered(handle(an_event(route, body, ADA_CALLS, None, None, None), None, world.deps))


def after(world: World, minutes: int) -> World:
    for _ in range(minutes):
        world.wait(60)
    return world


def test_the_next_type_is_tried_and_billed_when_the_first_has_no_capacity(world: World) -> None:
    world.queue_job(gpu_config=FIRST_THEN_H100, alternative_rates={"H100": Decimal("4.20")})
    world.tick()
    after(world, 14)
    assert world.job().endpoint_id == "endpoint-a100"
    after(world, 5)

    job = world.job()
    assert (job.endpoint_id, job.gpu_config.type, job.gpu_config.count) == (
        "endpoint-h100",
        "H100",
        1,
    )
    assert world.runpod.runs["run-1"].cancelled
    assert job.attempt - job.spared_attempts == 1
    assert "job.elsewhere" in world.story()
    worker = world.worker("run-2")
    worker.start()
    worker.finishes(seconds=3600)
    after(world, 2)
    assert world.job().final_cost == Decimal("4.200000")


def test_the_last_type_is_waited_for_as_long_as_a_job_may_wait(world: World) -> None:
    world.queue_job(gpu_config=FIRST_THEN_H100, alternative_rates={"H100": Decimal("4.20")})
    world.tick()
    after(world, 150)

    job = world.job()
    assert (job.error_code, job.gpu_config.type) == ("queue_timeout", "H100")


def test_all_types_together_are_waited_for_no_longer_than_a_job_may_wait(world: World) -> None:
    world.queue_job(gpu_config=FIRST_THEN_H100, alternative_rates={"H100": Decimal("4.20")})
    world.tick()
    minutes = 0
    while not world.job().has_ended and minutes < 200:
        world.wait(60)
        minutes += 1

    assert 120 <= minutes <= 124


def test_price_estimate_and_default_budget_are_those_of_the_type_that_runs(
    world: World, dataset: Dataset
) -> None:
    wanted = {"type": "A100-80GB", "alternatives": ["H100"]}
    answer = call(world, "POST /api/jobs", ORDER | {"gpu_config": wanted})
    world.job_id = answer.data["id"]
    alone = call(world, "POST /api/jobs/estimate", ORDER | {"gpu_config": {"type": "H100"}}).data
    before = world.job()
    world.tick()
    after(world, 18)

    job = world.job()
    assert job.gpu_config.type == "H100"
    assert job.max_cost != before.max_cost
    assert float(job.estimated_total_cost) == pytest.approx(alone["estimated_cost"], abs=0.01)
    assert float(job.max_cost or 0) == alone["default_max_cost"]
    (line,) = [m for m in world.messages() if "it is sent to 1x H100" in m]
    assert "4.20 USD an hour" in line


def test_alternatives_are_ordered_priced_and_offered(world: World, dataset: Dataset) -> None:
    wanted = ORDER | {"gpu_config": {"type": "A100-80GB", "alternatives": ["H100"]}}

    assert call(world, "POST /api/jobs/estimate", wanted).data["alternatives"] == [
        "A100-40GB",
        "H100",
    ]
    job = call(world, "POST /api/jobs", wanted | {"max_cost": None})
    assert job.data["gpu_config"] == {"type": "A100-80GB", "count": 1, "alternatives": ["H100"]}
    # a day of the dearer one, storage, and the way to a standstill
    assert job.data["worst_case_usd"] == pytest.approx(24 * 4.2 + 0.5 + 0.1225)
    unknown = ORDER | {"gpu_config": {"type": "A100-80GB", "alternatives": ["abacus"]}}
    assert call(world, "POST /api/jobs", unknown).status == 400
    nowhere = ORDER | {"gpu_config": {"type": "A100-80GB", "alternatives": ["V100-32GB"]}}
    assert call(world, "POST /api/jobs", nowhere).refusal == (409, "gpu_unavailable")


def managed(world: World, management: Management) -> World:
    client = httpx.Client(
        transport=httpx.MockTransport(management.handle), base_url="https://rest.test"
    )
    runpod = replace(world.deps.runpod, management=client)
    return replace(world, deps=replace(world.deps, runpod=runpod))


def test_a_crash_loop_is_not_waited_for_and_not_called_free(world: World) -> None:
    world = managed(world, Management(summary={"unhealthy": 3}))
    world.queue_job(gpu_config=GpuConfig(type="A100-80GB", count=1))
    world.tick()
    after(world, 25)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "workers_unhealthy")
    assert "Crash loop" in (job.error_message or "")
    assert "may bill" in (remedy_of(job.error_code) or "")
    assert "cost nothing" not in (remedy_of("queue_timeout") or "")
    notes = all_records(world.deps.table, keys.notifications(ADA), Notification)
    (failed,) = [note.message for note in notes if note.type == "job_failed"]
    assert "$0.00" not in failed
    assert "is not known" in failed


def test_a_stop_that_is_ignored_in_the_queue_is_told_once_too(world: World) -> None:
    world.queue_job(gpu_config=GpuConfig(type="A100-80GB", count=1))
    world.tick()
    call(world, f"POST /api/jobs/{world.job_id}/cancel")
    world.runpod.answer_instead = lambda request: (
        httpx.Response(200, json={"id": "run-1", "status": "IN_QUEUE"})
        if "run-1" in request.url.path
        else None
    )
    after(world, 15)

    assert world.story().count("stop.ignored") == 1


def test_a_silent_worker_that_cannot_be_stopped_is_told_of_once(world: World) -> None:
    """Nobody asked for that stop but we; what it bills is somebody's money all the same."""
    world.queue_job(gpu_config=GpuConfig(type="A100-80GB", count=1))
    world.tick()
    world.worker("run-1").start()
    world.runpod.answer_instead = lambda request: (
        httpx.Response(200, json={"id": "run-1", "status": "IN_PROGRESS"})
        if "run-1" in request.url.path
        else None
    )
    after(world, 30)

    story = world.story()
    assert (story.count("attempt.overdue"), story.count("stop.ignored")) == (1, 1)
    assert (world.job().status, world.runpod.submitted) == ("running", 1)


def test_a_stop_that_the_provider_ignores_is_told_once(world: World) -> None:
    world.queue_job(gpu_config=GpuConfig(type="A100-80GB", count=1))
    world.tick()
    world.worker("run-1").start()
    run = world.runpod.runs["run-1"]
    call(world, f"POST /api/jobs/{world.job_id}/cancel")
    for _ in range(15):
        run.status = "IN_PROGRESS"
        world.runpod.answer_instead = lambda request: (
            httpx.Response(200, json={"id": "run-1", "status": "IN_PROGRESS"})
            if "run-1" in request.url.path
            else None
        )
        world.wait(60)

    assert world.job().status == "running"
    assert world.story().count("stop.ignored") == 1


def test_a_stop_that_the_provider_ignores_rings(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The alarm listens to this line."""
    world.queue_job(gpu_config=GpuConfig(type="A100-80GB", count=1))
    world.tick()
    world.worker("run-1").start()
    call(world, f"POST /api/jobs/{world.job_id}/cancel")
    world.runpod.answer_instead = lambda request: (
        httpx.Response(200, json={"id": "run-1", "status": "IN_PROGRESS"})
        if "run-1" in request.url.path
        else None
    )
    for _ in range(4):
        world.wait(300)

    (rung,) = [line for line in caplog.records if line.getMessage() == "stop ignored"]
    assert (rung.levelname, vars(rung)["job_id"]) == ("ERROR", world.job_id)
