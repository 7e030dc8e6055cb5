"""What RunPod refuses or does not answer, and a step of our own that breaks: the job says why."""

from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from brightrun.training.configuration import GpuConfig
from tests.support.harness import World


@pytest.mark.parametrize("status", [400, 404])
def test_a_submission_runpod_refuses_is_no_attempt_and_waits_as_long_as_a_job_may(
    world: World, status: int
) -> None:
    """Its story says why at once: whoever owns the endpoint may mend it meanwhile."""
    world.runpod.answer_instead = lambda _: httpx.Response(status)
    world.queue_job()
    world.tick()
    waiting = world.job()
    assert (waiting.status, waiting.attempt - waiting.spared_attempts) == ("queued", 0)
    assert str(status) in (waiting.last_error or "")
    for _ in range(20):
        world.wait(1000)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "provider_refused")
    assert job.final_cost == Decimal(0)
    assert str(status) in (job.error_message or "")


def test_an_endpoint_that_is_mended_meanwhile_takes_the_job(world: World) -> None:
    world.runpod.answer_instead = lambda _: httpx.Response(404)
    world.queue_job()
    world.tick()
    world.runpod.answer_instead = lambda _: None
    world.wait(60)

    assert (world.runpod.submitted, world.job().status) == (1, "initializing")


def test_a_redirect_is_no_answer_and_no_refusal(world: World) -> None:
    """Something may run: the lease of the submission decides."""
    world.runpod.answer_instead = lambda _: httpx.Response(302, headers={"location": "/"})
    world.queue_job()
    world.tick()

    assert (world.job().status, len(world.attempts())) == ("initializing", 1)


def test_a_wrong_key_is_named_when_the_wait_is_over(world: World) -> None:
    world.runpod.answer_instead = lambda _: httpx.Response(401)
    world.queue_job()
    for _ in range(20):
        world.wait(1000)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "provider_refused")
    assert (job.error_message or "").endswith("RunPod refuses our API key")


def test_a_gpu_without_an_endpoint_fails_in_words(world: World) -> None:
    world.queue_job(gpu_config=GpuConfig(type="H100", count=1))
    world.tick()

    assert world.job().error_code == "gpu_unavailable"


def test_runpod_being_down_moves_nothing_and_is_tried_again(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    world.runpod.answer_instead = lambda _: httpx.Response(503)
    world.wait(100)
    assert (world.job().status, world.job().tries) == ("running", 1)
    world.runpod.answer_instead = lambda _: None
    worker.finishes()
    world.wait(100)

    assert world.job().status == "completed"


def test_a_step_that_breaks_on_one_job_is_counted_until_the_job_ends(world: World) -> None:
    def no_entropy() -> str:
        raise OSError("no entropy")

    world.queue_job()
    world.deps = replace(world.deps, new_secret=no_entropy)
    for _ in range(20):
        world.wait(1000)

    assert (world.job().status, world.job().error_code) == ("failed", "internal_error")
    assert world.story().count("step.broke") == world.deps.limits.max_provider_failures - 1
    assert len(world.costs()) == 1
