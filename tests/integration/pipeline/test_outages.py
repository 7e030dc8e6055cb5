"""Other people's bad hours, and our own: a healthy job is still there when they are over.

Covers: jobs.execution.outages.
"""

from dataclasses import replace

import httpx
import pytest

from brightrun.jobs.failures import remedy_of
from brightrun.ports.s3 import objects
from brightrun.runtime import Deps
from brightrun.s3_keys import staged
from functions.process_jobs import app as process_jobs
from tests.support.factories import JOB_ID
from tests.support.harness import Worker, World, a_world


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


def broken(how: str, request: httpx.Request) -> httpx.Response | None:
    if not request.url.path.endswith("/run"):
        return None
    if how.isdigit():
        return httpx.Response(int(how))
    if how == "connect":
        raise httpx.ConnectError("nobody there", request=request)
    raise httpx.ReadTimeout("no answer", request=request)


def after(world: World, minutes: int, *, looked_each: int = 1) -> World:
    for _ in range(0, minutes, looked_each):
        world.wait(60 * looked_each)
    return world


@pytest.mark.parametrize("how", ["429", "502", "connect", "timeout"])
def test_a_queued_job_survives_an_hour_without_the_provider(world: World, how: str) -> None:
    world.runpod.answer_instead = lambda request: broken(how, request)
    world.queue_job()
    world.tick()
    after(world, 60, looked_each=10)
    assert world.job().status in {"queued", "initializing"}
    world.runpod.answer_instead = lambda _: None
    after(world, 20, looked_each=10)

    assert world.runpod.submitted >= 1
    job = world.job()
    assert job.attempt - job.spared_attempts <= 1


def test_a_provider_that_never_comes_back_is_named(world: World) -> None:
    world.runpod.answer_instead = lambda request: broken("429", request)
    world.queue_job()
    world.tick()
    after(world, 150, looked_each=25)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "provider_unavailable")
    assert "RunPod answered 429" in (job.error_message or "")


def test_an_account_without_money_is_asked_once_for_all_jobs(world: World) -> None:
    """Not one try each: the first one's answer holds for five minutes."""
    world.runpod.answer_instead = lambda request: (
        httpx.Response(402) if request.url.path.endswith("/run") else None
    )
    world.queue_job()
    world.tick()
    asked = world.runpod.calls.count("run")
    after(world, 4)

    job = world.job()
    assert (asked, world.runpod.calls.count("run")) == (1, 1)
    assert (job.status, job.attempt - job.spared_attempts) == ("queued", 0)
    assert "spending limit" in (job.last_error or "")
    world.runpod.answer_instead = lambda _: None
    after(world, 10)
    assert world.runpod.submitted == 1


def test_an_account_without_money_rings_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The alarm listens to this line: one for all jobs and for all of the time it lasts."""
    world.runpod.answer_instead = lambda request: broken("402", request)
    world.queue_job()
    world.tick()
    after(world, 18, looked_each=6)

    rung = [line for line in caplog.records if line.getMessage() == "provider account limit"]
    assert len(rung) == 1
    assert world.runpod.calls.count("run") >= 3


def test_a_job_that_waited_for_money_says_so(world: World) -> None:
    world.runpod.answer_instead = lambda request: broken("402", request)
    world.queue_job()
    world.tick()
    after(world, 150, looked_each=25)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "provider_account_limit")
    assert "tops it up" in (remedy_of(job.error_code) or "")


def training(world: World) -> Worker:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.trains(range(1, 6), seconds=50)
    return worker


def test_an_outage_of_our_own_does_not_kill_a_healthy_run(world: World) -> None:
    """Twenty minutes in which nobody could be heard, then five to be heard again."""
    answers = [False]
    world = replace(world, deps=replace(world.deps, api_answers=lambda: answers[0]))
    worker = training(world)
    after(world, 20)
    assert not world.runpod.runs["run-1"].cancelled
    answers[0] = True
    after(world, 3)
    assert not world.runpod.runs["run-1"].cancelled

    worker.trains(range(6, 11), seconds=1400)
    worker.finishes(seconds=1500)
    after(world, 3)
    assert world.job().status == "completed"


def test_a_worker_that_is_silent_while_we_listen_is_given_up(world: World) -> None:
    training(world)
    after(world, 7)

    assert world.runpod.runs["run-1"].cancelled


def test_after_an_absence_of_our_own_functions_a_run_is_given_time(world: World) -> None:
    training(world)
    process_jobs.handle({}, None, world.deps)
    world.clock.pass_by(1800)
    process_jobs.handle({}, None, world.deps)

    assert not world.runpod.runs["run-1"].cancelled


def test_a_checkpoint_that_was_stored_counts_although_nobody_told(world: World) -> None:
    """Cut off between the last byte and the word: step 8 lies whole, step 9 does not."""
    worker = training(world)
    worker.checkpoints(4)
    worker.stores({"state.safetensors": b"eight"}, step=8)
    worker.stores({"state.safetensors": b"nine"}, step=9)
    objects.remove_under(world.deps.store, staged(JOB_ID, 1, checkpoint_step=9))
    worker.leaves(60, "FAILED")
    after(world, 3)

    answer = world.worker("run-2", "worker-2").start()
    assert answer.resume_from is not None
    assert answer.resume_from.step == 8
    assert "checkpoint.found" in world.story()
