"""Training files over HTTP: registered, and imported as datasets once their lines have come.

Covers: datasets.training_files.
"""

from typing import Any

import pytest

from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import newest
from brightrun.runtime import Deps
from tests.support.api.datasets import BODY, CHOICES, counts, stored, upload
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.factories import ADA

FILE: dict[str, Any] = {
    "name": "Generated",
    "jsonl": {"file_name": "v4.jsonl", "file_size": len(BODY)},
    "json_file": {"file_name": "raw.json", "file_size": 3},
    "total_training_pairs": 7,
}


def available(api: Call) -> list[str]:
    found = api("GET /api/training-files/available-for-import").data["training_files"]
    return [file["id"] for file in found]


@pytest.fixture
def file_id(api: Call, deps: Deps) -> str:
    """A registered training file whose lines have come."""
    file = api("POST /api/training-files", FILE).data["training_file"]
    upload(deps, file["jsonl"]["key"])
    identity: str = file["id"]
    return identity


def test_an_imported_file_goes_through_the_validator(api: Call, deps: Deps, file_id: str) -> None:
    answer = api("POST /api/datasets/import-from-training-file", {"training_file_id": file_id})

    dataset = stored(deps, answer.data["dataset"]["id"])
    assert answer.status == 201
    assert dataset.status is DatasetStatus.VALIDATING
    assert dataset.storage_path == f"training-files/ada/{file_id}/lines/v4.jsonl"
    assert (dataset.name, dataset.file_size) == ("Generated", len(BODY))
    assert counts(deps) == {"validating": 1}


def test_how_an_imported_file_is_read_is_chosen_too(api: Call, file_id: str) -> None:
    wanted = {"training_file_id": file_id} | CHOICES
    answer = api("POST /api/datasets/import-from-training-file", wanted)

    assert answer.data["dataset"].items() >= CHOICES.items()


def test_a_file_is_imported_once_and_again_after_the_dataset_was_deleted(
    api: Call, deps: Deps, file_id: str
) -> None:
    wanted = {"training_file_id": file_id}
    assert available(api) == [file_id]
    first = api("POST /api/datasets/import-from-training-file", wanted).data["dataset"]
    assert available(api) == []

    refused = api("POST /api/datasets/import-from-training-file", wanted)
    api(f"DELETE /api/datasets/{first['id']}")
    freed = available(api)
    second = api("POST /api/datasets/import-from-training-file", wanted).data["dataset"]

    assert refused.refusal == (409, "already_exists")
    assert refused.body["details"] == {"existing_id": first["id"]}
    assert freed == [file_id]
    assert second["id"] != first["id"]
    kept = newest(deps.table, keys.datasets(ADA), Dataset, limit=9).records
    assert len(kept) == 2


def test_a_file_that_has_not_come_is_not_imported(api: Call) -> None:
    file = api("POST /api/training-files", FILE).data["training_file"]

    refused = api("POST /api/datasets/import-from-training-file", {"training_file_id": file["id"]})

    assert refused.refusal == (409, "upload_incomplete")


def test_another_users_training_file_does_not_exist(api: Call, file_id: str) -> None:
    theirs = api(
        "POST /api/datasets/import-from-training-file",
        {"training_file_id": file_id},
        caller=BOB_CALLS,
    )

    assert theirs.refusal == (404, "training_file_not_found")
