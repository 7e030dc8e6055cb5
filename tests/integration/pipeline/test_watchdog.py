"""The watchdog: what runs at RunPod and is nobody's is stopped or told; what idles is listed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx
import pytest

from brightrun.jobs.execution.orphans import Findings
from brightrun.ports.dynamodb.endpoints import find_findings
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.process_jobs import app as process_jobs
from tests.support.api.http_calls import Answer, an_event, answered, identity
from tests.support.catalogs import load_catalog
from tests.support.harness import World, a_world

ENDPOINT = "endpoint-a100"
ROUND = 601


@dataclass
class Provider:
    """What both of RunPod's services say of the one endpoint."""

    queued: int = 0
    in_progress: int = 0
    summary: dict[str, int] = field(default_factory=dict)
    workers: dict[str, int] = field(default_factory=lambda: {"min": 0, "max": 3, "idleTimeout": 10})
    volumes: list[str] = field(default_factory=list)
    asked: int = 0

    def manage(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/workers"):
            return httpx.Response(200, json={"workers": [], "summary": self.summary})
        self.asked += 1
        told = {"id": ENDPOINT, "workers": self.workers, "networkVolumes": self.volumes}
        return httpx.Response(200, json=told)

    def health(self, request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/health"):
            return None
        jobs = {"inQueue": self.queued, "inProgress": self.in_progress}
        return httpx.Response(200, json={"jobs": jobs, "workers": self.summary})


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def world(deps: Deps, provider: Provider) -> World:
    world = a_world(replace(deps, catalog=load_catalog("[]", {"A100-80GB x2": ENDPOINT})))
    management = httpx.Client(
        transport=httpx.MockTransport(provider.manage), base_url="https://management.test"
    )
    world.runpod.answer_instead = provider.health
    runpod = replace(world.deps.runpod, management=management)
    return replace(world, deps=replace(world.deps, runpod=runpod))


def findings(world: World) -> Findings:
    seen = find_findings(world.deps.table)
    assert seen is not None
    return seen


def overview(world: World, admin: str = "true") -> Answer:
    caller = identity(user_id="boss", admin=admin)
    event = an_event("GET /api/admin/watchdog", None, caller, None, None, None)
    return answered(handle(event, None, world.deps))


def test_our_own_runs_are_no_orphans(world: World, provider: Provider) -> None:
    world.queue_job()
    world.tick()
    provider.in_progress = 1
    world.worker("run-1").start()
    for _ in range(3):
        world.wait(ROUND)

    assert findings(world).orphans == 0
    assert [report.ours for report in findings(world).endpoints] == [1]


def test_a_surplus_is_reported_when_two_rounds_in_a_row_saw_it(
    world: World, provider: Provider
) -> None:
    provider.in_progress = 2
    world.tick()
    assert findings(world).orphans == 0
    world.wait(ROUND)
    assert findings(world).orphans == 2
    provider.in_progress = 0
    world.wait(ROUND)

    assert findings(world).orphans == 0


def test_a_busy_worker_that_serves_no_run_of_ours_is_an_orphan(
    world: World, provider: Provider
) -> None:
    provider.summary = {"running": 1}
    world.tick()
    world.wait(ROUND)

    assert overview(world).data["orphans"] == 1


def test_what_costs_money_at_idle_is_listed(world: World, provider: Provider) -> None:
    provider.workers = {"min": 1, "max": 3, "idleTimeout": 300}
    provider.volumes = ["volume"]
    provider.summary = {"idle": 1}
    world.tick()

    assert overview(world).data["idle_costs"] == [
        f"{ENDPOINT}: 1 workers are always on (workers.min)",
        f"{ENDPOINT}: 1 network volumes are rented by the month",
        f"{ENDPOINT}: a worker idles for 300 s after each job",
        f"{ENDPOINT}: 1 workers idle though no job runs there",
    ]


def test_rounds_are_ten_minutes_apart_whoever_ticks(world: World, provider: Provider) -> None:
    for _ in range(10):
        world.wait(60)
        process_jobs.run_pass(world.deps)

    assert provider.asked == 1
    world.wait(60)
    assert provider.asked == 2


def test_the_watchdog_is_for_administrators_and_says_nothing_before_its_first_round(
    world: World,
) -> None:
    assert overview(world).data["at"] is None
    assert overview(world, admin="false").refusal == (403, "forbidden")


def vanished(world: World) -> Callable[[], None]:
    """A job whose run RunPod forgot, and then remembers."""
    world.queue_job()
    world.tick()
    world.worker("run-1").start()
    run = world.runpod.runs.pop("run-1")
    world.wait(400)

    def back() -> None:
        world.runpod.runs["run-1"] = run

    return back


def test_a_run_that_comes_back_after_it_was_given_up_is_cancelled(world: World) -> None:
    back = vanished(world)
    assert world.attempts()[0].work is not None
    back()
    world.wait(301)
    assert world.runpod.runs["run-1"].cancelled
    assert "attempt.orphaned" in world.story()
    world.wait(301)

    assert world.attempts()[0].work is None


def test_a_run_that_stays_away_is_looked_for_once(world: World) -> None:
    vanished(world)
    world.wait(301)

    assert world.attempts()[0].work is None
    assert "attempt.orphaned" not in world.story()


def test_a_provider_that_is_down_is_asked_again_later(world: World) -> None:
    back = vanished(world)
    back()
    usual = world.runpod.answer_instead
    world.runpod.answer_instead = lambda _: httpx.Response(503)
    world.wait(301)
    assert world.attempts()[0].work is not None
    world.runpod.answer_instead = usual
    world.wait(601)

    assert world.runpod.runs["run-1"].cancelled
