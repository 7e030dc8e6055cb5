"""A look at a job that kills its function each time ends, but not while a GPU may bill."""

from dataclasses import replace

import httpx

from brightrun.work import Work
from functions.process_jobs import app as process_jobs
from tests.support.fault_injection import kill, killed
from tests.support.harness import World

DAY = 24 * 3600


def test_a_dispatch_that_kills_its_function_fails_the_job_before_anything_runs(
    world: World,
) -> None:
    world.queue_job()
    deadly = replace(world.deps, new_secret=kill)
    killed(world, 8, lambda: process_jobs.run_pass(deadly))
    process_jobs.run_pass(deadly)

    job = world.job()
    assert (job.status, job.error_code, job.work) == ("failed", "internal_error", None)
    assert "it was begun 8 times and broken off" in (job.error_message or "")
    assert (world.runpod.runs, len(world.costs())) == ({}, 1)


def test_a_running_job_is_looked_at_while_its_run_can_exist_and_ends_after_that(
    world: World,
) -> None:
    """Nobody may give up a GPU that bills; when its time to live is over it is gone."""
    world.queue_job()
    world.tick()
    world.worker("run-1").start()
    world.runpod.answer_instead = kill
    world.clock.pass_by(60)
    killed(world, 12, lambda: process_jobs.run_pass(world.deps))
    assert (world.job().status, world.job().tries) == ("running", 12)
    world.clock.pass_by(2 * DAY)
    process_jobs.run_pass(world.deps)

    assert (world.job().status, world.job().tries) == ("queued", 0)
    assert "attempt.lost" in world.story()


def test_a_look_that_works_is_counted_anew(world: World) -> None:
    world.queue_job()
    world.tick()
    world.worker("run-1").start()
    world.runpod.answer_instead = lambda _: httpx.Response(503)
    for _ in range(3):
        world.wait(1000)
    assert world.job().tries == 3
    world.runpod.answer_instead = lambda _: None
    world.wait(1000)

    assert world.job().tries == 0


def test_a_lost_run_that_cannot_be_asked_for_is_given_up_when_it_can_exist_no_longer(
    world: World,
) -> None:
    world.queue_job()
    world.tick()
    world.worker("run-1").start()
    world.runpod.runs.pop("run-1")
    world.wait(400)
    assert world.attempts()[0].waits_for(Work.CONFIRM)
    world.runpod.answer_instead = lambda _: httpx.Response(403)
    for _ in range(10):
        world.wait(1000)
    assert world.attempts()[0].waits_for(Work.CONFIRM)
    world.wait(2 * DAY)

    assert world.attempts()[0].work is None
    assert "attempt.unconfirmed" in world.story()
