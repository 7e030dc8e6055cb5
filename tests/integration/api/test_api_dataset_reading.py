"""Datasets over HTTP as they are read: found, reported, row by row in ledger and preview."""

import json

from brightrun.datasets.record import Problem, Severity
from brightrun.datasets.validation.validator import validate
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.s3.dataset_ledgers import written_ledger
from brightrun.runtime import Deps
from brightrun.s3_keys import base_model_prefix
from tests.support.api.datasets import NEW, counts, upload
from tests.support.api.http_calls import Call
from tests.support.datasets.chat_models import CHATML, tokenizer_json
from tests.support.factories import DATASET_ID, a_dataset, a_verdict


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
