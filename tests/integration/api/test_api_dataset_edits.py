"""A dataset of one's own: its name corrected, its file had back, its samples and reasons read."""

import json
from typing import Any

import httpx
import pytest

from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.runtime import Deps
from functions.validate_dataset import app as validate_dataset
from tests.support.api.bodies import ORDER
from tests.support.api.datasets import NEW, upload
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.datasets.uploaded_datasets import BAD, GOOD
from tests.support.factories import DATASET_ID, NOON, a_dataset, a_verdict

PATH = f"/api/datasets/{DATASET_ID}"


@pytest.fixture
def described(deps: Deps) -> None:
    create_dataset(deps.table, a_dataset(description="as it was"))


@pytest.mark.parametrize(
    ("edit", "name", "description"),
    [
        ({"name": "New"}, "New", "as it was"),
        ({"description": "better"}, "Bakery letters", "better"),
        ({"description": None}, "Bakery letters", None),
        ({"name": "New", "description": "better"}, "New", "better"),
        ({}, "Bakery letters", "as it was"),
        ({"name": None}, "Bakery letters", "as it was"),
    ],
)
def test_name_and_description_are_corrected(
    api: Call, described: None, edit: dict[str, Any], name: str, description: str | None
) -> None:
    changed = api(f"PATCH {PATH}", edit).data

    assert (changed["name"], changed["description"]) == (name, description)
    assert api(f"GET {PATH}").data["name"] == name


@pytest.mark.parametrize("edit", [{"name": ""}, {"name": 7}, {"status": "ready"}, {"name": "\n"}])
def test_nothing_else_is(api: Call, described: None, edit: dict[str, Any]) -> None:
    assert api(f"PATCH {PATH}", edit).refusal == (400, "invalid_request")


def test_the_change_is_in_the_trail(api: Call, described: None) -> None:
    api(f"PATCH {PATH}", {"name": "New"})

    (entry,) = api("GET /api/audit").data["entries"]
    assert (entry["action"], entry["after"]) == ("dataset.changed", {"name": "New"})


def test_its_own_file_comes_back_as_it_was_validated(api: Call, deps: Deps) -> None:
    deps.store.client.put_bucket_versioning(
        Bucket="storage", VersioningConfiguration={"Status": "Enabled"}
    )
    made = api("POST /api/datasets", NEW).data["dataset"]
    upload(deps, made["storage_path"])
    confirmed = api(f"POST /api/datasets/{made['id']}/confirm")
    upload(deps, made["storage_path"], b"something else")

    answer = api(f"POST /api/datasets/{made['id']}/download").data

    url = httpx.URL(answer["url"])
    read = deps.store.client.get_object(
        Bucket="storage", Key=made["storage_path"], VersionId=url.params["versionId"]
    )["Body"].read()
    assert confirmed.status == 200
    assert len(read) == NEW["file_size"]
    assert "letters.jsonl" in url.params["response-content-disposition"]
    assert answer["expires_in_seconds"] == 3600
    assert answer["expires_at"] > NOON.isoformat()


def test_a_file_that_has_not_come_cannot_come_back(api: Call) -> None:
    made = api("POST /api/datasets", NEW).data["dataset"]

    answer = api(f"POST /api/datasets/{made['id']}/download")
    assert answer.refusal == (409, "upload_incomplete")


@pytest.mark.parametrize("call", [f"PATCH {PATH}", f"POST {PATH}/download"])
def test_anothers_dataset_does_not_exist(api: Call, described: None, call: str) -> None:
    body = {"name": "mine"} if call.startswith("PATCH") else None

    assert api(call, body, caller=BOB_CALLS).refusal == (404, "dataset_not_found")


def test_samples_are_objects(api: Call, deps: Deps) -> None:
    sample = json.dumps({"messages": [{"role": "user", "content": "Hi"}]})
    create_dataset(deps.table, a_dataset(verdict=a_verdict(sample_data=(sample,))))

    (shown,) = api(f"GET {PATH}").data["sample_data"]
    assert shown == {"messages": [{"role": "user", "content": "Hi"}]}


def _validated(api: Call, deps: Deps, body: bytes) -> tuple[str, dict[str, Any]]:
    made = api("POST /api/datasets", {**NEW, "file_size": len(body)}).data["dataset"]
    upload(deps, made["storage_path"], body)
    api(f"POST /api/datasets/{made['id']}/confirm")
    validate_dataset.handle({}, None, deps)
    return made["id"], api("GET /api/notifications").data["notifications"][0]


def test_a_failure_is_told_once(api: Call, deps: Deps) -> None:
    _, note = _validated(api, deps, BAD)

    assert note["type"] == "dataset_failed"
    assert note["message"].startswith('"Letters": 2 errors; first: line 21: ')
    assert note["message"].count("2 errors") == 1


@pytest.mark.parametrize("body", [GOOD, BAD])
def test_a_datasets_notification_names_it_for_programs(api: Call, deps: Deps, body: bytes) -> None:
    dataset_id, note = _validated(api, deps, body)

    assert note["metadata"] == {"dataset_id": dataset_id, "dataset_name": "Letters"}


def test_what_is_not_ready_is_named_with_what_it_lacks(api: Call) -> None:
    made = api("POST /api/datasets", NEW).data["dataset"]

    answer = api("POST /api/jobs", {**ORDER, "dataset_id": made["id"]})

    assert answer.refusal == (400, "dataset_not_ready")
    assert answer.body["error"].startswith('"Letters" is uploading (training_ready=false)')
