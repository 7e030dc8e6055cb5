"""Datasets over HTTP: declared, uploaded, confirmed, listed, reported, deleted, imported."""

import hashlib
import json
from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from brightrun.datasets.record import Dataset, DatasetStatus, Problem, Severity
from brightrun.datasets.validation.validator import validate
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import change_job, create_job
from brightrun.ports.dynamodb.table import find, newest, numbers
from brightrun.ports.s3.dataset_ledgers import written_ledger
from brightrun.runtime import Deps
from brightrun.s3_keys import base_model_prefix
from brightrun.work import Work
from tests.support.chat_models import CHATML, tokenizer_json
from tests.support.factories import ADA, DATASET_ID, JOB_ID, NOON, a_dataset, a_job, a_verdict
from tests.support.http_calls import BOB_CALLS, Call

BODY = b'{"messages": []}\n'
NEW: dict[str, Any] = {"name": "Letters", "file_name": "letters.jsonl", "file_size": len(BODY)}


def counts(deps: Deps) -> dict[str, int]:
    sums = numbers(deps.table, keys.counts(ADA, keys.Kind.DATASET))
    return {name: int(value) for name, value in sums.items() if value}


def stored(deps: Deps, dataset_id: str) -> Dataset:
    found = find(deps.table, keys.dataset(ADA, dataset_id), Dataset)
    assert found is not None
    return found


def upload(deps: Deps, key: str, body: bytes = BODY) -> None:
    deps.store.client.put_object(
        Bucket=deps.store.bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256"
    )


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


CHOICES: dict[str, Any] = {
    "over_length": "truncate",
    "find_near_duplicates": True,
    "waive": ["secret_suspect"],
}


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

    assert first["duplicate_of"] is None
    assert again["duplicate_of"] == first["dataset"]["id"]
    assert theirs["duplicate_of"] is None
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


# ---- reading


def test_a_dataset_shows_its_verdict_beside_its_row(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())

    dataset = api(f"GET /api/datasets/{DATASET_ID}").data

    assert dataset["total_training_pairs"] == 1000
    assert dataset["training_ready"] is True
    assert not {"version", "work", "due_at", "verdict", "multipart_upload_id"} & set(dataset)


def test_a_page_of_datasets_leaves_out_deleted_ones_and_counts_the_rest(
    api: Call, deps: Deps
) -> None:
    for number in range(30):
        create_dataset(deps.table, a_dataset(id=f"{DATASET_ID[:-2]}{number:02d}"))
    api(f"DELETE /api/datasets/{DATASET_ID[:-2]}29")

    first = api("GET /api/datasets").data
    second = api("GET /api/datasets", query={"page": 2}).data

    assert [row["id"][-2:] for row in first["datasets"]] == [f"{n:02d}" for n in range(28, 3, -1)]
    assert [row["id"][-2:] for row in second["datasets"]] == ["03", "02", "01", "00"]
    assert (first["pagination"]["total"], first["pagination"]["totalPages"]) == (29, 2)
    assert first["counts"] == {"uploading": 0, "validating": 0, "ready": 29, "error": 0}
    assert counts(deps) == {"ready": 29, "deleted": 1}


def test_datasets_are_found_by_status_and_by_part_of_the_name(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    create_dataset(deps.table, a_dataset(id=f"{DATASET_ID[:-1]}2", name="Invoices", status="error"))

    def names(**query: str) -> list[str]:
        return [row["name"] for row in api("GET /api/datasets", query=query).data["datasets"]]

    assert names(status="error") == ["Invoices"]
    assert names(search="BAKERY") == ["Bakery letters"]
    assert names(search="e", status="ready") == ["Bakery letters"]
    assert names(search="nothing") == []


def a_problem(line: int, severity: Severity = Severity.ERROR, **facts: str) -> Problem:
    known = {"path": "/messages", "code": "no_target", "message": "m", "hint": "h"}
    return Problem(line=line, severity=severity, excerpt="\u2028 é", **known | facts)


def test_the_whole_report_is_paged_filtered_and_downloaded(api: Call, deps: Deps) -> None:
    path = f"reports/ada/{DATASET_ID}/report.jsonl"
    problems = [a_problem(n) for n in range(1, 61)] + [
        a_problem(61, Severity.WARNING, code="odd_order")
    ]
    lines = "".join(problem.model_dump_json() + "\n" for problem in problems)
    upload(deps, path, lines.encode())
    verdict = a_verdict(error_counts={"no_target": 60}, warning_counts={"odd_order": 1})
    create_dataset(deps.table, a_dataset(report_path=path, verdict=verdict))
    route = f"GET /api/datasets/{DATASET_ID}/errors"

    page = api(route, query={"page": 2}).data
    warnings = api(route, query={"severity": "warning"}).data
    whole = api(route, query={"format": "jsonl"})

    assert [problem["line"] for problem in page["problems"]] == list(range(51, 62))
    assert page["pagination"]["total"] == 61
    assert page["error_counts"] == {"no_target": 60}
    assert [problem["code"] for problem in warnings["problems"]] == ["odd_order"]
    assert whole.text == lines


def test_a_dataset_nobody_has_read_yet_has_an_empty_report(api: Call) -> None:
    dataset = api("POST /api/datasets", NEW).data["dataset"]

    assert api(f"GET /api/datasets/{dataset['id']}/errors").data["problems"] == []


def test_the_ledger_tells_each_row_and_is_paged_by_lines(api: Call, deps: Deps) -> None:
    rows = [b'{"prompt":"q%d","completion":"a","conversation_id":"c"}' % n for n in range(250)]
    rows[7], rows[9] = b"nope", b""
    dataset = a_dataset(file_size=10, verdict=None)
    with written_ledger(deps.store, dataset) as seen:
        outcome = validate([b"\n".join(rows)], row_seen=seen)
    create_dataset(deps.table, dataset.model_copy(update={"verdict": outcome.verdict}))
    route = f"GET /api/datasets/{DATASET_ID}/ledger"

    first = api(route, query={"limit": 200}).data
    second = api(route, query={"limit": 200, "after": first["next_after"]}).data
    rejected = api(route, query={"fate": "rejected"}).data["rows"]

    told = [*first["rows"], *second["rows"]]
    assert [row["line"] for row in told] == [n for n in range(1, 251) if n != 10]
    assert second["next_after"] is None
    assert [(row["line"], row["reason"]) for row in rejected] == [(8, "not_json")]
    assert {row["conversation_id"] for row in told if row["fate"] == "trained"} == {"c"}
    assert first["totals"] == {
        "rows": 249,
        "trained_rows": 248,
        "skipped_rows": 0,
        "rejected_rows": 1,
        "truncated_rows": 0,
        "tokens": sum(row["tokens"] for row in told),
        "trained_tokens": sum(row["trained_tokens"] for row in told),
    }
    assert "ledger.jsonl.gz" in first["download_url"]


def test_a_dataset_nobody_has_read_yet_has_an_empty_ledger(api: Call) -> None:
    dataset = api("POST /api/datasets", NEW).data["dataset"]

    page = api(f"GET /api/datasets/{dataset['id']}/ledger").data
    assert (page["rows"], page["download_url"], page["next_after"]) == ([], None, None)


LINES = (
    b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}\n'
    b'{"messages": [{"role": "user", "content": "Alone"}]}\n'
)


def test_any_row_is_shown_as_it_will_be_read(api: Call, deps: Deps) -> None:
    upload(deps, a_dataset().storage_path, LINES)
    create_dataset(deps.table, a_dataset())
    route = f"GET /api/datasets/{DATASET_ID}/preview"

    first = api(route).data
    second = api(route, query={"row": 2}).data["preview"]
    beyond = api(route, query={"row": 3})

    assert first["preview"]["fate"] == "trained"
    assert [turn["content"] for turn in first["preview"]["messages"]] == ["Hi", "Ho"]
    assert (first["base_model"], first["tokenized"]) == ("Qwen/Qwen3-8B", False)
    assert second["fate"] == "rejected"
    assert second["problems"][0]["line"] == 2
    assert list(beyond.body["details"]) == ["row"]


def test_a_row_is_tokenized_with_the_spans_the_trainer_uses(api: Call, deps: Deps) -> None:
    upload(deps, a_dataset().storage_path, LINES)
    create_dataset(deps.table, a_dataset())
    model = deps.catalog.base_models[0]
    special = json.dumps({"eos_token": "<|im_end|>", "chat_template": CHATML})
    for name, body in {
        "tokenizer.json": tokenizer_json(),
        "tokenizer_config.json": special,
    }.items():
        upload(deps, base_model_prefix(model.id, model.revision) + name, body.encode())

    page = api(f"GET /api/datasets/{DATASET_ID}/preview").data

    sequence = page["preview"]["sequences"][0]
    trained = [token["text"] for token in sequence["tokens"] if token["trained"]]
    assert page["tokenized"] is True
    assert "".join(trained) == "Ho<|im_end|>"
    assert sequence["trained_tokens"] == len(trained)


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


# ---- training files


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
