"""Creating jobs in the table, so that nothing that was looked at has changed when it is written.

Once per `Idempotency-Key`, within a user's limit, on a dataset that is still there and ready.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from brightrun.clock import Clock
from brightrun.datasets.record import Dataset
from brightrun.errors import AlreadyExists, Conflict, QuotaExceeded
from brightrun.jobs.affordability import require_affordable, with_worst_case
from brightrun.jobs.change import Change
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.budgets import BudgetHeadroom, read_budget, room_for
from brightrun.ports.dynamodb.datasets import get_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.table import Table, find, numbers
from brightrun.ports.dynamodb.writes import Write, put_new, require
from brightrun.records import Record, UserId

_TRIES = 6
_REMEMBERED = timedelta(days=7)


class RequestKey(Record):
    """Which job an `Idempotency-Key` made, and of what request."""

    job_id: str
    request_sha256: str


@dataclass(frozen=True)
class Allowance:
    """What money a new job may take: the stage's monthly limit, and how long a job may last."""

    clock: Clock
    limits: Limits
    stage_limit: Decimal


@dataclass(frozen=True)
class Asked:
    """One request to create a job.

    Attributes:
        idempotency_key: the caller's own name for it; None when it has none.
        body: what was asked for, so that the same key for something else is noticed.
    """

    user_id: UserId
    dataset_id: str
    body: bytes
    idempotency_key: str | None
    max_active: int
    allowance: Allowance

    @property
    def request_sha256(self) -> str:
        """The SHA-256 (hex) of what was asked for."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def key(self) -> keys.Key | None:
        """Where the request is remembered; a caller's text of any length makes a short key."""
        if self.idempotency_key is None:
            return None
        name = hashlib.sha256(self.idempotency_key.encode()).hexdigest()
        return keys.request(self.user_id, name)


def place_order(table: Table, asked: Asked, decide: Callable[[Dataset], Change]) -> Job:
    """Return the job that was created, or the one this very request has created before.

    `decide` is pure; when another writer came first it is asked again with a fresh dataset.

    Raises:
        AlreadyExists: the key was used for another request.
        DatasetNotFound: no such dataset of this user.
        QuotaExceeded: the user has as many jobs as may be active, or not the money.
        Conflict: six other writers came first.
    """
    for tried in range(1, _TRIES + 1):
        known = _remembered(table, asked)
        if known is not None:
            return known
        _require_room(table, asked)
        dataset = get_dataset(table, asked.user_id, asked.dataset_id)
        change = decide(dataset)
        job = with_worst_case(change.after.job, asked.allowance.limits)
        room = _money_room(table, asked, job)
        extra = [require(table, dataset), *_memory(table, asked, job)]
        try:
            create_job(table, job, change, extra, max_active=asked.max_active, room=room)
        except Conflict:
            if tried == _TRIES:
                raise
            table.sleep(0.02 * 2**tried)
        else:
            return job
    raise AssertionError


def _remembered(table: Table, asked: Asked) -> Job | None:
    """Return the job of an earlier request under the same key."""
    if asked.key is None:
        return None
    known = find(table, asked.key, RequestKey)
    if known is None:
        return None
    if known.request_sha256 != asked.request_sha256:
        raise AlreadyExists("Idempotency-Key, with another request,", known.job_id)
    return find(table, keys.job(asked.user_id, known.job_id), Job)


def _require_room(table: Table, asked: Asked) -> None:
    active = int(numbers(table, keys.counts(asked.user_id, "JOB")).get("active", 0))
    if active >= asked.max_active:
        message = f"{active} jobs are active; {asked.max_active} may be. Wait, or cancel one"
        raise QuotaExceeded(message, {"active_jobs": active, "max_active_jobs": asked.max_active})


def _money_room(table: Table, asked: Asked, job: Job) -> BudgetHeadroom | None:
    allowed = asked.allowance
    budget = read_budget(table, asked.user_id, allowed.clock, stage_limit=allowed.stage_limit)
    require_affordable(budget, job)
    return room_for(budget, job)


def _memory(table: Table, asked: Asked, job: Job) -> list[Write]:
    if asked.key is None:
        return []
    known = RequestKey(job_id=job.id, request_sha256=asked.request_sha256)
    expires_at = keys.expiry(job.created_at + _REMEMBERED)
    return [put_new(table, known, keys.Place(asked.key), expires_at=expires_at)]
