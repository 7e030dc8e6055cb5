"""RunPod's unsigned webhook: a hint that makes us look sooner, whoever sends it."""

import json
from dataclasses import replace

import httpx
import pytest

from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import NOBODY, an_event
from tests.support.factories import JOB_ID
from tests.support.harness import Worker, World, a_world

API = "https://api.example"


@pytest.fixture
def world(deps: Deps) -> World:
    settings = deps.settings.model_copy(update={"public_api_url": API})
    return a_world(replace(deps, settings=settings))


@pytest.fixture
def hooks(world: World) -> list[str]:
    """The webhook addresses that were sent with `/run`."""
    seen: list[str] = []

    def note(request: httpx.Request) -> None:
        if request.url.path.endswith("/run"):
            seen.append(json.loads(request.content)["webhook"])

    world.runpod.answer_instead = note
    return seen


@pytest.fixture
def worker(world: World, hooks: list[str]) -> Worker:
    """A worker in the middle of its training, that was heard a moment ago."""
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.trains(range(1, 3), seconds=5)
    return worker


def post(world: World, url: str) -> int:
    path = httpx.URL(url).path
    event = an_event(f"POST {path}", {"status": "COMPLETED"}, NOBODY, None, None, None)
    return int(handle(event, None, world.deps)["statusCode"])


def test_the_address_says_which_attempt_and_nothing_of_its_token(
    world: World, worker: Worker, hooks: list[str]
) -> None:
    *address, end = hooks[0].split("/")

    assert "/".join(address) == f"{API}/worker/v1/hooks/{JOB_ID}/1"
    assert len(end) == 64
    assert end not in repr(world.state())


def test_a_hook_makes_its_job_due_now_so_the_end_is_seen_at_once(
    world: World, worker: Worker, hooks: list[str]
) -> None:
    worker.leaves(60, "FAILED")
    world.tick()
    assert world.job().status == "running"
    assert post(world, hooks[0]) == 202
    world.tick()

    assert world.job().status == "queued"


def test_a_hook_is_not_believed(world: World, worker: Worker, hooks: list[str]) -> None:
    """It says COMPLETED; RunPod says that the run goes on."""
    assert post(world, hooks[0]) == 202
    world.tick()

    assert world.job().status == "running"


@pytest.mark.parametrize(
    "wrong",
    [
        f"/worker/v1/hooks/{JOB_ID}/1/{'0' * 64}",
        f"/worker/v1/hooks/{JOB_ID}/2/{'0' * 64}",
        f"/worker/v1/hooks/{JOB_ID}/x/{'0' * 64}",
        f"/worker/v1/hooks/{JOB_ID}/99999/{'0' * 64}",
        f"/worker/v1/hooks/no-such-job/1/{'0' * 64}",
    ],
)
def test_a_wrong_address_gets_the_same_answer_and_changes_nothing(
    world: World, worker: Worker, wrong: str
) -> None:
    before = world.state()

    assert post(world, API + wrong) == 202
    assert world.state() == before


def test_a_hook_of_an_earlier_attempt_changes_nothing(
    world: World, worker: Worker, hooks: list[str]
) -> None:
    worker.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)
    world.worker("run-2", "worker-2").start()
    before = world.state()

    assert post(world, hooks[0]) == 202
    assert world.state() == before


def test_a_hook_before_the_first_poll_and_one_after_the_end_are_harmless(
    world: World, hooks: list[str]
) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    assert post(world, hooks[0]) == 202
    worker.start()
    worker.finishes()
    world.tick()
    ended = world.state()

    assert post(world, hooks[0]) == 202
    assert ended.job.status == "completed"
    assert world.state() == ended
