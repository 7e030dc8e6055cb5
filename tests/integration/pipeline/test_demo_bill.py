"""The demo's job: what was estimated and what is billed agree in steps, storage and total."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from brightrun.runtime import Deps
from functions.api.app import handle
from functions.validate_dataset import app as validate_dataset
from local.demo.data.build import write_dataset
from tests.support.api.http_calls import ADA_CALLS, an_event, answered
from tests.support.datasets.uploaded_datasets import stored, uploaded
from tests.support.factories import DATASET_ID
from tests.support.harness import World, a_world
from trainer_image.data.sampling import Plan, RowSize

ORDER: dict[str, Any] = {
    "dataset_id": DATASET_ID,
    "preset_id": "custom",
    "gpu_config": {"type": "A100-80GB", "count": 1},
    "hyperparameters": {"learning_rate": 0.001, "batch_size": 4, "epochs": 3, "rank": 16},
}


@pytest.fixture
def world(deps: Deps, tmp_path: Path) -> World:
    """The demo's conversations, uploaded and validated as they are in the demo."""
    body = write_dataset(tmp_path / "demo.jsonl").read_bytes()
    uploaded(deps, body, file_name="demo.jsonl")
    validate_dataset.handle({}, None, deps)
    assert stored(deps).training_ready
    return a_world(deps)


def call(world: World, route: str, body: object = None) -> Any:
    return answered(handle(an_event(route, body, ADA_CALLS, None, None, None), None, world.deps))


def test_a_run_that_takes_as_long_as_estimated_costs_what_was_estimated(world: World) -> None:
    estimate = call(world, "POST /api/jobs/estimate", ORDER).data
    job_id = call(world, "POST /api/jobs", ORDER).data["id"]
    world = replace(world, job_id=job_id)
    # whole seconds, as RunPod counts them; the shown hours have two decimals alone
    seconds = round((estimate["cost_breakdown"]["compute"] / estimate["hourly_rate"]) * 3600)
    steps = estimate["planned"]["total_steps"]
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.report(step=steps, total_steps=steps, execution_seconds=seconds)
    worker.finishes(seconds=seconds)
    world.wait(60)
    world.tick()

    page = call(world, f"GET /api/jobs/{job_id}").data
    billed = {record["cost_type"]: record["amount"] for record in page["cost_records"]}
    assert page["job"]["status"] == "completed"
    assert page["job"]["total_steps"] == steps
    assert billed["storage"] == estimate["cost_breakdown"]["storage"]
    assert billed["training_compute"] == pytest.approx(
        estimate["cost_breakdown"]["compute"], abs=0.005
    )
    assert page["job"]["final_cost"] == pytest.approx(estimate["estimated_cost"], abs=0.01)
    assert page["job"]["final_cost"] == pytest.approx(sum(billed.values()))
    assert page["job"]["actual_over_estimate"] == pytest.approx(1.0, abs=0.02)
    assert call(world, "GET /api/costs").data["total_cost"] == pytest.approx(
        page["job"]["final_cost"]
    )


def test_the_trainer_takes_the_steps_that_the_estimate_plans(world: World) -> None:
    planned = call(world, "POST /api/jobs/estimate", ORDER).data["planned"]
    rows = [RowSize(tokens=9, supervised_tokens=5)] * planned["trained_rows"]

    assert planned["total_steps"] == Plan(rows, rows_per_step=4, epochs=3, seed=0).total_steps
    assert planned["held_out_conversations"] >= 12
