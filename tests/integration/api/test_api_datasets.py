"""Datasets over HTTP: declared, uploaded, confirmed, deleted."""

import hashlib
from base64 import b64encode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from brightrun.datasets.record import DatasetStatus
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import change_job, create_job
from brightrun.runtime import Deps
from brightrun.work import Work
from tests.support.api.datasets import BODY, CHOICES, NEW, counts, stored, upload
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.factories import ADA, DATASET_ID, JOB_ID, NOON, a_dataset, a_job

# ---- declaring


def test_a_declared_dataset_waits_for_its_file_and_expires(api: Call, deps: Deps) -> None:
    answer = api("POST /api/datasets", NEW)

    dataset = stored(deps, answer.data["dataset"]["id"])
    assert answer.status == 201
    assert dataset.status is DatasetStatus.UPLOADING
    assert dataset.storage_path == f"datasets/ada/{dataset.id}/letters.jsonl"
    assert dataset.due_at == NOON + timedelta(hours=24)
    assert dataset.waits_for(Work.EXPIRE_UPLOAD)
    assert counts(deps) == {"uploading": 1}


def test_how_a_file_is_read_is_chosen_with_it(api: Call, deps: Deps) -> None:
    chosen = api("POST /api/datasets", NEW | CHOICES).data["dataset"]
    usual = api("POST /api/datasets", NEW).data["dataset"]

    dataset = stored(deps, chosen["id"])
    assert (dataset.over_length, dataset.find_near_duplicates) == ("truncate", True)
    assert dataset.waive == ("secret_suspect",)
    assert chosen.items() >= CHOICES.items()
    assert (usual["over_length"], usual["find_near_duplicates"], usual["waive"]) == (
        "reject",
        False,
        [],
    )


@pytest.mark.parametrize(
    ("field", "value"), [("over_length", "shorten"), ("waive", ["not_json"])], ids=str
)
def test_only_what_can_be_chosen_is_taken(api: Call, field: str, value: object) -> None:
    answer = api("POST /api/datasets", NEW | {field: value})

    assert answer.refusal == (400, "invalid_request")
    assert next(iter(answer.body["details"])).startswith(field)


def test_the_upload_is_signed_for_size_type_and_checksum(api: Call) -> None:
    sha256 = hashlib.sha256(BODY).hexdigest()

    offer = api("POST /api/datasets", NEW | {"sha256": sha256}).data["upload"]

    signed = parse_qs(urlsplit(offer["url"]).query)
    assert (offer["method"], offer["expires_in_seconds"]) == ("PUT", 3600)
    assert offer["headers"] == {
        "Content-Length": str(len(BODY)),
        "Content-Type": "application/jsonl",
        "x-amz-checksum-sha256": b64encode(bytes.fromhex(sha256)).decode(),
    }
    names = signed["X-Amz-SignedHeaders"][0].split(";")
    assert {"content-length", "content-type", "x-amz-checksum-sha256"} <= set(names)
    assert signed["X-Amz-Expires"] == ["3600"]


def test_a_file_over_the_limit_is_refused_with_the_limit(api: Call) -> None:
    answer = api("POST /api/datasets", NEW | {"file_size": 500 * 1024**2 + 1})

    assert answer.refusal == (413, "too_large")
    assert answer.body["details"]["max_file_size"] == 524288000


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("../../etc/passwd", None),
        ("a\\b.jsonl", None),
        ("\u0000.jsonl", None),
        ("Brötchen & Söhne.jsonl", "Br-tchen-S-hne.jsonl"),
        (".env", "env"),
        ("…", "dataset"),
    ],
)
def test_a_file_name_is_data_and_never_a_path(
    api: Call, file_name: str, expected: str | None
) -> None:
    answer = api("POST /api/datasets", NEW | {"file_name": file_name})

    if expected is None:
        assert list(answer.body["details"]) == ["file_name"]
    else:
        assert answer.data["dataset"]["storage_path"].rsplit("/", 1)[1] == expected


def test_the_same_content_twice_is_told_with_the_existing_id(api: Call) -> None:
    declared = NEW | {"sha256": "ab" * 32}
    first = api("POST /api/datasets", declared).data

    again = api("POST /api/datasets", declared).data
    api(f"DELETE /api/datasets/{again['dataset']['id']}")
    theirs = api("POST /api/datasets", declared, caller=BOB_CALLS).data
    once_more = api("POST /api/datasets", declared).data
    api(f"DELETE /api/datasets/{first['dataset']['id']}")

    assert first["duplicate_of"] is None
    assert again["duplicate_of"] == first["dataset"]["id"]
    assert theirs["duplicate_of"] is None
    assert once_more["duplicate_of"] == first["dataset"]["id"]
    assert api("POST /api/datasets", declared).data["duplicate_of"] is None


# ---- confirming


def test_a_confirmed_upload_is_validated_at_once_and_confirming_again_changes_nothing(
    api: Call, deps: Deps
) -> None:
    dataset = api("POST /api/datasets", NEW).data["dataset"]
    upload(deps, dataset["storage_path"])

    first = api(f"POST /api/datasets/{dataset['id']}/confirm").data
    second = api(f"POST /api/datasets/{dataset['id']}/confirm").data

    after = stored(deps, dataset["id"])
    assert first["status"] == "validating"
    assert first == second
    assert after.due_at == NOON
    assert after.waits_for(Work.VALIDATE)
    assert counts(deps) == {"validating": 1}


def test_nothing_uploaded_is_not_confirmed(api: Call) -> None:
    dataset = api("POST /api/datasets", NEW).data["dataset"]

    refused = api(f"POST /api/datasets/{dataset['id']}/confirm")

    assert refused.refusal == (409, "upload_incomplete")


def test_another_size_than_declared_is_not_confirmed(api: Call, deps: Deps) -> None:
    dataset = api("POST /api/datasets", NEW).data["dataset"]
    upload(deps, dataset["storage_path"], BODY * 2)

    refused = api(f"POST /api/datasets/{dataset['id']}/confirm")

    assert refused.refusal == (409, "upload_incomplete")
    assert refused.body["details"] == {"received_bytes": 34, "declared_bytes": 17}


def test_a_large_file_goes_up_in_parts_and_goes_on_after_a_break(api: Call, deps: Deps) -> None:
    size = 64 * 1024**2 + 5
    created = api("POST /api/datasets", NEW | {"file_size": size}).data
    parts = created["upload"]["parts"]
    dataset_id = created["dataset"]["id"]
    assert [part["size_bytes"] for part in parts] == [16777216] * 4 + [5]

    def send(number: int, body: bytes) -> None:
        dataset = stored(deps, dataset_id)
        deps.store.client.upload_part(
            Bucket=deps.store.bucket,
            Key=dataset.storage_path,
            UploadId=dataset.multipart_upload_id or "",
            PartNumber=number,
            Body=body,
        )

    for number in (1, 2, 4):
        send(number, b"x" * 16777216)
    broken = api(f"POST /api/datasets/{dataset_id}/confirm")
    left = api(f"GET /api/datasets/{dataset_id}/upload").data
    assert broken.refusal == (409, "upload_incomplete")
    assert broken.body["details"] == {"missing_parts": [3, 5]}
    assert left["arrived_parts"] == [1, 2, 4]
    assert [part["number"] for part in left["parts"]] == [3, 5]

    send(3, b"x" * 16777216)
    send(5, b"xxxxx")

    assert api(f"POST /api/datasets/{dataset_id}/confirm").data["status"] == "validating"


def test_an_upload_that_is_over_is_not_offered_again(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())

    assert api(f"GET /api/datasets/{DATASET_ID}/upload").refusal == (409, "invalid_transition")


# ---- deleting


def test_a_deleted_dataset_is_gone_and_nothing_is_done_with_it(api: Call, deps: Deps) -> None:
    dataset = api("POST /api/datasets", NEW).data["dataset"]

    api(f"DELETE /api/datasets/{dataset['id']}")

    again = api(f"DELETE /api/datasets/{dataset['id']}")
    assert api(f"GET /api/datasets/{dataset['id']}").refusal == (404, "dataset_not_found")
    assert again.refusal == (404, "dataset_not_found")
    assert stored(deps, dataset["id"]).work is None


def test_a_dataset_is_not_deleted_while_a_job_needs_it(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    job = a_job()
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)

    refused = api(f"DELETE /api/datasets/{DATASET_ID}")
    change_job(
        deps.table, ADA, JOB_ID, lambda state: unchanged(state).with_job(status=JobStatus.FAILED)
    )

    assert refused.refusal == (409, "dataset_in_use")
    assert refused.body["details"] == {"active_jobs": 1}
    assert api(f"DELETE /api/datasets/{DATASET_ID}").status == 200
