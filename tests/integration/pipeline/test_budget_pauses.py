"""A job's budget: there by default, pausing what reaches it, raised while it runs or rests.

Covers: jobs.changing, jobs.notifications, jobs.view.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from brightrun.jobs.record import StopReason
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.table import numbers
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, Answer, an_event, answered
from tests.support.factories import ADA, DATASET_ID, a_dataset
from tests.support.harness import Worker, World, a_world


@pytest.fixture
def world(deps: Deps) -> World:
    """A stage that allows each user 40 USD a month."""
    settings = deps.settings.model_copy(update={"monthly_limit_usd": Decimal(40)})
    world = a_world(replace(deps, settings=settings))
    create_dataset(deps.table, a_dataset())
    return world


def call(world: World, route: str, body: object = None) -> Answer:
    return answered(handle(an_event(route, body, ADA_CALLS, None, None, None), None, world.deps))


def order(world: World, **asked: Any) -> dict[str, Any]:
    wanted = {"dataset_id": DATASET_ID, "gpu_config": {"type": "A100-80GB", "count": 2}} | asked
    answer: dict[str, Any] = call(world, "POST /api/jobs", wanted).data
    return answer


def training(world: World, **asked: Any) -> tuple[World, Worker, str]:
    """A job whose worker has started."""
    job_id = order(world, **asked)["id"]
    world = replace(world, job_id=job_id)
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    return world, worker, f"/api/jobs/{job_id}"


def committed(world: World) -> Decimal:
    return numbers(world.deps.table, keys.committed(ADA))["worst"]


def over_budget(world: World, worker: Worker) -> None:
    """Half an hour on two GPUs costs 3.50; the worker keeps step 4 and leaves."""
    world.clock.pass_by(1800)
    assert worker.trains(range(1, 6), seconds=1800).action == "stop"
    worker.checkpoints(4)
    worker.leaves(1800)
    world.wait(30)


def test_a_job_that_names_no_budget_gets_twice_its_high_estimate(world: World) -> None:
    job = order(world)

    # high is 6.62 (6.618519); twice that, to the next cent
    assert (job["max_cost"], job["has_default_budget"]) == (13.24, True)
    # and 0.20 for the way to a standstill, not a day of GPU time
    assert committed(world) == Decimal("13.444167")


def test_null_asks_for_no_budget_and_is_told_what_that_can_cost(world: World) -> None:
    wanted = {"dataset_id": DATASET_ID, "gpu_config": {"type": "A100-80GB"}, "max_cost": None}
    refused = call(world, "POST /api/jobs", wanted)

    assert refused.refusal == (429, "quota_exceeded")
    assert "up to $84.60" in refused.body["error"]


def test_a_job_that_reaches_its_budget_rests_and_keeps_what_it_learned(world: World) -> None:
    world, worker, page = training(world, max_cost=4.0)

    over_budget(world, worker)

    job = call(world, f"GET {page}").data["job"]
    assert (job["status"], job["pause_reason"], job["checkpoint_step"]) == (
        "paused",
        StopReason.BUDGET,
        4,
    )
    assert (job["current_cost"], job["final_cost"], world.costs()) == (3.5, None, [])
    notes = call(world, "GET /api/notifications").data["notifications"]
    assert notes[0]["title"] == "Budget Exceeded"
    assert "$3.50 of $4.00" in notes[0]["message"]


def test_a_job_without_money_is_not_resumed_and_one_with_more_goes_on(world: World) -> None:
    world, worker, page = training(world, max_cost=4.0)
    over_budget(world, worker)

    refused = call(world, f"POST {page}/resume")
    assert refused.status == 400
    assert "max_cost" in refused.body["details"]
    assert call(world, f"PATCH {page}", {"resume": True}).status == 400
    job = call(world, f"PATCH {page}", {"max_cost": 9.0, "resume": True}).data
    assert (job["status"], job["max_cost"], job["pause_reason"]) == ("queued", 9.0, None)
    world.tick()
    answer = world.worker("run-2", "worker-2").start()
    assert answer.resume_from is not None
    assert answer.resume_from.step == 4


def test_a_budget_is_raised_while_the_job_runs_and_the_month_makes_room(world: World) -> None:
    world, worker, page = training(world, max_cost=4.0)
    before = committed(world)

    assert call(world, f"PATCH {page}", {"max_cost": 20.0, "name": "second"}).data["name"] == (
        "second"
    )
    assert committed(world) - before == 16
    assert worker.trains(range(1, 6), seconds=1800).action == "continue"
    refused = call(world, f"PATCH {page}", {"max_cost": 41.0})
    assert refused.refusal == (429, "quota_exceeded")
    assert committed(world) - before == 16


@pytest.mark.parametrize("max_cost", [3.5, 0.1])
def test_a_budget_is_not_lowered_below_what_was_spent(world: World, max_cost: float) -> None:
    world, worker, page = training(world, max_cost=9.0)
    world.clock.pass_by(1800)
    worker.trains(range(1, 6), seconds=1800)

    refused = call(world, f"PATCH {page}", {"max_cost": max_cost})

    assert refused.status == 400
    assert "max_cost" in refused.body["details"]


def test_an_ended_job_keeps_its_budget_and_may_be_renamed(world: World) -> None:
    world, _, page = training(world)
    call(world, f"POST {page}/cancel")
    world.runpod.runs["run-1"].status = "CANCELLED"
    world.tick()

    assert call(world, f"PATCH {page}", {"name": "kept"}).data["name"] == "kept"
    refused = call(world, f"PATCH {page}", {"max_cost": 9.0})
    assert refused.refusal == (409, "invalid_transition")


def test_the_bill_of_a_finished_job_has_what_the_estimate_had(world: World) -> None:
    """Half an hour on two GPUs at 7.00, and 0.50 for the model's storage."""
    world, worker, page = training(world)
    worker.trains(range(1, 11), seconds=1800)
    worker.finishes(seconds=1800)
    world.tick()
    world.tick()

    answer = call(world, f"GET {page}").data
    assert {c["cost_type"]: c["amount"] for c in answer["cost_records"]} == {
        "training_compute": 3.5,
        "storage": 0.5,
    }
    assert answer["job"]["final_cost"] == 4.0
    assert answer["job"]["actual_over_estimate"] == pytest.approx(4.0 / 4.324074, abs=0.0001)
    (model,) = world.models()
    assert model.training_summary.total_cost == Decimal("4.000000")
    costs = call(world, "GET /api/costs").data
    assert (costs["total_cost"], costs["cost_by_type"]["storage"]) == (4.0, 0.5)
    run = next(c for c in costs["records"] if c["cost_type"] == "training_compute")
    assert (run["details"]["gpu_count"], run["job_status"]) == (2, "completed")
    assert (run["job_name"], run["dataset_name"]) == ("Bakery letters - balanced", "Bakery letters")
