"""What RunPod says of an endpoint: raised before dispatch, and the reason why a job waits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from brightrun.jobs.events import JobEvent
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.endpoints import find_endpoint
from brightrun.ports.dynamodb.table import all_records
from brightrun.runtime import Deps
from tests.support.factories import JOB_ID
from tests.support.harness import World, a_world
from tests.support.workers.pretended_runpod import Management


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("no answer", request=request)


@pytest.fixture
def management() -> Management:
    return Management()


@pytest.fixture
def world(deps: Deps, management: Management) -> World:
    """A world whose RunPod has both services; `/health` knows nothing of workers."""
    world = a_world(deps)
    client = httpx.Client(
        transport=httpx.MockTransport(management.handle), base_url="https://management.test"
    )
    both = replace(world.deps.runpod, management=client)
    world.runpod.answer_instead = health
    return replace(world, deps=replace(world.deps, runpod=both))


def health(request: httpx.Request) -> httpx.Response | None:
    if request.url.path.endswith("/health"):
        return httpx.Response(200, json={"jobs": {"inQueue": 1, "inProgress": 0}})
    return None


def told(world: World, type_: str) -> list[str]:
    events: list[Any] = all_records(world.deps.table, keys.events(JOB_ID), JobEvent)
    return [event.message for event in events if event.type == type_]


def test_an_endpoint_that_runpod_lowered_is_raised_before_the_dispatch(
    world: World, management: Management
) -> None:
    management.highest = 0
    world.queue_job()
    world.tick()

    assert management.highest == 3
    assert told(world, "endpoint.raised") == [
        "RunPod had lowered the endpoint to 0 workers; it has 3"
    ]
    assert len(world.runpod.runs) == 1


def test_an_endpoint_that_is_set_up_well_is_left_alone(
    world: World, management: Management
) -> None:
    world.queue_job()
    world.tick()

    assert "PATCH /serverless/endpoint-a100" not in management.calls
    assert told(world, "endpoint.raised") == []


def test_a_raise_that_did_not_happen_is_not_told_as_one(
    world: World, management: Management
) -> None:
    management.highest, management.obeys = 0, False
    world.queue_job()
    world.tick()

    assert told(world, "endpoint.raised") == []
    assert "scaled to zero" in told(world, "endpoint.scaled_to_zero")[0]
    assert len(world.runpod.runs) == 1


@pytest.mark.parametrize(
    "broken",
    [
        silent,
        lambda _: httpx.Response(403),
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, json={"workers": "many"}),
    ],
)
def test_a_management_api_that_does_not_serve_hinders_nothing(
    world: World, management: Management, broken: Callable[[httpx.Request], httpx.Response]
) -> None:
    management.broken = broken
    world.queue_job()
    world.tick()

    assert (world.job().status, len(world.runpod.runs)) == ("initializing", 1)


def test_many_jobs_ask_about_their_endpoint_once_a_minute(
    world: World, management: Management
) -> None:
    world.queue_job()
    world.tick()
    asked = len(management.calls)
    world.wait(30)
    world.wait(20)

    assert asked > 0
    assert len(management.calls) == asked


@pytest.mark.parametrize(
    ("summary", "reason", "code"),
    [
        (
            {"throttled": 1, "total": 1},
            "No capacity: RunPod has no free GPU of this kind just now",
            "queue_timeout",
        ),
        (
            {"unhealthy": 2, "total": 2},
            "Crash loop: 2 workers are unhealthy, their image does not start",
            "workers_unhealthy",
        ),
    ],
)
def test_a_long_wait_is_explained_once_and_again_in_the_failure(
    world: World, management: Management, summary: dict[str, int], reason: str, code: str
) -> None:
    management.summary = summary
    world.queue_job()
    world.tick()
    world.wait(200)
    assert told(world, "queue.waiting") == []
    for _ in range(4):
        world.wait(60)
    assert told(world, "queue.waiting") == [reason]
    world.wait(world.deps.limits.max_queue_seconds)
    world.wait(60)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", code)
    assert reason in (job.error_message or "")


def test_what_was_seen_is_kept_for_whoever_asks(world: World, management: Management) -> None:
    management.summary = {"running": 1, "idle": 1, "total": 2}
    world.queue_job()
    world.tick()

    seen = find_endpoint(world.deps.table, "endpoint-a100")
    assert seen is not None
    assert seen.workers is not None
    assert seen.configured is not None
    assert (seen.queued, seen.workers.running, seen.configured.max_workers) == (1, 1, 3)
