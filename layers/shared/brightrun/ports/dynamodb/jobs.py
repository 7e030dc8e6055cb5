"""Jobs in the table: read with their newest attempt, changed by a rule, written all at once."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from brightrun.accounts.record import CostRecord
from brightrun.errors import JobNotFound
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import Attempt, Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.budgets import BudgetHeadroom, committed_write, month_write
from brightrun.ports.dynamodb.accounts.notifications import notification_writes
from brightrun.ports.dynamodb.accounts.usage_totals import ended_writes
from brightrun.ports.dynamodb.calibration import observation
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.places import place, place_of_point
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.dynamodb.table import Table, find
from brightrun.ports.dynamodb.writes import (
    Write,
    add,
    commit,
    only_below,
    put,
    put_new,
    replace,
    require,
)
from brightrun.records import UserId

log = logging.getLogger(__name__)


def read_state(table: Table, user_id: UserId, job_id: str) -> JobState:
    """Return a job with its newest attempt.

    Raises:
        JobNotFound: no such job of this user.
    """
    job = find(table, keys.job(user_id, job_id), Job)
    if job is None:
        raise JobNotFound(job_id)
    return with_attempt(table, job)


def with_attempt(table: Table, job: Job) -> JobState:
    """Return a job as read, with its newest attempt."""
    if job.attempt == 0:
        return JobState(job)
    return JobState(job, find(table, keys.attempt(job.id, job.attempt), Attempt))


def _unbounded(_: Change) -> None:
    return None


def change_job(
    table: Table,
    user_id: UserId,
    job_id: str,
    decide: Callable[[JobState], Change],
    *,
    seen: JobState | None = None,
    room: Callable[[Change], BudgetHeadroom | None] = _unbounded,
) -> Change:
    """Read, decide, write; when another writer came first, read and decide again.

    `decide` is pure, so deciding again is safe. Returns what was written.

    Args:
        seen: what the caller has just read; saves reading it again, and is guarded all the same.
        room: what of the owner's month the change needs; its commit fails if that has changed.

    Raises:
        JobNotFound: no such job of this user.
        Conflict: eight other writers came first.
    """

    def decide_and_save() -> Change:
        nonlocal seen
        state, seen = seen or read_state(table, user_id, job_id), None
        change = decide(state)
        save(table, change, room=room(change))
        return change

    return on_conflict(table)(decide_and_save)


def save(table: Table, change: Change, *, room: BudgetHeadroom | None = None) -> None:
    """Write a decision: job, attempt, history, notifications, cost, model and sums, or nothing.

    Raises:
        Conflict: the job or its attempt changed since they were read.
    """
    if change.is_empty:
        return
    commit(table, writes_of(table, change, room))
    bills = [bill.amount for bill in (change.cost, change.storage_cost) if bill is not None]
    if bills:  # the alarm on spending adds these lines up
        log.info("billed", extra={"amount_usd": float(sum(bills)), "job_id": change.after.job.id})


def save_attempt(
    table: Table, before: Attempt, after: Attempt, events: tuple[JobEvent, ...]
) -> None:
    """Write what an attempt that is over has become, and the events that belong to it.

    Raises:
        Conflict: it changed since `before` was read.
    """
    commit(table, [replace(table, before, after), *_event_writes(table, events)])


def create_job(
    table: Table,
    job: Job,
    change: Change,
    extra: list[Write],
    *,
    max_active: int,
    room: BudgetHeadroom | None = None,
) -> None:
    """Write a job that is new, with its history.

    Raises:
        Conflict: `extra` forbids it, the user has `max_active` jobs that have not ended, or its
            worst case does not fit into `room` any more.
    """
    counted, *others = [*_counted(table, None, job, room)]
    limited = only_below(counted, "active", max_active) if counted else None
    commit(table, [put_new(table, job), *extra, limited, *others, *_history_writes(table, change)])


def writes_of(
    table: Table, change: Change, room: BudgetHeadroom | None = None
) -> Iterator[Write | None]:
    """Yield every write of a change; the job's version guards them all."""
    before, after = change.before, change.after
    if before.job == after.job:
        yield require(table, before.job)
    else:
        yield replace(table, before.job, after.job)
    yield _attempt_write(table, before.attempt, after.attempt)
    yield from _counted(table, before.job, after.job, room)
    yield from _history_writes(table, change)


def _attempt_write(table: Table, before: Attempt | None, after: Attempt | None) -> Write | None:
    if after is None or before == after:
        return None
    if before is None or before.number != after.number:
        return put_new(table, after)
    return replace(table, before, after)


def _counted(
    table: Table, before: Job | None, after: Job, room: BudgetHeadroom | None = None
) -> Iterator[Write | None]:
    amounts: dict[str, int | Decimal] = {}
    if before is None or before.status != after.status:
        amounts[after.status] = 1
        if before is not None:
            amounts[before.status] = -1
    active = int(not after.has_ended) - int(before is not None and not before.has_ended)
    yield add(table, keys.counts(after.user_id, Kind.JOB), {**amounts, "active": active})
    yield add(table, keys.uses(after.user_id, after.dataset_id), {"active": active})
    yield from committed_write(table, before, after, room)


def _history_writes(table: Table, change: Change) -> Iterator[Write | None]:
    job = change.after.job
    yield from _event_writes(table, change.events)
    for point in change.points:
        where = place_of_point(job.id, point)
        yield put(table, point, where, expires_at=_expiry(table, point.timestamp))
    yield from notification_writes(table, job.user_id, change.notifications)
    yield from _cost_writes(table, (change.cost, change.storage_cost))
    yield from ended_writes(table, change)
    if change.model is not None:
        yield put_new(table, change.model)
        yield add(table, keys.counts(job.user_id, Kind.MODEL), {change.model.status: 1})
        finish = change.after.attempt.finish if change.after.attempt else None
        yield from observation(table, job, finish.summary if finish else None)


def _event_writes(table: Table, events: tuple[JobEvent, ...]) -> Iterator[Write]:
    for event in events:
        yield put(table, event, place(event), expires_at=_expiry(table, event.time))


def _cost_writes(table: Table, found: tuple[CostRecord | None, ...]) -> Iterator[Write | None]:
    """A transaction may name each sum once, so what ends together is added together."""
    costs = [cost for cost in found if cost is not None]
    if not costs:
        return
    yield from (put_new(table, cost) for cost in costs)
    day = costs[0].recorded_at.date().isoformat()
    amounts: dict[str, int | Decimal] = {cost.cost_type: cost.amount for cost in costs}
    yield add(table, keys.spend(costs[0].user_id, day), amounts)
    total = sum((cost.amount for cost in costs), Decimal(0))
    yield month_write(table, costs[0].model_copy(update={"amount": total}))


def _expiry(table: Table, moment: datetime) -> int:
    return keys.expiry(moment + timedelta(days=table.history_days))
