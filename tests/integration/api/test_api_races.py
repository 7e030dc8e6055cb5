"""Two writers at once: what was looked at has not changed when it is written."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from brightrun.datasets.declaration import deleted
from brightrun.datasets.record import Dataset
from brightrun.errors import Conflict, DatasetInUse, DatasetNotFound
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset, delete_dataset, get_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.table import Table, find
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, an_event, answered
from tests.support.factories import ADA, DATASET_ID, JOB_ID, NOON, a_dataset, a_job, an_erasure


class Interrupted:
    """A client before whose next transaction somebody else is faster, once."""

    def __init__(self, client: Any, faster: Callable[[], None]) -> None:
        self._client = client
        self._faster: Callable[[], None] | None = faster

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **asked: Any) -> Any:
        faster, self._faster = self._faster, None
        if faster is not None:
            faster()
        return self._client.transact_write_items(**asked)


def interrupted(deps: Deps, faster: Callable[[], None]) -> Deps:
    table = deps.table
    slow: Table = replace(table, client=Interrupted(table.client, faster))  # type: ignore[arg-type]
    return replace(deps, table=slow)


def start_job(deps: Deps) -> None:
    job = a_job()
    change: Change = unchanged(JobState(job))
    create_job(deps.table, job, change, [], max_active=9)


def remove(deps: Deps) -> None:
    dataset = get_dataset(deps.table, ADA, DATASET_ID)
    delete_dataset(deps.table, dataset, deleted(dataset, at=NOON), an_erasure(dataset.id))


def test_no_job_is_created_on_a_dataset_that_is_being_deleted(deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    order = {"dataset_id": DATASET_ID, "gpu_config": {"type": "A100-80GB", "count": 1}}
    event = an_event("POST /api/jobs", order, ADA_CALLS, None, None, None)

    late = answered(handle(event, None, interrupted(deps, lambda: remove(deps))))

    assert late.refusal == (404, "dataset_not_found")
    with pytest.raises(DatasetNotFound):
        get_dataset(deps.table, ADA, DATASET_ID)


def test_no_dataset_is_deleted_under_a_job_that_is_being_created(deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    before = get_dataset(deps.table, ADA, DATASET_ID)
    slow = interrupted(deps, lambda: start_job(deps)).table

    with pytest.raises((Conflict, DatasetInUse)):
        delete_dataset(slow, before, deleted(before, at=NOON), an_erasure(before.id))

    stored = find(deps.table, keys.dataset(ADA, DATASET_ID), Dataset)
    assert stored is not None
    assert stored.deleted_at is None
    assert find(deps.table, keys.job(ADA, JOB_ID), Job) is not None


def test_the_same_key_twice_at_once_makes_one_job(deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    order = {"dataset_id": DATASET_ID, "gpu_config": {"type": "A100-80GB", "count": 1}}
    key = {"idempotency-key": "once"}
    event = an_event("POST /api/jobs", order, ADA_CALLS, None, key, None)
    first: list[str] = []

    def same_request() -> None:
        first.append(answered(handle(event, None, deps)).data["id"])

    second = answered(handle(event, None, interrupted(deps, same_request))).data["id"]

    assert [second] == first
