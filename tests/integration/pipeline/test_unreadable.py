"""One record that nobody can read, or one kind of work that breaks, costs nobody else anything."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from brightrun.jobs.change import JobState, unchanged
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.heartbeats import heartbeats
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.key_shapes import Key
from brightrun.ports.dynamodb.set_aside import all_set_aside
from brightrun.ports.dynamodb.table import Table
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.api.stage import pipeline_health as health
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from tests.support.api.http_calls import BOB_CALLS, Call, identity
from tests.support.factories import ADA, BOB, JOB_ID, NOON, a_job
from tests.support.harness import World, a_world

ADMIN = identity(user_id="root", admin="true")
BOBS_JOB = f"{JOB_ID[:-1]}7"


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


def spoil(deps: Deps, key: Key, name: str, value: Any) -> None:
    """Write what no code of ours would: by hand, as a fault of an earlier version would have."""
    deps.table.client.update_item(
        TableName=deps.table.name,
        Key={"pk": key.pk, "sk": key.sk},
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )


def queue(world: World, owner: Any, job_id: str) -> None:
    job = a_job(user_id=owner, id=job_id, work=work_of(Work.DISPATCH, job_id), due_at=NOON)
    create_job(world.deps.table, job, unchanged(JobState(job)), [], max_active=9)


def test_one_unreadable_job_does_not_stop_another_users(world: World, api: Call) -> None:
    """The audit's C1: one null among the points of one job, and nobody was dispatched any more."""
    queue(world, BOB, BOBS_JOB)
    queue(world, ADA, JOB_ID)
    spoil(world.deps, keys.job(BOB, BOBS_JOB), "current_metrics", {"epoch": None})

    world.tick()

    assert [run.input["job_id"] for run in world.runpod.runs.values()] == [JOB_ID]
    (listed,) = api("GET /api/admin/unreadable", caller=ADMIN).data["items"]
    assert (listed["pk_read"], listed["sk_read"]) == (f"USER#{BOB}", f"JOB#{BOBS_JOB}")
    assert [aside.sk_read for aside in all_set_aside(world.deps.table, limit=9).records] == [
        f"JOB#{BOBS_JOB}"
    ]


def test_an_unreadable_job_is_looked_at_again_after_an_hour(world: World) -> None:
    """The version that mends it finds it waiting."""
    queue(world, BOB, BOBS_JOB)
    good = world.deps.table.client.get_item(
        TableName="records", Key={"pk": "USER#bob", "sk": f"JOB#{BOBS_JOB}"}
    )["Item"]
    spoil(world.deps, keys.job(BOB, BOBS_JOB), "current_metrics", {"epoch": None})
    world.tick()
    spoil(world.deps, keys.job(BOB, BOBS_JOB), "current_metrics", good["current_metrics"])
    world.wait(1800)
    early = len(world.runpod.runs)
    world.wait(1801)

    assert (early, len(world.runpod.runs)) == (0, 1)


def test_one_unreadable_job_does_not_hide_its_owners_others(api: Call, world: World) -> None:
    queue(world, BOB, BOBS_JOB)
    queue(world, BOB, JOB_ID)
    spoil(world.deps, keys.job(BOB, BOBS_JOB), "current_metrics", {"epoch": None})

    listed = api("GET /api/jobs", caller=BOB_CALLS).data["jobs"]

    assert [job["id"] for job in listed] == [JOB_ID]


def test_health_tells_of_what_was_set_aside(world: World) -> None:
    process_jobs.handle({}, None, world.deps)
    assert health.health_of(world.deps).unreadable == 0
    queue(world, BOB, BOBS_JOB)
    spoil(world.deps, keys.job(BOB, BOBS_JOB), "current_metrics", {"epoch": None})
    process_jobs.handle({}, None, world.deps)

    seen = health.health_of(world.deps)

    assert (seen.status, seen.unreadable) == ("degraded", 1)


class Broken:
    """The table, but one question about one kind of work is never answered."""

    def __init__(self, client: Any, kind: str) -> None:
        self._client, self._kind = client, kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, **asked: Any) -> Any:
        values = asked.get("ExpressionAttributeValues", {})
        if str(values.get(":work", "")).startswith(self._kind) and ":now" in values:
            raise ClientError({"Error": {"Code": "InternalServerError"}}, "Query")
        return self._client.query(**asked)


def breaking(deps: Deps, kind: str) -> Deps:
    client: Any = Broken(deps.table.client, kind)
    return replace(deps, table=Table(client, deps.table.name, sleep=deps.sleep))


@pytest.mark.parametrize("kind", [Work.WATCH, Work.WARN, Work.CONFIRM])
def test_one_kind_of_work_that_breaks_does_not_stop_the_others(world: World, kind: Work) -> None:
    queue(world, ADA, JOB_ID)

    process_jobs.handle({}, None, breaking(world.deps, kind))

    assert len(world.runpod.runs) == 1
    broken = heartbeats(world.deps.table)["process_jobs"]
    assert broken.broke_at is not None
    assert health.health_of(world.deps).functions["process_jobs"].well is False


def test_what_broke_and_what_cannot_be_read_are_error_lines(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """`ErrorLinesAlarm` rings for any line of that level of a background function."""
    queue(world, BOB, BOBS_JOB)
    spoil(world.deps, keys.job(BOB, BOBS_JOB), "current_metrics", {"epoch": None})

    process_jobs.handle({}, None, breaking(world.deps, Work.WATCH))

    errors = [line.getMessage() for line in caplog.records if line.levelname == "ERROR"]
    assert "cycle broke: process_jobs" in errors
    assert f"record unreadable: USER#{BOB} JOB#{BOBS_JOB}" in errors


def test_a_cycle_that_went_through_ends_the_alarm(world: World) -> None:
    process_jobs.handle({}, None, breaking(world.deps, Work.WATCH))
    world.clock.pass_by(181)
    process_jobs.handle({}, None, world.deps)

    assert health.health_of(world.deps).functions["process_jobs"].well is True


def test_a_cycle_that_breaks_whole_says_so_and_raises(world: World) -> None:
    """Raised, so that the function's own alarm hears of it; noted, so that health does."""
    with pytest.raises(ClientError):
        create_artifacts.handle({}, None, breaking(world.deps, Work.COLLECT))

    assert heartbeats(world.deps.table)["create_artifacts"].broke_at == NOON
