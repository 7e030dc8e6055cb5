"""Every refusal that the platform's documents name, with its status, its code and what it says."""

from typing import Any

import pytest

from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.api.bodies import BODIES, ORDER
from tests.support.api.datasets import BODY, NEW, upload
from tests.support.api.http_calls import ADA_CALLS, NOBODY, Call, identity
from tests.support.factories import DATASET_ID, JOB_ID, MODEL_ID, a_dataset, a_model

FILE = {"name": "t", "jsonl": {"file_name": "t", "file_size": len(BODY)}}
IMPORT = "POST /api/datasets/import-from-training-file"
PATHS = {"datasets": DATASET_ID, "jobs": JOB_ID, "models": MODEL_ID}


def test_a_job_on_a_dataset_that_is_not_ready_names_status_and_flag(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset(status="validating", verdict=None))

    answer = api("POST /api/jobs", ORDER)

    assert answer.refusal == (400, "dataset_not_ready")
    assert answer.body["details"] == {"status": "validating", "training_ready": False}
    for word in ('"Bakery letters"', "validating", "training_ready=false", "must be ready"):
        assert word in answer.body["error"]


def test_a_job_on_no_dataset_is_a_404(api: Call) -> None:
    assert api("POST /api/jobs", ORDER).refusal == (404, "dataset_not_found")
    assert api("POST /api/jobs/estimate", ORDER).refusal == (404, "dataset_not_found")


def test_a_gpu_without_an_endpoint_is_priced_and_not_started(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    wanted = {**ORDER, "gpu_config": {"type": "H100", "count": 1}}

    assert api("POST /api/jobs/estimate", wanted).data["startable"] is False
    answer = api("POST /api/jobs", wanted)
    assert answer.refusal == (409, "gpu_unavailable")
    assert answer.body["details"]["available"] == ["1x A100-80GB", "2x A100-80GB"]


def test_a_gpu_that_the_trainer_refuses_cannot_be_ordered(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    wanted = {**ORDER, "gpu_config": {"type": "V100-32GB", "count": 1}}

    answer = api("POST /api/jobs", wanted)
    assert answer.refusal == (409, "gpu_unavailable")
    assert "bf16" in answer.body["error"]


@pytest.mark.parametrize("size_bytes", [500 * 1024**2 + 1, 10**12])
def test_too_large_a_file_is_a_413(api: Call, size_bytes: int) -> None:
    """Also one that would fit in no user's room: to make room would not help."""
    answer = api("POST /api/datasets", {**NEW, "file_size": size_bytes})

    assert answer.refusal == (413, "too_large")


def test_an_import_twice_names_the_dataset_there_is(api: Call, deps: Deps) -> None:
    file = api("POST /api/training-files", FILE).data["training_file"]
    upload(deps, file["jsonl"]["key"])
    wanted = {"training_file_id": file["id"]}
    made = api(IMPORT, wanted).data["dataset"]["id"]

    answer = api(IMPORT, wanted)
    assert answer.refusal == (409, "already_exists")
    assert answer.body["details"] == {"existing_id": made}


@pytest.mark.parametrize(
    ("files", "words"),
    [([], "at least 1"), (["none.bin"], "known are adapter_model.safetensors, manifest.json")],
)
def test_a_download_of_no_file_and_of_an_unknown_one(
    api: Call, deps: Deps, files: list[str], words: str
) -> None:
    commit(deps.table, [put_new(deps.table, a_model())])

    answer = api(f"POST /api/models/{MODEL_ID}/download", {"files": files})

    assert answer.refusal == (400, "invalid_request")
    assert words in answer.body["details"]["files"][0]


def test_a_used_dataset_stays(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    api("POST /api/jobs", ORDER)

    answer = api(f"DELETE /api/datasets/{DATASET_ID}")
    assert answer.refusal == (409, "dataset_in_use")
    assert answer.body["details"] == {"active_jobs": 1}


def test_a_repeated_key_with_another_body_is_refused(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    key = {"idempotency-key": "one"}
    first = api("POST /api/jobs", ORDER, headers=key).data["id"]

    again = api("POST /api/jobs", ORDER, headers=key)
    other = api("POST /api/jobs", {**ORDER, "name": "other"}, headers=key)
    assert again.data["id"] == first
    assert other.refusal == (409, "already_exists")


@pytest.mark.parametrize("room", ["datasets", "jobs", "models"])
def test_what_is_not_there_is_a_404_of_its_kind(api: Call, room: str) -> None:
    answer = api(f"GET /api/{room}/{PATHS[room]}")

    assert answer.refusal == (404, f"{room.removesuffix('s')}_not_found")


def test_an_end_before_its_start_is_refused(api: Call) -> None:
    days = {"start_date": "2026-11-20", "end_date": "2026-11-19"}

    answer = api("GET /api/costs", query=days)
    assert answer.refusal == (400, "invalid_request")
    assert list(answer.body["details"]) == ["end_date"]


@pytest.mark.parametrize("raw", ["{", "[1]", '"text"', "null", "\u0000"])
@pytest.mark.parametrize("route", sorted(BODIES))
def test_a_body_that_is_no_object_is_refused_everywhere(api: Call, route: str, raw: str) -> None:
    caller = identity(user_id="root", admin="true") if "/api/admin" in route else ADA_CALLS

    answer = api(route.replace("<", "").replace(">", ""), caller=caller, raw=raw)

    assert answer.refusal == (400, "invalid_request")


@pytest.mark.parametrize("route", sorted(BODIES))
def test_a_field_that_nobody_knows_is_named_everywhere(api: Call, route: str) -> None:
    body: dict[str, Any] = {**BODIES[route], "no_such_field": 1}
    caller = identity(user_id="root", admin="true") if "/api/admin" in route else ADA_CALLS

    answer = api(route.replace("<", "").replace(">", ""), body, caller=caller)

    assert answer.refusal == (400, "invalid_request")
    assert "no_such_field" in answer.body["details"]


def test_nobody_is_a_401_before_anything_is_read(api: Call) -> None:
    answer = api("POST /api/jobs", caller=NOBODY, raw="{")

    assert answer.refusal == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
