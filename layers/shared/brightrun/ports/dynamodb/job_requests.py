"""New jobs in the table: once per `Idempotency-Key`, and only while what was looked at still holds.

Decides nothing: the caller has judged dataset, money and how many jobs may be active.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from brightrun.datasets.record import Dataset
from brightrun.errors import AlreadyExists
from brightrun.jobs.change import Change
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import jobs, keys
from brightrun.ports.dynamodb.accounts.budgets import BudgetHeadroom
from brightrun.ports.dynamodb.key_shapes import Key, Kind, Place
from brightrun.ports.dynamodb.table import Table, find, numbers
from brightrun.ports.dynamodb.writes import Write, put_new, require
from brightrun.records import Record, UserId

_REMEMBERED = timedelta(days=7)


class RequestKey(Record):
    """Which job an `Idempotency-Key` made, and of what request."""

    job_id: str
    request_sha256: str


@dataclass(frozen=True)
class IdempotentRequest:
    """A request under the caller's own name for it.

    Attributes:
        key: the caller's `Idempotency-Key`; None when it has none.
        asked: what was asked for, so that the same key for something else is noticed.
    """

    user_id: UserId
    key: str | None
    asked: str

    @property
    def request_sha256(self) -> str:
        """The SHA-256 (hex) of what was asked for."""
        return hashlib.sha256(self.asked.encode()).hexdigest()

    @property
    def place(self) -> Key | None:
        """Where the request is remembered; a caller's text of any length makes a short key."""
        if self.key is None:
            return None
        return keys.request(self.user_id, hashlib.sha256(self.key.encode()).hexdigest())


def find_created(table: Table, request: IdempotentRequest) -> Job | None:
    """Return the job that an earlier request under the same key has created.

    Raises:
        AlreadyExists: the key was used for another request.
    """
    if request.place is None:
        return None
    known = find(table, request.place, RequestKey)
    if known is None:
        return None
    if known.request_sha256 != request.request_sha256:
        raise AlreadyExists("Idempotency-Key, with another request,", known.job_id)
    return find(table, keys.job(request.user_id, known.job_id), Job)


def active_jobs(table: Table, user_id: UserId) -> int:
    """Return how many jobs of a user have not ended."""
    return int(numbers(table, keys.counts(user_id, Kind.JOB)).get("active", 0))


def create_job(
    table: Table,
    change: Change,
    dataset: Dataset,
    request: IdempotentRequest,
    *,
    max_active: int,
    room: BudgetHeadroom | None,
) -> None:
    """Write a new job and remember its request, if all that was looked at still holds.

    Raises:
        Conflict: the dataset changed, the same key came twice at once, the user has `max_active`
            jobs by now, or its worst case does not fit into `room` any more.
    """
    job = change.after.job
    extra = [require(table, dataset), *_memory(table, request, job)]
    jobs.create_job(table, job, change, extra, max_active=max_active, room=room)


def _memory(table: Table, request: IdempotentRequest, job: Job) -> list[Write]:
    if request.place is None:
        return []
    known = RequestKey(job_id=job.id, request_sha256=request.request_sha256)
    expires_at = keys.expiry(job.created_at + _REMEMBERED)
    return [put_new(table, known, Place(request.place), expires_at=expires_at)]
