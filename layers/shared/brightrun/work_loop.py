"""The background work loop: due, claim, step, count; the same for every kind of work.

A try is counted when it is claimed: a step that kills its function, by time or by memory, has
been tried too, and ends after as many tries as one that fails in words.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from brightrun.ports.dynamodb.places import place
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.dynamodb.work_queue import claim, due
from brightrun.work import Work, WorkItem

W = TypeVar("W", bound=WorkItem)
log = logging.getLogger(__name__)


class TriesUsedUp(Exception):
    """A step was begun as often as it may be, and nothing was heard of the last try."""

    def __init__(self, tries: int) -> None:
        """Say how often it was begun."""
        super().__init__(f"it was begun {tries} times and broken off, by its time or its memory")


def _always(_: WorkItem) -> bool:
    return True


@dataclass(frozen=True)
class Task(Generic[W]):
    """One kind of work, and what to do about it.

    Attributes:
        step: takes the step; its last write resets `tries` and says when the item is due again.
        failed: given an item and why its try failed; by `tries` it makes the item due again
            later, or ends it where its owner sees it.
        lease_seconds: longer than a step can take; after it the item is due again.
        max_tries: after so many, all unheard of, `failed` is given `TriesUsedUp`.
        may_end: whether an item that has used up its tries may be ended; if not, it is tried again.
        per_shard: how many items of a shard are taken at once, the longest due first.
        at_once: how many steps are taken side by side.
        patience_seconds: how long all of them are waited for; None is until they have ended.
    """

    kind: Work
    record: type[W]
    step: Callable[[W], object]
    failed: Callable[[W, Exception], object]
    lease_seconds: float
    max_tries: int
    may_end: Callable[[W], bool] = _always
    per_shard: int = 50
    at_once: int = 1
    patience_seconds: float | None = None


@dataclass(frozen=True)
class Taken:
    """How many steps were taken and went well, and how many failed.

    Attributes:
        broke: whether more than a step failed: all work of a kind was left undone.
    """

    done: int = 0
    failed: int = 0
    broke: bool = False

    def __add__(self, other: "Taken") -> "Taken":
        """Return both together."""
        done, failed = self.done + other.done, self.failed + other.failed
        return Taken(done, failed, self.broke or other.broke)


def find_due(table: Table, task: Task[W], *, now: datetime) -> list[W]:
    """Return the items of a task whose time has come."""
    return list(due(table, task.kind, task.record, now=now, limit=task.per_shard))


def take_due(
    table: Table, task: Task[W], *, now: Callable[[], datetime], until: datetime | None = None
) -> Taken:
    """Take every due step of a task; after `until`, none is begun any more."""
    return take(table, task, find_due(table, task, now=now()), now=now, until=until)


def take(
    table: Table,
    task: Task[W],
    items: Iterable[W],
    *,
    now: Callable[[], datetime],
    until: datetime | None = None,
) -> Taken:
    """Claim each of these items and take its step; one that fails does not stop the others.

    Safe to run twice and beside itself: of many who saw an item due, one can claim it.
    """

    def take_one(item: W) -> bool | None:
        if until is not None and now() > until:
            return None
        return _take_one(table, task, item, now())

    if task.at_once == 1:
        return _counted(map(take_one, items))
    pool = ThreadPoolExecutor(task.at_once)
    steps = [pool.submit(take_one, item) for item in items]
    ended, _ = wait(steps, timeout=task.patience_seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    return _counted(map(Future.result, ended))


def _counted(outcomes: Iterable[bool | None]) -> Taken:
    known = list(outcomes)
    return Taken(done=known.count(True), failed=known.count(False))


def _take_one(table: Table, task: Task[W], item: W, now: datetime) -> bool | None:
    """Return whether the step went well; None when somebody else has the item."""
    try:
        is_over = item.tries >= task.max_tries and _may_end(task, item)
        lease = task.lease_seconds
        held = claim(table, item, now=now, lease_seconds=lease, is_try=not is_over)
    except Exception:  # the batch boundary: the other items must go on
        log.exception("not claimed: %s", place(item).key)
        return False
    if held is None:
        return None
    if is_over:
        log.error("tries used up: %s %s", task.kind, place(held).key)
        return _failed(task, held, TriesUsedUp(task.max_tries))
    try:
        task.step(held)
    except Exception as error:  # the batch boundary, as above
        log.exception("step failed: %s %s", task.kind, place(held).key)
        return _failed(task, held, error)
    return True


def _may_end(task: Task[W], item: W) -> bool:
    try:
        return task.may_end(item)
    except Exception:  # whether it may end cannot be told: it is tried again, and moves on in line
        log.exception("may not be ended: %s %s", task.kind, place(item).key)
        return False


def _failed(task: Task[W], item: W, error: Exception) -> bool:
    try:
        task.failed(item, error)
    except Exception:  # the batch boundary; the try is counted, and the lease brings it back
        log.exception("failure not stored: %s %s", task.kind, place(item).key)
    return False
