"""A user's whole data: read out, and erased, so that nothing says whose it was but the money."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from brightrun.accounts.costs import Days
from brightrun.accounts.erasure import ERASED
from brightrun.datasets.training_files import StoredObject, TrainingFile
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.events import EventLevel, JobEvent
from brightrun.jobs.record import Job, JobStatus
from brightrun.ports.dynamodb import keys, training_files
from brightrun.ports.dynamodb.accounts.costs import cost_records, sums_by_day
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.writes import add, commit, put_new
from brightrun.ports.user_pool import UserPool
from brightrun.runtime import Deps
from functions.create_artifacts import app as create_artifacts
from tests.support.api.bodies import ERASE
from tests.support.api.datasets import upload
from tests.support.api.http_calls import ADA_CALLS, Call, identity
from tests.support.factories import (
    ADA,
    BOB,
    JOB_ID,
    NOON,
    a_cost,
    a_dataset,
    a_job,
    a_model,
    a_notification,
    an_api_key,
    an_attempt,
)

ADMIN = identity(user_id="root", admin="true")
ADAS_FILE = a_dataset().storage_path
BOBS_FILE = "datasets/bob/one/f.jsonl"


class Pool:
    """A user pool that remembers who left it."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def admin_get_user(self, **_: str) -> dict[str, Any]:
        return {"Enabled": True}

    def admin_disable_user(self, **_: str) -> dict[str, Any]:
        return {}

    admin_enable_user = admin_user_global_sign_out = admin_disable_user

    def admin_delete_user(self, *, Username: str, **_: str) -> dict[str, Any]:  # noqa: N803 - AWS's own name
        self.deleted.append(Username)
        return {}


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.fixture
def deps(deps: Deps, pool: Pool) -> Deps:
    """Ada has one of everything, Bob a dataset."""
    job = a_job(status=JobStatus.FAILED, completed_at=NOON)
    create_dataset(deps.table, a_dataset())
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)
    told = JobEvent(
        job_id=JOB_ID, id="1", time=NOON, level=EventLevel.INFO, type="t", message="m", data={}
    )
    records = (an_attempt(), told, a_model(), a_notification(), an_api_key(), a_cost())
    commit(deps.table, [put_new(deps.table, record) for record in records])
    jsonl = StoredObject(key="training-files/ada/f/x", file_name="x", file_size=9, sha256=None)
    file = TrainingFile(
        id="f", user_id=ADA, name="f", description=None, jsonl=jsonl, json_file=None,
        conversation_count=1, total_training_pairs=1, quality_scores={}, created_at=NOON,
        updated_at=NOON,
    )  # fmt: skip
    training_files.register(deps.table, file, most_bytes=1000)
    spent = {"training_compute": Decimal("3.50")}
    month = add(deps.table, keys.month(ADA, "2026-11"), {"spent": Decimal("3.50"), "version": 1})
    commit(deps.table, [add(deps.table, keys.spend(ADA, "2026-11-20"), spent), month])
    create_dataset(deps.table, a_dataset(id="one", user_id=BOB, storage_path=BOBS_FILE))
    for key in (ADAS_FILE, *a_model().artifacts.values(), jsonl.key, f"staging/{JOB_ID}/1/a"):
        upload(deps, key)
    upload(deps, BOBS_FILE)
    return replace(deps, users=UserPool(lambda: pool, "pool"))


def items(deps: Deps) -> list[dict[str, Any]]:
    return list(deps.table.client.scan(TableName="records")["Items"])


def objects(deps: Deps) -> list[str]:
    found = deps.store.client.list_objects_v2(Bucket="storage").get("Contents", [])
    return [entry["Key"] for entry in found]


def run(deps: Deps, minutes: float = 1, days: float = 0) -> None:
    later = NOON + timedelta(minutes=minutes, days=days)
    create_artifacts.handle({}, None, replace(deps, now=lambda: later))


def exported(api: Call, route: str, caller: dict[str, str]) -> tuple[list[Any], list[Any]]:
    records, files, cursor = [], [], None
    for _ in range(50):
        page = api(route, caller=caller, query={"cursor": cursor} if cursor else None).data
        records += page["records"]
        files += page["files"]
        cursor = page["cursor"]
        if cursor is None:
            return records, files
    raise AssertionError("an export without an end")


@pytest.mark.parametrize(
    ("route", "caller"),
    [("GET /api/me/export", ADA_CALLS), ("GET /api/admin/users/ada/export", ADMIN)],
)
def test_an_export_has_every_record_and_every_file(
    api: Call, route: str, caller: dict[str, str]
) -> None:
    records, files = exported(api, route, caller)

    assert {record["kind"] for record in records} >= {
        "dataset", "job", "job_event", "attempt", "model", "notification", "api_key", "cost",
        "training_file", "sum",
    }  # fmt: skip
    assert {file["path"] for file in files} == {
        ADAS_FILE, *a_model().artifacts.values(), "training-files/ada/f/x",
    }  # fmt: skip
    assert all(file["path"].rsplit("/", 1)[-1] in file["url"] for file in files)


def test_an_export_opens_no_door_and_shows_nobody_else(api: Call) -> None:
    records, files = exported(api, "GET /api/me/export", ADA_CALLS)
    text = json.dumps([records, files])

    assert an_api_key().key_hash not in text
    assert "token_hash" not in text
    assert BOB not in text


def test_a_cursor_into_anothers_data_is_refused(api: Call, deps: Deps) -> None:
    bobs = identity(user_id=BOB)
    first = api("GET /api/me/export", caller=bobs).data
    theirs = api("GET /api/me/export", caller=ADA_CALLS).data["cursor"]

    assert first["cursor"] is None
    answer = api("GET /api/me/export", caller=bobs, query={"cursor": theirs})
    assert answer.refusal == (400, "invalid_request")


def test_an_erased_user_is_nowhere_but_in_the_money(api: Call, deps: Deps, pool: Pool) -> None:
    api("POST /api/admin/users/ada/erase", ERASE, caller=ADMIN)
    run(deps)

    left = [item for item in items(deps) if item["pk"] != "HEALTH"]
    text = json.dumps([i for i in left if i["pk"] != "ACCESS#ada"], default=str)
    assert '"ada"' not in text
    assert "Bakery" not in json.dumps([i for i in left if "bob" not in i["pk"]], default=str)
    assert f"JOB#{JOB_ID}" not in {item["pk"] for item in left}
    assert objects(deps) == [BOBS_FILE]
    assert pool.deleted == [ADA]
    state = api("GET /api/admin/users/ada/erasure", caller=ADMIN).data
    assert state["state"] == "erased"


def test_what_an_erased_user_cost_is_still_told(api: Call, deps: Deps) -> None:
    before = api("GET /api/admin/overview", caller=ADMIN).data["spent_this_month"]
    api("POST /api/admin/users/ada/erase", ERASE, caller=ADMIN)
    run(deps)

    days = Days(date(2026, 11, 1), date(2026, 11, 30))
    (record,) = cost_records(deps.table, ERASED, days, limit=9).records
    assert (record.amount, record.user_id) == (Decimal("3.50"), ERASED)
    assert (record.job_name, record.dataset_name) == (None, None)
    assert sums_by_day(deps.table, ERASED, days)["2026-11-20"]["training_compute"] == Decimal("3.5")
    after = api("GET /api/admin/overview", caller=ADMIN).data["spent_this_month"]
    assert (before, after) == (3.5, 3.5)


def test_running_jobs_are_cancelled_before_anything_is_erased(api: Call, deps: Deps) -> None:
    running = a_job(id="run", status=JobStatus.RUNNING)
    create_job(deps.table, running, unchanged(JobState(running)), [], max_active=9)
    queued = a_job(id="wait", status=JobStatus.QUEUED)
    create_job(deps.table, queued, unchanged(JobState(queued)), [], max_active=9)
    api("POST /api/admin/users/ada/erase", ERASE, caller=ADMIN)
    run(deps)

    found = {i: find(deps.table, keys.job(ADA, i), Job) for i in ("run", "wait")}
    assert found["run"] is not None
    assert found["run"].stop is not None
    assert found["wait"] is not None
    assert found["wait"].status is JobStatus.CANCELLED
    assert ADAS_FILE in objects(deps)


def test_whoever_erases_themselves_is_out_at_once_and_gone_after_some_days(
    api: Call, deps: Deps
) -> None:
    state = api("POST /api/me/erase", ERASE).data
    run(deps)
    kept = ADAS_FILE in objects(deps)
    run(deps, days=30)

    assert state["state"] == "waiting"
    assert kept
    assert objects(deps) == [BOBS_FILE]


def test_until_then_an_administrator_can_undo_it(api: Call, deps: Deps) -> None:
    api("POST /api/me/erase", ERASE)
    api("POST /api/admin/users/ada/enable", caller=ADMIN)
    run(deps, days=31)

    assert ADAS_FILE in objects(deps)
    assert api("GET /api/admin/users/ada/erasure", caller=ADMIN).data["state"] == "none"


def test_an_administrator_has_it_sooner(api: Call, deps: Deps) -> None:
    api("POST /api/me/erase", ERASE)
    api("POST /api/admin/users/ada/erase", ERASE, caller=ADMIN)
    run(deps)

    assert objects(deps) == [BOBS_FILE]


def test_a_key_cannot_erase_its_owner_and_nothing_is_erased_by_accident(
    api: Call, deps: Deps
) -> None:
    with_key = identity(user_id=ADA, key_id="k", scopes="read write keys")

    assert api("POST /api/me/erase", ERASE, caller=with_key).refusal == (403, "forbidden")
    assert api("POST /api/me/erase", {}).refusal == (400, "invalid_request")
    assert api("POST /api/me/erase", {"confirm": "yes"}).refusal == (400, "invalid_request")
    assert ADAS_FILE in objects(deps)


def test_erasing_is_broken_off_and_taken_up_again(api: Call, deps: Deps) -> None:
    """Time that runs out between any two steps costs a minute and nothing else."""
    api("POST /api/admin/users/ada/erase", ERASE, caller=ADMIN)
    for number in range(1, 40):
        ticks = iter(range(10_000))
        begun = NOON + timedelta(minutes=number)

        def now(ticks: Any = ticks, begun: Any = begun) -> Any:
            return begun + timedelta(seconds=next(ticks) * 5)

        create_artifacts.handle({}, None, replace(deps, now=now))

    assert objects(deps) == [BOBS_FILE]
    assert api("GET /api/admin/users/ada/erasure", caller=ADMIN).data["state"] == "erased"
