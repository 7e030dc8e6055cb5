"""What was spent, read from the running sums by day; the records behind them by page."""

from decimal import Decimal

from brightrun.accounts.costs import Days
from brightrun.accounts.record import CostRecord, CostType
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Page, Table, between, find, sums_between
from brightrun.records import UserId

_AFTER_EVERY_ID = "~"
_WITH_A_JOB = (CostType.TRAINING_COMPUTE, CostType.STORAGE)


def sums_by_day(table: Table, user_id: UserId, days: Days) -> dict[str, dict[str, Decimal]]:
    """Return day (YYYY-MM-DD) → cost type → amount, for the days on which anything was spent."""
    low = keys.spend(user_id, days.first.isoformat())
    high = keys.spend(user_id, days.last.isoformat())
    found = sums_between(table, low, high)
    return {sk.rsplit("#", 1)[-1]: amounts for sk, amounts in found.items()}


def cost_records(
    table: Table, user_id: UserId, days: Days, *, limit: int, cursor: str | None = None
) -> Page[CostRecord]:
    """Return one page of the cost records of these days, newest day first."""
    low = keys.cost(user_id, days.first.isoformat(), "")
    high = keys.cost(user_id, days.last.isoformat(), _AFTER_EVERY_ID)
    return between(table, low, high, CostRecord, limit=limit, cursor=cursor)


def costs_of_job(table: Table, job: Job) -> tuple[CostRecord, ...]:
    """Return the cost records of a job that has ended, and nothing before."""
    if job.completed_at is None:
        return ()
    day = job.completed_at.date().isoformat()
    places = (keys.cost(job.user_id, day, job.id, kind) for kind in _WITH_A_JOB)
    return tuple(record for key in places if (record := find(table, key, CostRecord)))
