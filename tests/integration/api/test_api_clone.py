"""A new job like an earlier one: linked, with some choices made anew."""

from decimal import Decimal
from typing import Any

import pytest

from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import Job, JobStatus
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.runtime import Deps
from brightrun.training.configuration import Hyperparameters, Preset
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.factories import JOB_ID, a_dataset, a_job

TUNED = Hyperparameters(rank=8, epochs=2, seed=7)


@pytest.fixture
def old(deps: Deps) -> Job:
    """A completed job with hyperparameters of its own, that cost 2.00 after an earlier 1.50."""
    create_dataset(deps.table, a_dataset())
    job = a_job(
        status=JobStatus.COMPLETED,
        base_model=deps.catalog.base_models[0].id,
        preset_id=Preset.CUSTOM,
        hyperparameters=TUNED,
        final_cost=Decimal("2.00"),
        earlier_cost=Decimal("1.50"),
        max_cost=Decimal("9.00"),
        name="first",
    )
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)
    return job


def clone(api: Call, overrides: dict[str, Any] | None = None) -> Any:
    body = None if overrides is None else {"overrides": overrides}
    return api(f"POST /api/jobs/{JOB_ID}/clone", body)


def test_a_clone_is_a_new_queued_job_with_the_same_choices(api: Call, old: Job) -> None:
    job = clone(api).data

    assert job["id"] != old.id
    assert (job["status"], job["cloned_from"], job["retry_of"]) == ("queued", old.id, None)
    same = ("dataset_id", "preset_id", "gpu_config", "base_model", "name")
    view = old.model_dump(mode="json")
    assert {name: job[name] for name in same} == {name: view[name] for name in same}
    assert job["hyperparameters"] == TUNED.model_dump(mode="json")
    assert (job["max_cost"], job["checkpoint_step"]) == (9.0, None)
    assert (job["earlier_cost"], job["linked_cost"]) == (0, 0)


def test_only_what_is_named_is_chosen_anew(api: Call, old: Job) -> None:
    job = clone(api, {"hyperparameters": {"epochs": 5}, "name": "second", "max_cost": None}).data

    wanted = TUNED.model_copy(update={"epochs": 5})
    assert job["hyperparameters"] == wanted.model_dump(mode="json")
    assert (job["name"], job["max_cost"]) == ("second", None)


def test_a_new_rank_brings_its_own_alpha(api: Call, old: Job) -> None:
    job = clone(api, {"hyperparameters": {"rank": 32}}).data

    assert (job["hyperparameters"]["rank"], job["hyperparameters"]["alpha"]) == (32, 64)


def test_a_new_preset_brings_its_own_hyperparameters(api: Call, old: Job) -> None:
    job = clone(api, {"preset_id": "fast"}).data

    assert job["preset_id"] == "fast"
    chosen = job["hyperparameters"]
    assert (chosen["rank"], chosen["epochs"], chosen["batch_size"]) == (8, 1, 8)


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"status": "completed"}, "overrides.status"),
        ({"hyperparameters": {"rank": 1}}, "overrides.hyperparameters.rank"),
        ({"hyperparameters": 7}, "overrides.hyperparameters"),
        ({"gpu_config": {"type": "A100-80GB", "count": 99}}, "overrides.gpu_config.count"),
        ({"preset_id": ["fast"]}, "overrides.preset_id"),
        ({"max_cost": -1}, "overrides.max_cost"),
    ],
)
def test_a_wrong_override_is_named(
    api: Call, old: Job, overrides: dict[str, Any], field: str
) -> None:
    answer = clone(api, overrides)

    assert answer.refusal == (400, "invalid_request")
    assert field in answer.body["details"]


def test_a_completed_job_shows_its_estimate_against_what_it_cost(api: Call, old: Job) -> None:
    """2.00 were paid of 4.32 estimated; a job that waits has nothing to compare."""
    assert api(f"GET /api/jobs/{JOB_ID}").data["job"]["actual_over_estimate"] == 0.463
    assert clone(api).data["actual_over_estimate"] is None


def test_another_ones_job_cannot_be_cloned(api: Call, old: Job) -> None:
    answer = api(f"POST /api/jobs/{JOB_ID}/clone", caller=BOB_CALLS)

    assert answer.refusal == (404, "job_not_found")


@pytest.mark.parametrize("origin", ["checkpoint", "beginning"])
def test_a_retry_carries_the_cost_of_what_went_before(api: Call, deps: Deps, origin: str) -> None:
    create_dataset(deps.table, a_dataset())
    failed = a_job(
        status=JobStatus.FAILED,
        base_model=deps.catalog.base_models[0].id,
        final_cost=Decimal("2.00"),
        earlier_cost=Decimal("1.50"),
    )
    create_job(deps.table, failed, unchanged(JobState(failed)), [], max_active=9)
    job = api(f"POST /api/jobs/{JOB_ID}/retry", {"from": origin}).data

    assert job["retry_of"] == JOB_ID
    assert (job["earlier_cost"], job["linked_cost"]) == (3.5, 3.5)
