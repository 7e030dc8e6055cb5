"""Datasets in the table: each write keeps the counts by status and checks what it has read.

What is deleted is marked so, counted apart, and erased some days later; models and jobs remember
what they need of it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from brightrun.accounts.erasure import Erasure
from brightrun.accounts.record import Notification
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.envelope import PageRequest
from brightrun.errors import DatasetInUse, DatasetNotFound
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.erasures import appointment
from brightrun.ports.dynamodb.accounts.notifications import notification_writes
from brightrun.ports.dynamodb.accounts.usage_totals import seen, stored_within
from brightrun.ports.dynamodb.key_shapes import Kind, Place
from brightrun.ports.dynamodb.pagination import Found, page_of, search_of
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.dynamodb.table import Page, Table, find, listed, newest, numbers
from brightrun.ports.dynamodb.writes import (
    Write,
    add,
    commit,
    only_below,
    put,
    put_new,
    replace,
    require_none,
)
from brightrun.records import Record, UserId

DELETED = "deleted"
UPLOADING = "uploading"


@dataclass(frozen=True)
class DatasetChange:
    """What a dataset becomes, and what its owner is notified of."""

    after: Dataset
    notifications: tuple[Notification, ...] = ()


def get_dataset(table: Table, user_id: UserId, dataset_id: str) -> Dataset:
    """Return a dataset as of the last commit.

    Raises:
        DatasetNotFound: no such dataset of this user, or it was deleted.
    """
    dataset = find(table, keys.dataset(user_id, dataset_id), Dataset)
    if dataset is None or dataset.deleted_at is not None:
        raise DatasetNotFound(dataset_id)
    return dataset


def counts_by_status(table: Table, user_id: UserId) -> dict[DatasetStatus, int]:
    """Return how many datasets of a user are in each status; deleted ones are in none."""
    sums = numbers(table, keys.counts(user_id, Kind.DATASET))
    return {status: int(sums.get(status, 0)) for status in DatasetStatus}


def list_datasets(
    table: Table,
    user_id: UserId,
    asked: PageRequest,
    status: DatasetStatus | None,
    counts: Mapping[DatasetStatus, int],
) -> Found[Dataset]:
    """Return one page of a user's datasets, newest first; all, or those in one status."""

    def fetch(limit: int, cursor: str | None) -> Page[Dataset]:
        if status is None:
            return newest(table, keys.datasets(user_id), Dataset, limit=limit, cursor=cursor)
        pk = keys.listed(user_id, Kind.DATASET, status)
        return listed(table, pk, Dataset, limit=limit, cursor=cursor)

    if asked.search:
        return search_of(fetch, _is_there, lambda dataset: dataset.name, asked)
    total = sum(counts.values()) if status is None else counts[status]
    return page_of(fetch, _is_there, asked, total=total)


def _is_there(dataset: Dataset) -> bool:
    return dataset.deleted_at is None


class Content(Record):
    """Which dataset last had a certain content, declared or found."""

    dataset_id: str


def find_duplicate(table: Table, user_id: UserId, sha256: str | None) -> Dataset | None:
    """Return the user's dataset that last had this very content and is still there."""
    if sha256 is None:
        return None
    known = find(table, keys.content(user_id, sha256), Content)
    if known is None:
        return None
    twin = find(table, keys.dataset(user_id, known.dataset_id), Dataset)
    return None if twin is None or twin.deleted_at else twin


@dataclass(frozen=True)
class UploadRoom:
    """What a new upload was allowed upon; its commit fails if that has changed.

    Attributes:
        uploading_bytes: how many bytes may be on their way, with it.
        uploading: how many datasets may be on their way, with it.
    """

    uploading_bytes: int
    uploading: int


def create_dataset(
    table: Table,
    dataset: Dataset,
    extra: tuple[Write, ...] = (),
    room: UploadRoom | None = None,
) -> None:
    """Write a dataset that is new, counted.

    Of two with the same content the first is remembered: the second may soon be deleted for it.

    Raises:
        Conflict: a condition of `extra` fails, or there is no `room` any more.
    """
    counted = [*_counted(table, None, dataset)] if room is None else _within(table, dataset, room)
    known = None if dataset.duplicate_of else _remembered(table, dataset)
    commit(table, [put_new(table, dataset), *extra, *counted, seen(table, dataset), known])


def _within(table: Table, dataset: Dataset, room: UploadRoom) -> list[Write | None]:
    """Return what counts an upload in, if it fits beside those that others declare just now."""
    owner, status = dataset.user_id, dataset.status.value
    one = add(table, keys.counts(owner, Kind.DATASET), {status: 1})
    size_bytes = stored_within(table, owner, UPLOADING, dataset.file_size, room.uploading_bytes)
    return [one and only_below(one, status, room.uploading), size_bytes]


def _remembered(table: Table, dataset: Dataset) -> Write | None:
    if dataset.sha256 is None:
        return None
    where = Place(keys.content(dataset.user_id, dataset.sha256))
    return put(table, Content(dataset_id=dataset.id), where)


def change_dataset(
    table: Table,
    user_id: UserId,
    dataset_id: str,
    decide: Callable[[Dataset], DatasetChange],
) -> Dataset:
    """Read, decide, write; when another writer came first, read and decide again.

    `decide` is pure, so deciding again is safe. Returns the dataset as it is stored now.

    Raises:
        DatasetNotFound: no such dataset of this user, or it was deleted meanwhile.
        Conflict: eight other writers came first.
    """

    def decide_and_save() -> Dataset:
        before = get_dataset(table, user_id, dataset_id)
        change = decide(before)
        return save_dataset(table, before, change.after, change.notifications)

    return on_conflict(table)(decide_and_save)


def save_dataset(
    table: Table,
    before: Dataset,
    after: Dataset,
    notifications: tuple[Notification, ...] = (),
) -> Dataset:
    """Write what a dataset has become, its counts and notifications, or nothing.

    Returns `after` as it is stored, one version later; the same as `before` writes nothing.

    Raises:
        Conflict: the dataset changed since `before` was read.
    """
    if before == after and not notifications:
        return before
    commit(table, writes_of(table, before, after, notifications))
    return after.model_copy(update={"version": before.version + 1})


def delete_dataset(table: Table, before: Dataset, after: Dataset, erasure: Erasure) -> None:
    """Mark a dataset deleted, to be erased later, unless a job that has not ended uses it.

    Raises:
        DatasetInUse: such a job exists.
        Conflict: the dataset changed since `before` was read.
    """
    key = keys.uses(before.user_id, before.id)
    active = int(numbers(table, key).get("active", 0))
    if active:
        jobs = f"{active} job{'s' if active > 1 else ''}"
        raise DatasetInUse(f"dataset {before.id} is used by {jobs}", {"active_jobs": active})
    unused = require_none(table, key, "active")
    erased = appointment(table, erasure)
    commit(table, [*writes_of(table, before, after, ()), unused, erased])


def writes_of(
    table: Table, before: Dataset, after: Dataset, notifications: tuple[Notification, ...]
) -> Iterator[Write | None]:
    """Yield every write of a change; the dataset's version guards them all."""
    yield replace(table, before, after)
    if after.sha256 != before.sha256:
        yield _remembered(table, after)
    yield from _counted(table, before, after)
    yield from notification_writes(table, after.user_id, notifications)


def _counted(table: Table, before: Dataset | None, after: Dataset) -> Iterator[Write | None]:
    was, now = _counted_as(before), _counted_as(after)
    if was == now or now is None:
        return
    amounts = {now: 1} if was is None else {now: 1, was: -1}
    yield add(table, keys.counts(after.user_id, Kind.DATASET), amounts)
    held, holds = held_as(before) if before else None, held_as(after)
    if held != holds:
        size_bytes = after.file_size
        moved = {kind: sign * size_bytes for kind, sign in ((held, -1), (holds, 1)) if kind}
        yield add(table, keys.counts(after.user_id, Kind.BYTES), moved)


def held_as(dataset: Dataset) -> str | None:
    """Return among which bytes a dataset's file counts: on their way, stored, or none.

    What was imported is the library's; an upload that never came left nothing.
    """
    if dataset.deleted_at is not None or dataset.training_file_id is not None:
        return None
    if dataset.status is DatasetStatus.UPLOADING:
        return UPLOADING
    never_came = dataset.status is DatasetStatus.ERROR and dataset.etag is None
    return None if never_came and dataset.verdict is None else "datasets"


def _counted_as(dataset: Dataset | None) -> str | None:
    if dataset is None:
        return None
    return DELETED if dataset.deleted_at else dataset.status.value
