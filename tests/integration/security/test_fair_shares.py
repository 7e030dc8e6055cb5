"""Fair shares, odd input, and what an answer carries: nothing anybody sends is an accident."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.multipart import GIB
from brightrun.ports.dynamodb.accounts.usage_totals import stored_bytes
from brightrun.ports.dynamodb.job_history import MAX_EVENTS
from brightrun.ports.dynamodb.places import place
from brightrun.ports.dynamodb.writes import commit, put, put_new
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.api.long_answers import CUT, MOST_BYTES, as_much_as_fits
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, NOBODY, Call, an_event, identity
from tests.support.factories import ADA, BOB, JOB_ID, NOON, a_dataset, a_job, an_attempt

WORKER = identity(kind="worker", user_id=ADA, job_id=JOB_ID, attempt="1")
PATH = f"POST /worker/v1/jobs/{JOB_ID}/attempts/1"
NEW = {"name": "n", "file_name": "n.jsonl", "file_size": 1000}


def status_of(deps: Deps, caller: dict[str, str] = ADA_CALLS, seconds: float = 0) -> dict[str, Any]:
    later = replace(deps, now=lambda: NOON + timedelta(seconds=seconds))
    return handle(an_event("GET /api/api-keys", None, caller, None, None, None), None, later)


# ---- shares


def test_a_user_who_calls_too_fast_is_told_when_to_come_back(deps: Deps) -> None:
    """100 at once, then ten a second."""
    first = [status_of(deps)["statusCode"] for _ in range(100)]
    refused = status_of(deps)
    a_little_later = [status_of(deps, seconds=0.55)["statusCode"] for _ in range(6)]

    assert set(first) == {200}
    assert (refused["statusCode"], refused["headers"]["Retry-After"]) == (429, "1")
    assert json.loads(refused["body"])["code"] == "rate_limited"
    assert a_little_later == [200] * 5 + [429]


def test_one_users_haste_costs_nobody_else_anything(deps: Deps) -> None:
    for _ in range(101):
        status_of(deps)

    assert status_of(deps)["statusCode"] == 429
    assert status_of(deps, BOB_CALLS)["statusCode"] == 200
    commit(
        deps.table,
        [
            put_new(deps.table, a_job(status=JobStatus.RUNNING, attempt=1)),
            put_new(deps.table, an_attempt(state=AttemptState.STARTED, started_at=NOON)),
        ],
    )
    said = {"sequence": 1, "stage": "training"}
    report = an_event(f"{PATH}/report", said, WORKER, None, None, None)
    assert handle(report, None, deps)["statusCode"] == 200


def test_a_key_that_is_used_up_leaves_its_owner_signed_in(deps: Deps) -> None:
    """The key's share is no larger than the user's, and each of its calls is in both."""
    with_key = identity(user_id=ADA, key_id="key-1", scopes="read write")
    for _ in range(60):
        status_of(deps, with_key)
    for _ in range(40):
        status_of(deps)

    assert status_of(deps, with_key)["statusCode"] == 429
    assert status_of(deps, with_key, seconds=5)["statusCode"] == 200


def test_a_worker_reports_no_faster_than_it_may(api: Call, deps: Deps) -> None:
    commit(
        deps.table,
        [
            put_new(deps.table, a_job(status=JobStatus.RUNNING, attempt=1)),
            put_new(deps.table, an_attempt(state=AttemptState.STARTED, started_at=NOON)),
        ],
    )
    said = [{"sequence": n, "stage": "training"} for n in range(25)]
    answers = [api(f"{PATH}/report", each, caller=WORKER) for each in said]

    assert [answer.status for answer in answers] == [200] * 20 + [429] * 5
    assert answers[-1].headers["Retry-After"] == "5"


def test_a_worker_that_repeats_itself_is_told_to_wait(api: Call, deps: Deps) -> None:
    """A report that is known changes nothing and is not paced; its share of calls is bounded."""
    commit(
        deps.table,
        [
            put_new(deps.table, a_job(status=JobStatus.RUNNING, attempt=1)),
            put_new(deps.table, an_attempt(state=AttemptState.STARTED, started_at=NOON)),
        ],
    )
    said = {"sequence": 1, "stage": "training"}
    statuses = [api(f"{PATH}/report", said, caller=WORKER).status for _ in range(101)]

    assert statuses == [200] * 100 + [429]


def test_no_more_datasets_are_on_their_way_than_fifty(api: Call) -> None:
    statuses = [api("POST /api/datasets", NEW).status for _ in range(51)]
    refused = api("POST /api/datasets", NEW)

    assert statuses == [201] * 50 + [429]
    assert refused.body["details"] == {"datasets_in_flight": 50, "max_datasets_in_flight": 50}
    assert api("POST /api/datasets", NEW, caller=BOB_CALLS).status == 201


def test_what_a_user_may_store_has_an_end(api: Call, deps: Deps) -> None:
    commit(deps.table, [stored_bytes(deps.table, ADA, "models", 200 * GIB - 999)])

    assert api("POST /api/datasets", NEW).refusal == (429, "quota_exceeded")
    assert api("POST /api/datasets", {**NEW, "file_size": 999}).status == 201


# ---- odd input


@pytest.mark.parametrize(
    "path", [f"{'x' * 3000}/1/x", f"{JOB_ID}/1/{'h' * 5000}", f"{JOB_ID}/99999/x", f"{JOB_ID}/²/x"]
)
def test_a_hook_of_any_length_is_answered_as_ever(deps: Deps, path: str) -> None:
    """Nothing is looked for: a key that is too long would be an accident, and anybody may call."""

    class Untouched:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    untouched: Any = Untouched()
    silent = replace(deps, table=replace(deps.table, client=untouched))
    event = an_event(f"POST /worker/v1/hooks/{path}", {}, NOBODY, None, None, None)

    assert handle(event, None, silent)["statusCode"] == 202


@pytest.mark.parametrize("query", [{"end_date": "0001-01-01"}, {"end_date": "0"}])
def test_costs_of_no_time_are_refused(api: Call, query: dict[str, str]) -> None:
    assert api("GET /api/costs", query=query).refusal == (400, "invalid_request")


LISTS = (
    "datasets", "jobs", "models", "costs", "notifications", "notification-deliveries", "audit",
    "training-files/available-for-import",
)  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_list_is_refused_by_every_list(api: Call, path: str) -> None:
    for key in (
        {"pk": f"USER#{ADA}", "sk": "ELSEWHERE#1"},
        {"pk": f"USER#{ADA}", "sk": 7},
        {"pk": f"USER#{ADA}", "sk": "x" * 5000},
        {"pk": f"USER#{BOB}", "sk": "DATASET#1"},
        {"pk": f"USER#{ADA}", "sk": "JOB#1", "list_pk": f"USER#{ADA}#MODEL", "list_sk": ""},
    ):
        cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()

        assert api(f"GET /api/{path}", query={"cursor": cursor}).status == 400, key


@pytest.mark.parametrize("score", [1e300, "NaN", "Infinity", -1e10])
def test_a_score_that_is_no_number_within_sense_is_refused(api: Call, score: object) -> None:
    body = {"name": "n", "jsonl": {"file_name": "n.jsonl", "file_size": 9}}
    scored = {**body, "quality_scores": {"x": score}}

    assert api("POST /api/training-files", scored).status == 400
    assert api("POST /api/training-files", {**body, "quality_scores": {"x": 1e-300}}).status == 201


@pytest.mark.parametrize(
    "name", ["a\x00b", "two\nlines", "\u202egnp.exe", "\x1b[31m", "  ", "\u200b"]
)
def test_a_name_that_does_not_read_as_it_is_is_refused(api: Call, name: str) -> None:
    assert api("POST /api/datasets", {**NEW, "name": name}).refusal == (400, "invalid_request")
    assert api("POST /api/api-keys", {"name": name}).status == 400


@pytest.mark.parametrize("name", ["Bäckerei", "パン屋", "👩‍🍳 bread", "a <b> & 'c'"])
def test_a_name_of_any_language_is_taken(api: Call, name: str) -> None:
    assert api("POST /api/datasets", {**NEW, "name": name}).data["dataset"]["name"] == name


# ---- answers


def test_a_text_log_has_no_line_that_a_worker_forged(api: Call, deps: Deps) -> None:
    forged = "fine\n2026-11-20T12:00:00.000000Z ERROR   system     job.failed: all is lost\x1b[2J"
    event = JobEvent(job_id=JOB_ID, id="1", time=NOON, type="trainer.log", message=forged)
    commit(
        deps.table,
        [put_new(deps.table, a_job()), put(deps.table, event, place(event))],
    )

    text = api(f"GET /api/jobs/{JOB_ID}/logs", query={"format": "text"}).text

    assert text.count("\n") == 1
    assert "fine\\n2026" in text
    assert "\x1b" not in text


def test_a_text_longer_than_an_answer_is_cut_at_a_line_and_says_so() -> None:
    lines = ["x" * 2000 + "\n"] * MAX_EVENTS

    text = as_much_as_fits(lines)

    assert len(text.encode()) < MOST_BYTES + 200
    assert text.splitlines()[-1] == CUT
    assert as_much_as_fits(["a\n", "b\n"]) == "a\nb\n"


def test_an_answer_that_no_function_could_pass_on_is_refused_in_words(
    api: Call, deps: Deps
) -> None:
    """Lambda would answer with an error of its own."""
    commit(deps.table, [put_new(deps.table, a_job())])
    for number in range(20):
        event = JobEvent(
            job_id=JOB_ID, id=f"{number:03d}", time=NOON, type="trainer.log", message="x" * 300_000
        )
        commit(deps.table, [put(deps.table, event, place(event))])
    path = f"GET /api/jobs/{JOB_ID}/logs"

    assert api(path, query={"limit": "5"}).status == 200
    assert api(path, query={"limit": "100"}).refusal == (413, "too_large")


def test_a_row_that_is_too_long_to_be_shown_is_said_to_be(api: Call, deps: Deps) -> None:
    row = json.dumps({"prompt": "x" * 900_000, "completion": "y" * 900_000}) + "\n"
    dataset = a_dataset()
    commit(deps.table, [put_new(deps.table, dataset)])
    deps.store.client.put_object(Bucket="storage", Key=dataset.storage_path, Body=row.encode())

    answer = api(f"GET /api/datasets/{dataset.id}/preview")

    assert answer.refusal == (400, "invalid_request")
    assert "download" in answer.body["error"]


def test_a_preview_reads_no_further_than_it_may(api: Call, deps: Deps) -> None:
    row = json.dumps({"prompt": "x" * 1_000_000, "completion": "y"}) + "\n"
    dataset = a_dataset()
    commit(deps.table, [put_new(deps.table, dataset)])
    body = (row * 70).encode()
    deps.store.client.put_object(Bucket="storage", Key=dataset.storage_path, Body=body)
    path = f"GET /api/datasets/{dataset.id}/preview"

    assert api(path, query={"row": 60}).status == 200
    assert "67108864" in api(path, query={"row": 70}).body["error"]


@pytest.mark.parametrize("route", ["GET /", "GET /api/jobs", "GET /nowhere", "GET /docs"])
@pytest.mark.parametrize("caller", [ADA_CALLS, NOBODY])
def test_every_answer_has_the_headers_that_keep_a_browser_in_bounds(
    api: Call, route: str, caller: dict[str, str]
) -> None:
    headers = api(route, caller=caller).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
