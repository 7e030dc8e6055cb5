"""The GPUs that were ordered: told, used, refused where they are not, and billed as they ran."""

from dataclasses import replace
from decimal import Decimal

import pytest

from brightrun.datasets.record import Dataset
from brightrun.runtime import Deps
from brightrun.training.configuration import GpuConfig
from brightrun.training.protocol import StartRequest
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, Answer, Call, an_event, answered
from tests.support.catalogs import load_catalog
from tests.support.harness import World, a_world
from tests.support.ordered_jobs import ORDER


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


def test_each_count_goes_to_the_endpoint_that_has_it(world: World) -> None:
    world.queue_job(gpu_config=GpuConfig(type="A100-80GB", count=1))

    world.tick()

    assert world.job().endpoint_id == "endpoint-a100-x1"


def test_two_gpus_on_a_worker_of_one_are_refused_and_cost_what_ran(world: World) -> None:
    """The worker that refuses held one GPU for 36 s: a hundredth of 3.50, not of 7.00."""
    world.queue_job()
    world.tick()
    run = world.runpod.runs["run-1"]
    run.status = "IN_PROGRESS"
    worker = world.worker("run-1")
    said = StartRequest(external_job_id="run-1", worker_id="worker-1", gpu_count=1)

    assert worker.start(said).spec.gpu_count == 2
    worker.fails("gpus_missing", seconds=36.0)
    world.tick()

    (attempt, *_) = world.attempts()
    assert (attempt.gpu_count, attempt.gpu_seconds) == (1, 36.0)
    assert world.job().current_cost == Decimal("0.035000")
    assert world.models() == []


def test_a_count_that_nobody_serves_is_refused_with_what_is_there(
    api: Call, dataset: Dataset
) -> None:
    three = ORDER | {"gpu_config": {"type": "A100-80GB", "count": 3}}

    answer = api("POST /api/jobs", three)

    assert answer.refusal == (409, "gpu_unavailable")
    assert answer.body["details"]["available"] == ["1x A100-80GB", "2x A100-80GB"]
    assert api("POST /api/jobs/estimate", three).data["startable"] is False


def test_one_gpu_is_what_is_ordered_when_nobody_says_how_many(api: Call, dataset: Dataset) -> None:
    job = api("POST /api/jobs", ORDER | {"gpu_config": {"type": "A100-80GB"}}).data

    assert job["gpu_config"]["count"] == 1


def test_an_estimate_warns_of_a_gpu_that_saves_little(api: Call, dataset: Dataset) -> None:
    """1,000 pairs: 2,133 s on one GPU, 1,967 s on two."""
    (warning,) = api("POST /api/jobs/estimate", ORDER).data["warnings"]

    assert warning.startswith("The last of 2 GPUs shortens the run by 7.8 %")
    one = ORDER | {"gpu_config": {"type": "A100-80GB", "count": 1}}
    assert api("POST /api/jobs/estimate", one).data["warnings"] == []


def test_a_gpu_that_the_trainer_refuses_is_priced_and_never_sold(
    deps: Deps, dataset: Dataset
) -> None:
    """An endpoint named for it changes nothing: the worker's own check would end it."""
    endpoints = {"V100-32GB": "endpoint-v100", "H100": "endpoint-h100"}
    sold = replace(deps, catalog=load_catalog("[]", endpoints))
    v100 = ORDER | {"gpu_config": {"type": "V100-32GB", "count": 1}}

    def api(route: str, body: object = None) -> Answer:
        return answered(handle(an_event(route, body, ADA_CALLS, None, None, None), None, sold))

    estimate = api("POST /api/jobs/estimate", v100).data
    assert (estimate["hourly_rate"], estimate["startable"]) == (2.1, False)
    assert estimate["memory_fit"]["fits"] is False
    assert "bf16" in estimate["memory_fit"]["refused"]
    refused = api("POST /api/jobs", v100)
    assert refused.refusal == (409, "gpu_unavailable")
    assert refused.body["details"]["available"] == ["1x H100"]
    rows = {row["type"]: row for row in api("GET /api/catalog").data["gpu_types"]}
    assert (rows["V100-32GB"]["available"], rows["V100-32GB"]["trainable"]) == (False, False)
    assert (rows["H100"]["counts"], rows["H100"]["trainable"]) == ([1], True)
