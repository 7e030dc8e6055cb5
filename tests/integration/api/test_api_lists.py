"""What a dashboard asks for in one call: all prices, lists by their filters, new points alone."""

from dataclasses import replace
from typing import Any

import pytest

from brightrun.datasets.record import Dataset
from brightrun.jobs.change import JobState, unchanged
from brightrun.ports.dynamodb.jobs import save
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from brightrun.training.protocol import Comparison, Point
from tests.support.api.http_calls import Call
from tests.support.factories import JOB_ID, MODEL_ID, NOON, a_dataset, a_model
from tests.support.ordered_jobs import ORDER, stored_job


def test_one_call_prices_every_card_in_order(api: Call, dataset: Dataset) -> None:
    variants: list[dict[str, Any]] = [
        {"preset_id": "fast"},
        {"gpu_config": {"type": "H100", "count": 1}},
        {"preset_id": "custom", "hyperparameters": {"epochs": 1, "batch_size": 8}},
    ]

    answer = api("POST /api/jobs/estimate", ORDER | {"variants": variants}).data
    assert answer["estimated_cost"] == 4.32
    alone = [
        api("POST /api/jobs/estimate", ORDER | {"preset_id": "fast"}).data,
        api("POST /api/jobs/estimate", ORDER | variants[1]).data,
        api("POST /api/jobs/estimate", ORDER | variants[2]).data,
    ]
    for one in alone:
        one.pop("variants")
    assert answer["variants"] == alone


@pytest.mark.parametrize(
    ("variant", "field"),
    [
        ({"gpu_config": {"type": "abacus"}}, "gpu_config.type"),
        ({"hyperparameters": {"rank": 1}}, "variants.0.hyperparameters.rank"),
        ({"rank": 8}, "variants.0.rank"),
    ],
)
def test_a_variant_that_cannot_be_is_named(
    api: Call, dataset: Dataset, variant: dict[str, Any], field: str
) -> None:
    answer = api("POST /api/jobs/estimate", ORDER | {"variants": [variant]})

    assert answer.status == 400
    assert list(answer.body["details"]) == [field]


def test_jobs_are_listed_by_dataset_and_by_name(api: Call, deps: Deps) -> None:
    other = "019aa0c0-0000-7000-8000-0000000000d2"
    stored_job(deps, id=f"{JOB_ID[:-1]}1", name="Bread")
    stored_job(deps, id=f"{JOB_ID[:-1]}2", name="Cake", dataset_id=other)
    stored_job(deps, id=f"{JOB_ID[:-1]}3", name="Rye bread", dataset_id=other)

    def names(**query: str) -> list[str]:
        return [job["name"] for job in api("GET /api/jobs", query=query).data["jobs"]]

    assert names(dataset_id=other) == ["Rye bread", "Cake"]
    assert names(search="BREAD") == ["Rye bread", "Bread"]
    assert names(search="bread", dataset_id=other) == ["Rye bread"]
    found = api("GET /api/jobs", query={"dataset_id": other, "limit": "1"}).data
    assert found["pagination"]["total"] == 2


def test_models_are_filtered_and_carry_their_verdict(api: Call, deps: Deps) -> None:
    better = Comparison(
        rows=20, tokens=900, base_loss=1.4, adapter_loss=1.1, difference=-0.3,
        difference_low=-0.4, difference_high=-0.2, verdict="better",
    )  # fmt: skip
    first = a_model(comparison=better)
    second = a_model(id=f"{MODEL_ID[:-1]}2", base_model="other/base")
    commit(deps.table, [put_new(deps.table, first)])
    commit(deps.table, [put_new(deps.table, second)])

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in api("GET /api/models", query=query).data["models"]]

    assert ids(base_model="other/base") == [second.id]
    assert ids(stars="4", status="stored") == [second.id, first.id]
    assert ids(stars="5") == ids(status="production") == ids(dataset_id="unknown") == []
    rows = api("GET /api/models").data["models"]
    assert [(row["comparison"] or {}).get("verdict") for row in rows] == [None, "better"]


def test_a_page_that_polls_asks_for_new_points_alone(api: Call, deps: Deps) -> None:
    state = JobState(stored_job(deps))
    points = tuple(Point(step=step, epoch=1.0, timestamp=NOON) for step in range(1, 151))
    save(deps.table, replace(unchanged(state), points=points[:75]))
    save(deps.table, replace(unchanged(state), points=points[75:]))

    def steps(**query: str) -> list[int]:
        page = api(f"GET /api/jobs/{JOB_ID}", query=query).data
        return [point["step"] for point in page["metrics"]]

    assert steps(since_step="147") == [148, 149, 150]
    assert steps(since_step="150") == []
    assert len(steps(since_step="0")) == 150


def test_a_waiting_job_says_how_long_it_goes_on(api: Call, dataset: Dataset) -> None:
    job_id = api("POST /api/jobs", ORDER).data["id"]

    job = api(f"GET /api/jobs/{job_id}").data["job"]
    assert job["gives_up_at"] == "2026-11-20T14:00:00.000000Z"


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"gpu_config": {"type": "A100-80GB", "count": "2"}}, "gpu_config.count"),
        ({"gpu_config": {"type": "A100-80GB", "count": True}}, "gpu_config.count"),
        ({"hyperparameters": {"epochs": "4"}}, "hyperparameters.epochs"),
        ({"hyperparameters": {"learning_rate": True}}, "hyperparameters.learning_rate"),
        ({"hyperparameters": {"packing": "yes"}}, "hyperparameters.packing"),
        ({"max_cost": "4"}, "max_cost"),
        ({"max_cost": True}, "max_cost"),
    ],
)
def test_a_number_is_a_number_and_the_field_is_named(
    api: Call, dataset: Dataset, edit: dict[str, Any], field: str
) -> None:
    answer = api("POST /api/jobs", ORDER | edit)

    assert answer.status == 400
    assert list(answer.body["details"]) == [field]


def test_no_files_at_all_are_no_download(api: Call, deps: Deps) -> None:
    commit(deps.table, [put_new(deps.table, a_model())])

    answer = api(f"POST /api/models/{MODEL_ID}/download", {"files": []})

    assert answer.status == 400
    assert list(answer.body["details"]) == ["files"]


def test_a_dataset_that_is_not_ready_is_named(api: Call, deps: Deps) -> None:
    commit(deps.table, [put_new(deps.table, a_dataset(status="validating", verdict=None))])

    answer = api("POST /api/jobs", ORDER)

    assert answer.refusal == (400, "dataset_not_ready")
    assert '"Bakery letters" is validating' in answer.body["error"]
