"""The table and store in memory answer as moto does: the fault harness stands on them."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from brightrun.errors import Conflict
from brightrun.jobs.record import Job, JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import Table, listed, newest, numbers, oldest
from brightrun.ports.dynamodb.work_queue import claim, due, next_due
from brightrun.ports.dynamodb.writes import add, commit, only_below, put_new, require, require_none
from brightrun.ports.dynamodb.writes import replace as replaced
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from tests.support.factories import ADA, NOON, a_job
from tests.support.fakes.table import MemoryTable
from tests.support.fakes.wires import Wires, deps_of, wires
from tests.support.harness import World, a_world

IDS = [f"019aa0c0-0000-7000-8000-00000000{n:04d}" for n in range(7)]


@pytest.fixture
def pair(table: Table) -> tuple[Table, Table]:
    return table, Table(MemoryTable(), table.name, sleep=table.sleep)  # type: ignore[arg-type]


def outcome(act: Callable[[Table], Any], table: Table) -> Any:
    try:
        return act(table)
    except (Conflict, ClientError) as error:
        return type(error).__name__


def a_queued(job_id: str, **facts: Any) -> Job:
    return a_job(id=job_id, work=work_of(Work.DISPATCH, job_id), due_at=NOON, **facts)


def filled(table: Table) -> None:
    for job_id in IDS:
        commit(table, [put_new(table, a_queued(job_id))])


def claims_twice(table: Table) -> Any:
    filled(table)
    (job, *_) = due(table, Work.DISPATCH, Job, now=NOON, limit=10)
    first = claim(table, job, now=NOON, lease_seconds=60)
    return first, claim(table, job, now=NOON, lease_seconds=60)


def pages(table: Table) -> Any:
    filled(table)
    own, queued = keys.jobs(ADA), keys.listed(ADA, Kind.JOB, "queued")
    first = newest(table, own, Job, limit=3)
    rest = newest(table, own, Job, limit=3, cursor=first.cursor)
    front = oldest(table, own, Job, limit=4)
    by_status = listed(table, queued, Job, limit=5)
    return [
        [job.id for job in page.records]
        for page in (first, rest, front, by_status,
                     listed(table, queued, Job, limit=5, cursor=by_status.cursor))
    ]  # fmt: skip


def leaves_the_work_index(table: Table) -> Any:
    filled(table)
    job = a_queued(IDS[0])
    done = job.model_copy(update={"work": None, "due_at": None, "status": JobStatus.FAILED})
    commit(table, [replaced(table, job, done)])
    found = [j.id for j in due(table, Work.DISPATCH, Job, now=NOON, limit=10)]
    return sorted(found), next_due(table, (Work.DISPATCH,), until=NOON)


def changes_nothing_when_one_condition_fails(table: Table) -> Any:
    filled(table)
    counts = keys.counts(ADA, Kind.JOB)
    stale = a_queued(IDS[0], version=2)
    told = outcome(lambda t: commit(t, [add(t, counts, {"queued": 1}), require(t, stale)]), table)
    return told, numbers(table, counts)


def counts_to_a_limit(table: Table) -> Any:
    key = keys.counts(ADA, Kind.JOB)
    one = add(table, key, {"active": 1, "spent": Decimal("0.25")})
    assert one is not None
    told = [outcome(lambda t: commit(t, [only_below(one, "active", 2)]), table) for _ in range(3)]
    none_left = [outcome(lambda t: commit(t, [require_none(t, key, "active")]), table)]
    return told, none_left, numbers(table, key)


def writes_an_item_twice_at_once(table: Table) -> Any:
    job = a_queued(IDS[0])
    return outcome(lambda t: commit(t, [put_new(t, job), put_new(t, job)]), table)


@pytest.mark.parametrize(
    "act",
    [
        claims_twice,
        pages,
        leaves_the_work_index,
        changes_nothing_when_one_condition_fails,
        counts_to_a_limit,
        writes_an_item_twice_at_once,
    ],
)
def test_memory_answers_as_moto_does(
    act: Callable[[Table], Any], pair: tuple[Table, Table]
) -> None:
    moto, memory = pair

    assert outcome(act, memory) == outcome(act, moto)


def one_life(world: World) -> World:
    world.queue_job()
    world.tick()
    first = world.worker("run-1")
    first.start()
    first.trains(range(1, 6), seconds=50)
    first.checkpoints(4)
    first.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)
    second = world.worker("run-2", "worker-2")
    second.start()
    second.trains(range(5, 11), seconds=40)
    second.finishes(seconds=40)
    world.wait(60)
    return world


def test_a_job_leaves_the_same_items_and_objects_in_memory_as_in_moto(deps: Deps) -> None:
    behind: Wires = wires()
    memory = one_life(a_world(replace(deps_of(behind), settings=deps.settings)))
    moto = one_life(a_world(deps))
    scanned = moto.deps.table.client.scan(TableName=deps.table.name)["Items"]
    objects = moto.deps.store.client.list_objects_v2(Bucket=deps.store.bucket)["Contents"]

    assert memory.job().status == "completed"
    found: dict[Any, Any] = {(i["pk"], i["sk"]): i for i in scanned}
    assert found == behind.table.items
    assert [entry["Key"] for entry in objects] == sorted(behind.store.objects)
    assert memory.models() == moto.models()
