"""What a cycle and a page ask of the table, counted: history must not make them dearer.

In memory, because it counts; `test_memory_table.py` holds it against moto.
"""

from collections.abc import Callable

import httpx
import pytest

from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.items import item_of
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.places import place
from brightrun.ports.dynamodb.writes import add, commit
from brightrun.records import UserId
from brightrun.runtime import Deps
from functions.api.routes import jobs as job_routes
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from tests.bench.bench_cycle import a_running_job, write_running_job
from tests.support.factories import a_job
from tests.support.fakes.wires import Wires, deps_of, wires

ACTIVE = 10
HISTORY = 10_000
OWNER = UserId("user-0")


def running(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": request.url.path, "status": "IN_PROGRESS"})


def with_history(ended_jobs: int) -> tuple[Wires, Deps]:
    """Ten running jobs that are due, and so many that ended, all of one owner."""
    behind = wires()
    deps = deps_of(behind, transport=httpx.MockTransport(running))
    ended = a_job(user_id=OWNER, status=JobStatus.COMPLETED)
    item = item_of(ended, place(ended))
    for number in range(ended_jobs):
        job_id = f"019aa000-0000-7000-8000-{number:012d}"
        where = {"sk": keys.job(OWNER, job_id).sk, "list_sk": job_id}
        behind.table.put_item(Item={**item, "id": job_id, **where})
    if ended_jobs:
        sums = keys.counts(OWNER, Kind.JOB)
        commit(deps.table, [add(deps.table, sums, {"completed": ended_jobs})])
    for number in range(ACTIVE):
        write_running_job(deps, a_running_job(number))
    behind.table.requests.clear()
    behind.table.items_read = 0
    return behind, deps


def asked_by(act: Callable[[Deps], object], ended_jobs: int) -> tuple[dict[str, int], int]:
    behind, deps = with_history(ended_jobs)
    act(deps)
    return behind.table.requests, behind.table.items_read


def cycle(deps: Deps) -> object:
    return process_jobs.run_pass(deps), create_artifacts.handle({}, None, deps)


def page_one(deps: Deps) -> object:
    return job_routes.list_jobs(deps, OWNER)


def page_one_of_one_status(deps: Deps) -> object:
    return job_routes.list_jobs(deps, OWNER, status=JobStatus.RUNNING)


@pytest.mark.parametrize("act", [cycle, page_one, page_one_of_one_status])
def test_ten_thousand_items_of_history_cost_not_one_request_more(
    act: Callable[[Deps], object],
) -> None:
    assert asked_by(act, HISTORY) == asked_by(act, 0)


def test_page_one_is_one_query_and_the_running_sum() -> None:
    requests, items_read = asked_by(page_one, HISTORY)

    assert requests == {"get_item": 1, "query": 1}
    assert items_read == 1 + 10


def test_watching_a_job_is_one_read_and_two_writes() -> None:
    """Claim, attempt, decision; and one read a pass: since when workers could be heard."""
    few, _ = asked_by(cycle, 0)

    assert (few["get_item"], few["transact_write_items"]) == (ACTIVE + 1, 2 * ACTIVE)
