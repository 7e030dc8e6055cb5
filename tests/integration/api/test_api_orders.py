"""Jobs over HTTP: created once, at the price the server sets, refused before anything is paid."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from brightrun.datasets.record import Dataset, DatasetStatus, Statistics
from brightrun.jobs.record import Job, JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from brightrun.training.configuration import OverLength
from brightrun.work import Work
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, Answer, Call, an_event, answered
from tests.support.catalogs import load_catalog
from tests.support.factories import ADA, NOON, SHA256, a_dataset, a_verdict
from tests.support.ordered_jobs import ORDER, counts, jobs_of


def test_a_created_job_is_queued_due_at_once_and_told_of(
    api: Call, deps: Deps, dataset: Dataset
) -> None:
    job = api("POST /api/jobs", ORDER).data

    stored = jobs_of(deps)[0]
    assert (stored.id, stored.status, stored.due_at) == (job["id"], JobStatus.QUEUED, NOON)
    assert stored.waits_for(Work.DISPATCH)
    assert stored.estimated_total_cost == Decimal("4.324074")
    assert stored.name == "Bakery letters - balanced"
    assert (stored.dataset_sha256, stored.dataset_path) == (SHA256, dataset.storage_path)
    assert counts(deps) == {"queued": 1, "active": 1}
    note = api("GET /api/notifications").data["notifications"][0]
    assert note["message"] == (
        'Your training job for "Bakery letters" has been queued and will start shortly'
    )
    story = api(f"GET /api/jobs/{job['id']}/logs").data["events"]
    assert [(event["type"], event["actor"]) for event in story] == [("job.created", "ada")]


def test_the_server_sets_the_price_whatever_the_client_says(
    api: Call, deps: Deps, dataset: Dataset
) -> None:
    api("POST /api/jobs", ORDER | {"estimated_cost": 0.01})

    assert jobs_of(deps)[0].estimated_total_cost == Decimal("4.324074")


def test_a_job_shows_nothing_of_the_machinery(api: Call, dataset: Dataset) -> None:
    job = api("POST /api/jobs", ORDER).data

    assert not {"work", "due_at", "version", "dataset_path", "idempotency_key"} & set(job)


def test_the_same_key_makes_one_job(api: Call, deps: Deps, dataset: Dataset) -> None:
    key = {"idempotency-key": "order-1"}

    first = api("POST /api/jobs", ORDER, headers=key)
    second = api("POST /api/jobs", ORDER, headers=key)

    assert first.status == second.status == 201
    assert first.data["id"] == second.data["id"]
    assert len(jobs_of(deps)) == 1
    assert counts(deps) == {"queued": 1, "active": 1}


def test_the_same_key_for_something_else_is_refused(api: Call, dataset: Dataset) -> None:
    key = {"idempotency-key": "order-1"}
    first = api("POST /api/jobs", ORDER, headers=key).data

    other = api("POST /api/jobs", ORDER | {"preset_id": "fast"}, headers=key)

    assert other.refusal == (409, "already_exists")
    assert other.body["details"] == {"existing_id": first["id"]}


def test_two_users_may_use_the_same_key(api: Call, deps: Deps, dataset: Dataset) -> None:
    bobs = a_dataset(user_id="bob")
    commit(deps.table, [put_new(deps.table, bobs)])
    key = {"idempotency-key": "order-1"}

    first = api("POST /api/jobs", ORDER, headers=key).data
    second = api("POST /api/jobs", ORDER, headers=key, caller=BOB_CALLS).data

    assert first["id"] != second["id"]


def test_a_dataset_that_is_not_ready_is_named_with_status_and_flag(api: Call, deps: Deps) -> None:
    waiting = a_dataset(status=DatasetStatus.VALIDATING)
    commit(deps.table, [put_new(deps.table, waiting)])

    answer = api("POST /api/jobs", ORDER)

    assert answer.refusal == (400, "dataset_not_ready")
    assert answer.body["details"] == {"status": "validating", "training_ready": False}


def test_a_job_treats_over_long_rows_as_its_dataset_does(api: Call, deps: Deps) -> None:
    commit(deps.table, [put_new(deps.table, a_dataset(over_length=OverLength.TRUNCATE))])

    answer = api("POST /api/jobs", ORDER)

    job = find(deps.table, keys.job(ADA, answer.data["id"]), Job)
    assert job is not None
    assert job.over_length is OverLength.TRUNCATE


def test_preference_rows_are_ready_and_yet_no_job_is_made_of_them(api: Call, deps: Deps) -> None:
    verdict = a_verdict(training_ready=False, statistics=Statistics(rows=12, skipped_rows=12))
    commit(deps.table, [put_new(deps.table, a_dataset(verdict=verdict))])

    answer = api("POST /api/jobs", ORDER)

    assert answer.refusal == (400, "dataset_not_ready")
    assert answer.body["details"] == {"status": "ready", "training_ready": False}


def test_no_more_jobs_are_active_than_a_user_may_have(deps: Deps, dataset: Dataset) -> None:
    two = replace(deps, settings=deps.settings.model_copy(update={"max_active_jobs_per_user": 2}))

    def create() -> Answer:
        return answered(
            handle(an_event("POST /api/jobs", ORDER, ADA_CALLS, None, None, None), None, two)
        )

    assert [create().status for _ in range(3)] == [201, 201, 429]
    assert create().headers["Retry-After"] == "60"
    assert len(jobs_of(deps)) == 2


def test_a_budget_that_would_end_the_job_at_once_is_refused(api: Call, dataset: Dataset) -> None:
    answer = api("POST /api/jobs", ORDER | {"max_cost": "0.20"})

    assert answer.refusal == (400, "invalid_request")
    assert list(answer.body["details"]) == ["max_cost"]


def test_rows_longer_than_the_base_model_reads_are_refused_and_the_default_gives_way(
    deps: Deps, dataset: Dataset
) -> None:
    small = (
        '[{"id": "tiny", "revision": "0", "name": "Tiny", "parameters": 1,'
        ' "context_tokens": 512, "needs_gpu_memory_gb": 1}]'
    )
    tiny = replace(deps, catalog=load_catalog(small, deps.settings.gpu_endpoints))

    def create(**hyperparameters: int) -> Answer:
        order = ORDER | {"base_model": "tiny", "hyperparameters": hyperparameters}
        return answered(
            handle(an_event("POST /api/jobs", order, ADA_CALLS, None, None, None), None, tiny)
        )

    assert create().data["hyperparameters"]["max_sequence_tokens"] == 512
    refused = create(max_sequence_tokens=513)
    assert list(refused.body["details"]) == ["hyperparameters.max_sequence_tokens"]


def test_target_modules_that_a_base_model_has_not_are_refused_and_the_default_gives_way(
    deps: Deps, dataset: Dataset
) -> None:
    mixture = (
        '[{"id": "mix", "revision": "0", "name": "Mix", "parameters": 1, "experimental": true,'
        ' "context_tokens": 8192, "needs_gpu_memory_gb": 1, "target_modules": ["q_proj"]}]'
    )
    gated = replace(deps, catalog=load_catalog(mixture, deps.settings.gpu_endpoints))

    def create(**hyperparameters: list[str]) -> Answer:
        order = ORDER | {"base_model": "mix", "hyperparameters": hyperparameters}
        return answered(
            handle(an_event("POST /api/jobs", order, ADA_CALLS, None, None, None), None, gated)
        )

    assert create().data["hyperparameters"]["target_modules"] == ["q_proj"]
    refused = create(target_modules=["q_proj", "up_proj"])
    assert refused.body["details"] == {
        "hyperparameters.target_modules": ["of mix only q_proj can be trained"]
    }


def test_a_base_model_that_does_not_fit_is_refused_before_anything_is_paid(
    deps: Deps, dataset: Dataset
) -> None:
    large = (
        '[{"id": "large", "revision": "0", "name": "Large", "parameters": 1,'
        ' "context_tokens": 8192, "needs_gpu_memory_gb": 81}]'
    )
    deps = replace(deps, catalog=load_catalog(large, deps.settings.gpu_endpoints))
    order = ORDER | {"base_model": "large"}
    event = an_event("POST /api/jobs", order, ADA_CALLS, None, None, None)

    answer = answered(handle(event, None, deps))

    assert answer.body["details"] == {"gpu_config.type": ["large needs 81.0 GB, this has 80 GB"]}


@pytest.mark.parametrize(
    ("edits", "preset", "alpha"),
    [
        ({}, "balanced", 32),
        ({"seed": 7}, "balanced", 32),
        ({"rank": 16}, "balanced", 32),
        ({"rank": 8}, "custom", 16),
        ({"rank": 8, "alpha": 99}, "custom", 99),
        ({"dropout": 0.2}, "custom", 32),
    ],
)
def test_an_edited_preset_becomes_custom_and_alpha_follows_an_edited_rank(
    api: Call, dataset: Dataset, edits: dict[str, Any], preset: str, alpha: int
) -> None:
    job = api("POST /api/jobs", ORDER | {"hyperparameters": edits}).data

    assert (job["preset_id"], job["hyperparameters"]["alpha"]) == (preset, alpha)
