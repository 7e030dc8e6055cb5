"""The whole library of training files: listed with status, read, deleted, imported by choice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import numbers
from brightrun.runtime import Deps
from functions.create_artifacts import app as create_artifacts
from tests.support.api.datasets import BODY, stored, upload
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.factories import ADA, NOON

FILE: dict[str, Any] = {
    "name": "Generated",
    "jsonl": {"file_name": "v4.jsonl", "file_size": len(BODY)},
    "json_file": {"file_name": "raw.json", "file_size": 3},
}
IMPORT = "POST /api/datasets/import-from-training-file"


@pytest.fixture
def file(api: Call, deps: Deps) -> dict[str, Any]:
    """A registered training file whose lines have come."""
    found: dict[str, Any] = api("POST /api/training-files", FILE).data["training_file"]
    upload(deps, found["jsonl"]["key"])
    return found


def status_of(api: Call, file_id: str) -> tuple[str, str | None]:
    found = api(f"GET /api/training-files/{file_id}").data
    return found["status"], found["dataset_id"]


def test_a_file_says_where_it_stands(api: Call, deps: Deps) -> None:
    made = api("POST /api/training-files", FILE).data["training_file"]
    before = status_of(api, made["id"])
    upload(deps, made["jsonl"]["key"])
    come = status_of(api, made["id"])
    dataset = api(IMPORT, {"training_file_id": made["id"]}).data["dataset"]["id"]
    imported = status_of(api, made["id"])
    api(f"DELETE /api/datasets/{dataset}")

    assert made["status"] == "uploading"
    assert (before, come, imported) == (
        ("uploading", None), ("available", None), ("imported", dataset),
    )  # fmt: skip
    assert status_of(api, made["id"]) == ("available", None)


def test_the_list_has_them_all_newest_first_by_page(api: Call, file: dict[str, Any]) -> None:
    second = api("POST /api/training-files", FILE).data["training_file"]["id"]
    api(IMPORT, {"training_file_id": file["id"]})
    page = api("GET /api/training-files", query={"limit": 1}).data
    rest = api("GET /api/training-files", query={"limit": 1, "cursor": page["cursor"]}).data

    assert [each["id"] for each in page["training_files"]] == [second]
    assert [(each["id"], each["status"]) for each in rest["training_files"]] == [
        (file["id"], "imported")
    ]


def test_a_deleted_file_is_gone_from_every_list_and_later_from_storage(
    api: Call, deps: Deps, file: dict[str, Any]
) -> None:
    api(f"DELETE /api/training-files/{file['id']}")
    later = replace(deps, now=lambda: NOON + timedelta(days=31))

    assert api(f"GET /api/training-files/{file['id']}").refusal[0] == 404
    assert api("GET /api/training-files").data["training_files"] == []
    path = "GET /api/training-files/available-for-import"
    assert api(path).data["training_files"] == []
    assert api(IMPORT, {"training_file_id": file["id"]}).refusal[0] == 404
    assert numbers(deps.table, keys.counts(ADA, Kind.BYTES))["library"] == 0
    create_artifacts.handle({}, None, later)
    assert deps.store.client.list_objects_v2(Bucket="storage").get("KeyCount") == 0


def test_a_file_with_a_dataset_stays(api: Call, deps: Deps, file: dict[str, Any]) -> None:
    dataset = api(IMPORT, {"training_file_id": file["id"]}).data["dataset"]["id"]

    assert api(f"DELETE /api/training-files/{file['id']}").refusal == (409, "invalid_transition")
    api(f"DELETE /api/datasets/{dataset}")
    assert api(f"DELETE /api/training-files/{file['id']}").status == 200


def test_what_was_imported_counts_once_as_the_librarys(
    api: Call, deps: Deps, file: dict[str, Any]
) -> None:
    api(IMPORT, {"training_file_id": file["id"]})

    sums = numbers(deps.table, keys.counts(ADA, Kind.BYTES))
    assert {name: int(size) for name, size in sums.items()} == {"library": len(BODY) + 3}


def test_the_base_model_is_chosen_at_import_as_at_upload(
    api: Call, deps: Deps, file: dict[str, Any]
) -> None:
    model = deps.catalog.base_models[1].id
    wanted = {"training_file_id": file["id"], "base_model": model}
    unknown = api(IMPORT, {**wanted, "base_model": "no/such"})
    made = api(IMPORT, wanted).data["dataset"]

    assert unknown.refusal == (400, "invalid_request")
    assert stored(deps, made["id"]).base_model == model
    assert made["base_model"] == model


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_anothers_file_does_not_exist(api: Call, file: dict[str, Any], method: str) -> None:
    path = f"{method} /api/training-files/{file['id']}"

    assert api(path, caller=BOB_CALLS).refusal == (404, "training_file_not_found")
    assert api("GET /api/training-files", caller=BOB_CALLS).data["training_files"] == []


@pytest.mark.parametrize("score", ["4", True, [4], None])
def test_a_score_is_a_number(api: Call, score: object) -> None:
    answer = api("POST /api/training-files", {**FILE, "quality_scores": {"x": score}})

    assert answer.refusal == (400, "invalid_request")
    assert any(name.startswith("quality_scores") for name in answer.body["details"])
