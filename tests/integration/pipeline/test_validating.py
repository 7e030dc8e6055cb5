"""From an uploaded file to ready or error, by event and by schedule."""

import hashlib
import json
from typing import Any

import pytest

from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.errors import DatasetNotReady
from brightrun.jobs.creation.draft import require_trainable
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import find, numbers
from brightrun.runtime import Deps
from brightrun.s3_keys import base_model_prefix
from brightrun.training.configuration import OverLength
from brightrun.work import Work, work_of
from functions.validate_dataset import app
from tests.support.datasets.chat_models import CHATML, tokenizer_json
from tests.support.datasets.uploaded_datasets import BAD, GOOD, stored, told, uploaded
from tests.support.factories import ADA, DATASET_ID, NOON, a_dataset

PREFERENCE = (
    b'{"input": {"messages": [{"role": "user", "content": "Tea or coffee?"}]},'
    b' "preferred_output": [{"role": "assistant", "content": "Tea, with milk."}],'
    b' "non_preferred_output": [{"role": "assistant", "content": "No."}]}\n'
)


def an_s3_event(key: str) -> dict[str, Any]:
    return {"source": "aws.s3", "detail": {"object": {"key": key}}}


def test_a_good_file_becomes_ready_and_its_owner_hears_of_it(deps: Deps) -> None:
    uploaded(deps, GOOD)
    answer = app.handle({}, None, deps)

    dataset = stored(deps)
    assert answer == {"validated": 1, "broken": 0, "expired": 0}
    assert (dataset.status, dataset.training_ready, dataset.work) == ("ready", True, None)
    assert dataset.verdict is not None
    assert dataset.verdict.statistics.total_training_pairs == 20
    assert [kind for kind, _ in told(deps)] == ["dataset_ready"]
    counts = numbers(deps.table, keys.counts(ADA, Kind.DATASET))
    assert {name: int(n) for name, n in counts.items() if n} == {"ready": 1}


def test_a_bad_file_becomes_error_with_every_line_in_the_report(deps: Deps) -> None:
    uploaded(deps, BAD)
    app.handle({}, None, deps)

    dataset = stored(deps)
    body = deps.store.client.get_object(Bucket="storage", Key=dataset.report_path or "")["Body"]
    report = [json.loads(line) for line in body.read().splitlines()]
    assert dataset.status == "error"
    assert [(row["line"], row["code"]) for row in report if row["severity"] == "error"] == [
        (21, "missing_field"),
        (22, "not_json"),
    ]
    assert told(deps)[0][0] == "dataset_failed"
    assert "2 errors" in told(deps)[0][1]


def test_preference_rows_without_errors_are_ready_and_not_yet_trainable(deps: Deps) -> None:
    uploaded(deps, PREFERENCE * 12)
    app.handle({}, None, deps)

    dataset = stored(deps)
    assert (dataset.status, dataset.training_ready, dataset.work) == ("ready", False, None)
    assert [kind for kind, _ in told(deps)] == ["dataset_ready"]
    assert told(deps)[0][1].endswith("checked, but cannot be trained on yet.")
    with pytest.raises(DatasetNotReady) as refused:
        require_trainable(dataset)
    assert refused.value.details == {"status": "ready", "training_ready": False}


def test_preference_rows_with_an_error_are_an_error(deps: Deps) -> None:
    uploaded(deps, PREFERENCE * 12 + b'{"input": {"messages": []}, "preferred_output": []}')
    app.handle({}, None, deps)

    assert stored(deps).status == "error"


def test_a_base_model_without_a_template_does_not_count_against_the_file(deps: Deps) -> None:
    """Its tokenizer is installed, yet is of no use: tokens are estimated, and labelled so."""
    model = deps.catalog.base_models[0]
    for name, content in (("tokenizer.json", tokenizer_json()), ("tokenizer_config.json", "{}")):
        key = base_model_prefix(model.id, model.revision) + name
        deps.store.client.put_object(Bucket="storage", Key=key, Body=content.encode())
    uploaded(deps, GOOD)

    assert app.handle({}, None, deps)["validated"] == 1
    verdict = stored(deps).verdict
    assert verdict is not None
    assert (stored(deps).status, verdict.statistics.token_count_method) == ("ready", "estimate")


def test_a_waived_secret_is_a_warning_and_the_file_is_ready(deps: Deps) -> None:
    row = {"prompt": "And the key?", "completion": "AKIA" + "Q2W3E4R5T6Y7U8I9"}
    uploaded(deps, GOOD + json.dumps(row).encode(), waive=("secret_suspect",))
    app.handle({}, None, deps)

    dataset = stored(deps)
    assert dataset.status == "ready"
    assert dataset.verdict is not None
    assert dataset.verdict.warning_counts["secret_suspect"] == 1


@pytest.mark.parametrize(("wanted", "found"), [(True, 1), (False, None)])
def test_rows_almost_the_same_are_looked_for_where_asked(
    deps: Deps, wanted: object, found: int | None
) -> None:
    long = " ".join(f"word{n}" for n in range(200))
    rows = [{"prompt": "When?", "completion": f"{long} {end}"} for end in ("early", "late")]
    body = GOOD + b"\n".join(json.dumps(row).encode() for row in rows)
    uploaded(deps, body, find_near_duplicates=wanted)
    app.handle({}, None, deps)

    verdict = stored(deps).verdict
    assert verdict is not None
    assert verdict.warning_counts.get("duplicate_near") == found
    assert stored(deps).sha256 == hashlib.sha256(body).hexdigest()


def test_over_long_rows_are_shortened_where_chosen(deps: Deps) -> None:
    """Eighty long rounds are over 4,096 tokens; the last ones fit."""
    model = deps.catalog.base_models[0]
    special = json.dumps({"eos_token": "<|im_end|>", "chat_template": CHATML})
    for name, content in (
        ("tokenizer.json", tokenizer_json()),
        ("tokenizer_config.json", special),
    ):
        key = base_model_prefix(model.id, model.revision) + name
        deps.store.client.put_object(Bucket="storage", Key=key, Body=content.encode())
    one = [{"role": "user", "content": "q" * 50}, {"role": "assistant", "content": "a" * 50}]
    uploaded(deps, json.dumps({"messages": one * 80}).encode(), over_length=OverLength.TRUNCATE)
    app.handle({}, None, deps)

    verdict = stored(deps).verdict
    assert verdict is not None
    assert (stored(deps).status, verdict.statistics.truncated_rows) == ("ready", 1)
    assert 0 < verdict.statistics.total_tokens <= 4096
    assert verdict.statistics.total_training_pairs + verdict.statistics.skipped_pairs == 80


def test_an_s3_event_confirms_the_upload_it_tells_of(deps: Deps) -> None:
    dataset = uploaded(deps, GOOD, status=DatasetStatus.UPLOADING, work=None, due_at=None)
    app.handle(an_s3_event(dataset.storage_path), None, deps)

    assert stored(deps).status == "ready"


@pytest.mark.parametrize(
    "key",
    ["datasets/ada/nobody/x.jsonl", "models/ada/x/y", "datasets", "datasets/bob/" + DATASET_ID],
)
def test_an_event_about_something_else_changes_nothing(deps: Deps, key: str) -> None:
    dataset = uploaded(deps, GOOD, status=DatasetStatus.UPLOADING, work=None, due_at=None)
    deps.store.client.put_object(Bucket="storage", Key=key, Body=b"x")
    app.handle(an_s3_event(key), None, deps)

    assert stored(deps) == dataset


def test_a_file_of_another_size_than_declared_is_not_confirmed(deps: Deps) -> None:
    dataset = uploaded(
        deps, GOOD, status=DatasetStatus.UPLOADING, work=None, due_at=None, file_size=7
    )
    app.handle(an_s3_event(dataset.storage_path), None, deps)

    assert stored(deps).status == "uploading"


def test_an_upload_nobody_finished_expires_and_says_so(deps: Deps) -> None:
    dataset = a_dataset(
        status=DatasetStatus.UPLOADING,
        verdict=None,
        work=work_of(Work.EXPIRE_UPLOAD, DATASET_ID),
        due_at=NOON,
    )
    create_dataset(deps.table, dataset)

    assert app.handle({}, None, deps)["expired"] == 1
    assert "has expired" in (stored(deps).error_message or "")


def test_the_same_content_again_is_told_with_the_id_that_has_it(deps: Deps) -> None:
    """Nobody declared a SHA-256: it is known once the file has been read."""
    uploaded(deps, GOOD)
    app.handle({}, None, deps)
    again = DATASET_ID.replace("d1", "d2")
    uploaded(
        deps,
        GOOD,
        id=again,
        storage_path=f"datasets/ada/{again}/bakery.jsonl",
        work=work_of(Work.VALIDATE, again),
    )
    app.handle({}, None, deps)

    second = find(deps.table, keys.dataset(ADA, again), Dataset)
    assert second is not None
    assert (second.status, second.duplicate_of) == ("ready", DATASET_ID)
    assert stored(deps).duplicate_of is None
    assert f"same content as dataset {DATASET_ID}" in told(deps)[-1][1]
