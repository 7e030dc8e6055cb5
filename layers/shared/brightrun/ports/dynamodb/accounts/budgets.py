"""Money limits in the table: a month's running sum, what is committed, and who was warned."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from brightrun.accounts.budget import Budget, MonthSpend, UserLimits, limit_of, month_of
from brightrun.accounts.record import CostRecord, Notification
from brightrun.clock import Clock
from brightrun.errors import Conflict
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.notifications import notification_writes
from brightrun.ports.dynamodb.table import Table, find, numbers
from brightrun.ports.dynamodb.writes import Write, add, commit, only_up_to, put_new, replace
from brightrun.records import UserId, iso
from brightrun.work import Work, work_of

Notes = tuple[Notification, ...]


@dataclass(frozen=True)
class BudgetHeadroom:
    """What a new job was allowed upon; its commit fails if that has changed.

    Attributes:
        committed_at_most: what the user's active jobs may have been committed to, without it.
    """

    user_id: UserId
    month: str
    spent: Decimal
    committed_at_most: Decimal


def read_budget(table: Table, user_id: UserId, clock: Clock, *, stage_limit: Decimal) -> Budget:
    """Return where a user stands this month."""
    month = month_of(clock.at)
    own = find(table, keys.limits(user_id), UserLimits)
    spend = find(table, keys.month(user_id, month), MonthSpend)
    committed = numbers(table, keys.committed(user_id)).get("worst", Decimal(0))
    return Budget(
        month=month,
        limit=limit_of(own, stage_limit),
        spent=spend.spent if spend else Decimal(0),
        committed=committed,
    )


def room_for(budget: Budget, job: Job, *, already: Decimal = Decimal(0)) -> BudgetHeadroom | None:
    """Return what must still hold when the job is written; None without a limit.

    Args:
        already: what is committed to this very job.
    """
    if budget.limit is None:
        return None
    most = budget.limit - budget.spent - job.worst_case_usd + already
    return BudgetHeadroom(job.user_id, budget.month, budget.spent, most)


def committed_write(
    table: Table, before: Job | None, job: Job, room: BudgetHeadroom | None
) -> Iterator[Write]:
    """Yield what counts a job's worst case in or out of what is committed, within `room`."""
    more = _committed(job) - (_committed(before) if before else Decimal(0))
    counted = add(table, keys.committed(job.user_id), {"worst": more})
    if counted is None:
        return
    if room is None:
        yield counted
        return
    yield only_up_to(counted, "worst", room.committed_at_most)
    yield _still_spent(table, room)


def _committed(job: Job) -> Decimal:
    return Decimal(0) if job.has_ended else job.worst_case_usd


def _still_spent(table: Table, room: BudgetHeadroom) -> Write:
    key = keys.month(room.user_id, room.month)
    return {
        "ConditionCheck": {
            "TableName": table.name,
            "Key": {"pk": key.pk, "sk": key.sk},
            "ConditionExpression": "attribute_not_exists(#spent) OR #spent = :read",
            "ExpressionAttributeNames": {"#spent": "spent"},
            "ExpressionAttributeValues": {":read": room.spent},
        }
    }


def month_write(table: Table, cost: CostRecord) -> Write:
    """Return what adds a cost to its month, which then is due to be looked at for warnings."""
    key = keys.month(cost.user_id, cost.billing_period)
    return {
        "Update": {
            "TableName": table.name,
            "Key": {"pk": key.pk, "sk": key.sk},
            "UpdateExpression": "ADD #spent :amount, #version :one "
            "SET #user = :user, #month = :month, #work = :work, #due = :now",
            "ExpressionAttributeNames": {
                "#spent": "spent",
                "#version": "version",
                "#user": "user_id",
                "#month": "month",
                "#work": "work",
                "#due": "due_at",
            },
            "ExpressionAttributeValues": {
                ":amount": cost.amount,
                ":one": 1,
                ":user": cost.user_id,
                ":month": cost.billing_period,
                ":work": str(work_of(Work.WARN, cost.user_id)),
                ":now": iso(cost.recorded_at),
            },
        }
    }


def save_looked_at(table: Table, before: MonthSpend, after: MonthSpend, notes: Notes) -> None:
    """Write that a month was looked at, together with the warnings that this gave.

    Another cost that was added in between has made it due again: then nothing is written.
    """
    notified = notification_writes(table, before.user_id, notes)
    with suppress(Conflict):
        commit(table, [replace(table, before, after), *notified])


def save_limits(table: Table, before: UserLimits | None, after: UserLimits) -> None:
    """Write a user's limits.

    Raises:
        Conflict: another administrator came first.
    """
    commit(table, [put_new(table, after) if before is None else replace(table, before, after)])


def find_limits(table: Table, user_id: UserId) -> UserLimits | None:
    """Return a user's own limits, or None when the stage's hold."""
    return find(table, keys.limits(user_id), UserLimits)
