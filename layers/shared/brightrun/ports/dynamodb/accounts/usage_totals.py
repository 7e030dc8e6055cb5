"""What administrators see: sums over users, each kept in the transaction that changes it.

No record is read and nothing is scanned: a user's sums are a handful of items, and users are
listed in a partition of their own from their first dataset on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from brightrun.datasets.record import Dataset
from brightrun.jobs.change import Change
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.batches import items_at
from brightrun.ports.dynamodb.key_shapes import Key, Kind, Place
from brightrun.ports.dynamodb.table import Page, Table, find, newest, numbers
from brightrun.ports.dynamodb.writes import Write, add, only_up_to, put
from brightrun.records import Moment, Record, UserId

KINDS = tuple(kind for kind in Kind if kind is not Kind.NOTE)
_USERS_AT_ONCE = 100
MAX_USERS = 2000


class KnownUser(Record):
    """Somebody who has declared a dataset, and when that last was."""

    user_id: UserId
    seen_at: Moment


@dataclass(frozen=True)
class UsageTotals:
    """One user's sums by kind, and what was spent this month."""

    user: KnownUser
    sums: dict[str, dict[str, Decimal]]
    spent: Decimal


def seen(table: Table, dataset: Dataset) -> Write:
    """Return the write that lists a dataset's owner among the users."""
    entry = KnownUser(user_id=dataset.user_id, seen_at=dataset.created_at)
    return put(table, entry, Place(keys.known_user(dataset.user_id)))


def stored_bytes(table: Table, user_id: UserId, kind: str, size_bytes: int) -> Write | None:
    """Return the write that counts what lies in the bucket for a user."""
    return add(table, keys.counts(user_id, Kind.BYTES), {kind: size_bytes})


def stored_sums(table: Table, user_id: UserId) -> dict[str, int]:
    """Return how many bytes lie in the bucket for a user by what they are, and are on their way."""
    sums = numbers(table, keys.counts(user_id, Kind.BYTES))
    return {kind: int(size_bytes) for kind, size_bytes in sums.items()}


def stored_within(
    table: Table, user_id: UserId, kind: str, size_bytes: int, most_bytes: int
) -> Write | None:
    """Return what counts bytes of a kind, and fails where there would be more than so many."""
    write = stored_bytes(table, user_id, kind, size_bytes)
    return write and only_up_to(write, kind, Decimal(most_bytes - size_bytes))


def ended_writes(table: Table, change: Change) -> Iterator[Write | None]:
    """Yield what a job's end adds: the code of a failure, or a model's stars and size."""
    before, after = change.before.job, change.after.job
    if after.status is JobStatus.FAILED and before.status is not JobStatus.FAILED:
        yield add(
            table, keys.counts(after.user_id, Kind.FAILURE), {after.error_code or "unknown": 1}
        )
    if change.model is not None:
        stars = str(change.model.quality_metrics.overall_score)
        yield add(table, keys.counts(after.user_id, Kind.STARS), {stars: 1})
        size_bytes = sum(file.size_bytes for file in change.model.manifest)
        yield stored_bytes(table, after.user_id, "models", size_bytes)


def find_known(table: Table, user_id: UserId) -> KnownUser | None:
    """Return when a user last declared a dataset, or None."""
    return find(table, keys.known_user(user_id), KnownUser)


def known_users(table: Table, *, limit: int, cursor: str | None) -> Page[KnownUser]:
    """Return one page of the users."""
    return newest(table, keys.USERS, KnownUser, limit=limit, cursor=cursor)


def all_users(table: Table) -> tuple[list[KnownUser], bool]:
    """Return up to 2,000 users, and whether those are all."""
    users: list[KnownUser] = []
    cursor: str | None = None
    while len(users) < MAX_USERS:
        page = known_users(table, limit=_USERS_AT_ONCE, cursor=cursor)
        users += page.records
        cursor = page.cursor
        if cursor is None:
            return users, True
    return users, False


def tallies(table: Table, users: Sequence[KnownUser], now: datetime) -> list[UsageTotals]:
    """Return the sums of these users, in their order."""
    month = now.strftime("%Y-%m")
    wanted = [key for user in users for key in _keys_of(user.user_id, month)]
    found = dict(_numbers(table, wanted))
    return [
        UsageTotals(
            user,
            {kind: found.get(keys.counts(user.user_id, kind), {}) for kind in KINDS},
            found.get(keys.month(user.user_id, month), {}).get("spent", Decimal(0)),
        )
        for user in users
    ]


def summed(tallied: Iterable[UsageTotals], kind: str) -> dict[str, int]:
    """Return the sums of one kind over all users; what came to nothing is left out."""
    total: Counter[str] = Counter()
    for tally in tallied:
        total.update({name: int(number) for name, number in tally.sums[kind].items()})
    return {name: number for name, number in sorted(total.items()) if number}


def _keys_of(user_id: UserId, month: str) -> list[Key]:
    return [*(keys.counts(user_id, kind) for kind in KINDS), keys.month(user_id, month)]


def _numbers(table: Table, wanted: Sequence[Key]) -> Iterator[tuple[Key, dict[str, Decimal]]]:
    """Yield the numbers of many running sums."""
    for key, item in items_at(table, wanted):
        yield key, {name: n for name, n in item.items() if isinstance(n, Decimal)}
