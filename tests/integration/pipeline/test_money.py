"""A month's limit through the real routes: refused, warned, and the sums behind it.

Covers: datasets.record.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from brightrun.accounts.budget import MonthSpend
from brightrun.accounts.record import Notification
from brightrun.errors import Conflict
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.creation.affordability import with_worst_case
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.budgets import read_budget, room_for
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.table import all_records, find, numbers
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, Answer, an_event, answered, identity
from tests.support.factories import ADA, DATASET_ID, JOB_ID, a_dataset, a_job
from tests.support.harness import World, a_world

BOSS = identity(user_id="boss", admin="true")


@pytest.fixture
def world(deps: Deps) -> World:
    """A stage that allows each user 10 USD a month, and keeps models for nothing."""
    stage = {"monthly_limit_usd": Decimal(10), "storage_flat_usd": Decimal(0)}
    settings = deps.settings.model_copy(update=stage)
    world = a_world(replace(deps, settings=settings))
    create_dataset(deps.table, a_dataset())
    return world


def call(
    world: World, route: str, body: object = None, caller: dict[str, str] = ADA_CALLS
) -> Answer:
    return answered(handle(an_event(route, body, caller, None, None, None), None, world.deps))


def order(world: World, max_cost: float | None = 4.0) -> Answer:
    wanted: dict[str, Any] = {
        "dataset_id": DATASET_ID,
        "gpu_config": {"type": "A100-80GB", "count": 1},
        "base_model": world.deps.catalog.base_models[0].id,
        "max_cost": max_cost,
    }
    return call(world, "POST /api/jobs", wanted)


def train(world: World, answer: Answer, seconds: float) -> None:
    """Let a job that was just created run to its end, for so many seconds of GPU."""
    job_id = answer.data["id"]
    world.tick()
    (run,) = [run for run in world.runpod.runs.values() if run.input["job_id"] == job_id]
    worker = world.worker(run.id, f"worker of {run.id}")
    worker.start()
    worker.finishes(seconds=seconds)
    world.tick()
    world.tick()


def warnings(world: World) -> list[str]:
    notes = all_records(world.deps.table, keys.notifications(ADA), Notification)
    return [note.message for note in notes if note.type == "budget_warning"]


def test_a_new_job_is_refused_when_active_jobs_could_spend_the_rest(world: World) -> None:
    assert order(world).status == 201
    assert order(world).status == 201
    refused = order(world)

    assert refused.refusal == (429, "quota_exceeded")
    assert refused.body["details"]["committed_usd"] == pytest.approx(8.204167, abs=0.001)
    assert order(world, 1.0).status == 201


def test_a_job_without_a_budget_counts_until_its_deadline(world: World) -> None:
    refused = order(world, None)

    assert refused.refusal == (429, "quota_exceeded")
    assert "Set max_cost" in refused.body["error"]


def test_a_cancelled_job_gives_its_share_back(world: World) -> None:
    first = order(world, 8.0)
    assert order(world, 8.0).status == 429
    call(world, f"POST /api/jobs/{first.data['id']}/cancel")

    assert order(world, 8.0).status == 201


def test_what_was_spent_stays_spent_and_nothing_stays_committed(world: World) -> None:
    """An hour of one A100 at 3.50."""
    train(world, order(world), 3600)

    budget = call(world, "GET /api/limits").data
    assert (budget["spent"], budget["committed"], budget["remaining"]) == (3.5, 0, 6.5)
    assert numbers(world.deps.table, keys.committed(ADA)) == {"worst": 0}


def test_a_user_is_warned_once_at_80_and_once_at_95_percent(world: World) -> None:
    for seconds in (4000, 4000):
        train(world, order(world), seconds)
    assert warnings(world) == []
    train(world, order(world, 1.5), 500)
    assert len(warnings(world)) == 1
    train(world, order(world, 1.0), 100)
    assert len(warnings(world)) == 1
    train(world, order(world, 1.0), 1200)
    world.wait(3600)

    first, second = warnings(world)
    assert "$8.26 of $10.00" in first
    assert "$9.53 of $10.00" in second
    month = find(world.deps.table, keys.month(ADA, "2026-11"), MonthSpend)
    assert month is not None
    assert (month.warned, month.work) == ((80, 95), None)
    assert month.spent == sum(cost.amount for cost in world.costs())


def test_an_administrator_can_allow_one_user_more(world: World) -> None:
    refused = order(world, 20.0)
    path = "/api/admin/users/ada/limits"
    allowed = call(world, f"PUT {path}", {"monthly_limit_usd": 50}, BOSS)

    assert refused.status == 429
    assert allowed.data["monthly_limit"] == 50
    assert order(world, 20.0).status == 201
    assert call(world, f"PUT {path}", {"monthly_limit_usd": 50}).refusal == (403, "forbidden")
    assert call(world, f"PUT {path}", {"monthly_limit_usd": -1}, BOSS).status == 400
    assert call(world, f"PUT {path}", {"monthly_limit_usd": None}, BOSS).data["monthly_limit"] == 10


def test_the_worst_case_is_shown_before_it_is_ordered(world: World) -> None:
    wanted = {
        "dataset_id": DATASET_ID,
        "gpu_config": {"type": "A100-80GB", "count": 2},
        "base_model": world.deps.catalog.base_models[0].id,
    }
    priced = call(world, "POST /api/jobs/estimate", wanted).data

    assert (priced["worst_case_overrun"], priced["worst_case_cost"]) == (0.2, 168.2)
    assert order(world).data["worst_case_usd"] == pytest.approx(4.102083)


def test_two_orders_at_once_cannot_both_take_the_last_of_the_month(world: World) -> None:
    """Both saw 10 USD free; the second one's commit notices that they are not any more."""
    table, clock = world.deps.table, world.deps.clock()
    first, second = (
        with_worst_case(a_job(id=f"{JOB_ID[:-1]}{last}", max_cost=Decimal(6)), world.deps.limits)
        for last in "12"
    )
    seen = read_budget(table, ADA, clock, stage_limit=Decimal(10))
    create_job(table, first, told(first), [], max_active=9, room=room_for(seen, first))
    with pytest.raises(Conflict):
        create_job(table, second, told(second), [], max_active=9, room=room_for(seen, second))

    assert world.counts() == {"queued": 1, "active": 1}


def test_an_order_notices_what_was_spent_since_it_looked(world: World) -> None:
    table = world.deps.table
    job = with_worst_case(a_job(id=f"{JOB_ID[:-1]}9", max_cost=Decimal(6)), world.deps.limits)
    seen = read_budget(table, ADA, world.deps.clock(), stage_limit=Decimal(10))
    train(world, order(world), 3600)
    with pytest.raises(Conflict):
        create_job(table, job, told(job), [], max_active=9, room=room_for(seen, job))

    assert world.counts() == {"completed": 1}


def told(job: Job) -> Change:
    return unchanged(JobState(job))
