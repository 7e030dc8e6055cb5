"""What rests too long loses its checkpoint: its owner hears a day before, once.

Covers: jobs.checkpoint_expiry.
"""

import pytest

from brightrun.accounts.record import Notification
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import all_records
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, an_event, answered
from tests.support.factories import ADA, JOB_ID
from tests.support.harness import World, a_world

DAY = 24 * 3600


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


def told(world: World) -> list[Notification]:
    notes = all_records(world.deps.table, keys.notifications(ADA), Notification)
    return [note for note in notes if note.type == "checkpoint_expiring"]


def ask(world: World, route: str) -> dict[str, object]:
    event = an_event(route, None, ADA_CALLS, None, None, None)
    answer: dict[str, object] = answered(handle(event, None, world.deps)).data
    return answer


def a_paused_job(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.trains(range(1, 6), seconds=50)
    worker.checkpoints(4)
    ask(world, f"POST /api/jobs/{JOB_ID}/pause")
    worker.leaves(60)
    world.wait(10)


def test_a_paused_job_says_when_its_checkpoint_goes_and_warns_once(world: World) -> None:
    a_paused_job(world)

    job = ask(world, f"GET /api/jobs/{JOB_ID}")["job"]
    assert isinstance(job, dict)
    assert (job["status"], job["pause_reason"]) == ("paused", "paused_by_user")
    assert job["paused_at"] == "2026-11-20T12:00:10.000000Z"
    assert job["checkpoint_expires_at"] == "2026-11-27T12:00:00.000000Z"
    world.wait(6 * DAY - 60)
    assert told(world) == []
    world.wait(60)
    world.wait(3600)
    (note,) = told(world)
    assert note.title == "Checkpoint Expires Tomorrow"
    assert note.metadata == {"job_id": JOB_ID, "dataset_name": "Bakery letters"}


def test_a_job_that_has_gone_on_is_not_reminded(world: World) -> None:
    a_paused_job(world)
    ask(world, f"POST /api/jobs/{JOB_ID}/resume")
    world.tick()
    world.worker("run-2", "worker-2").start()
    attempts = ask(world, f"GET /api/jobs/{JOB_ID}")["attempts"]

    assert isinstance(attempts, list)
    assert sorted(a["resumed_from_step"] or 0 for a in attempts) == [0, 4]
    assert told(world) == []
