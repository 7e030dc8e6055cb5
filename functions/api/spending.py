"""What a user spent between two days: the running sums, and their records by page. Reads only."""

from datetime import date
from decimal import Decimal

from brightrun.accounts.costs import Days, as_csv, spend_of
from brightrun.accounts.record import CostRecord, CostType
from brightrun.jobs.view import CostView, cost_view
from brightrun.money import Usd
from brightrun.ports.dynamodb.accounts.costs import cost_records, sums_by_day
from brightrun.records import DeferredModel, UserId
from brightrun.runtime import Deps
from functions.api.long_answers import as_much_as_fits

_CSV_PAGE = 1000


_MAX_CSV_PAGES = 20


class DaySpend(DeferredModel):
    """What one day cost."""

    date: str
    amount: Usd


class Costs(DeferredModel):
    """Spend over some days; the three sums agree. `cursor` leads to more records."""

    start_date: date
    end_date: date
    total_cost: Usd
    cost_by_type: dict[CostType, Usd]
    chart_data: tuple[DaySpend, ...]
    records: tuple[CostView, ...]
    cursor: str | None


def _day(day: date, amount: Decimal) -> DaySpend:
    return DaySpend(date=day.isoformat(), amount=amount)


def costs_between(
    deps: Deps, user_id: UserId, days: Days, *, limit: int, cursor: str | None
) -> Costs:
    """Return the sums of these days, and one page of their records."""
    page = cost_records(deps.table, user_id, days, limit=limit, cursor=cursor)
    spend = spend_of(days, sums_by_day(deps.table, user_id, days))
    return Costs(
        start_date=days.first,
        end_date=days.last,
        total_cost=spend.total,
        cost_by_type=spend.by_type,
        chart_data=tuple(_day(day, amount) for day, amount in spend.by_day.items()),
        records=tuple(cost_view(record) for record in page.records),
        cursor=page.cursor,
    )


def costs_csv(deps: Deps, user_id: UserId, days: Days) -> str:
    """Return every record of these days, at most 20,000: what one answer can carry."""
    records: list[CostRecord] = []
    cursor: str | None = None
    for _ in range(_MAX_CSV_PAGES):
        page = cost_records(deps.table, user_id, days, limit=_CSV_PAGE, cursor=cursor)
        records += page.records
        cursor = page.cursor
        if cursor is None:
            break
    return as_much_as_fits(as_csv(records).splitlines(keepends=True))
