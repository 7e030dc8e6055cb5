"""What was spent: totals from the running sums, the records behind them by page. Reads only."""

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from brightrun.accounts.access import owner_of
from brightrun.accounts.costs import CostPeriod, Days, as_csv, days_of, spend_of
from brightrun.accounts.record import CostRecord, CostType
from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.jobs.view import CostView, cost_view
from brightrun.money import Usd
from brightrun.ports.dynamodb.costs import cost_records, sums_by_day
from brightrun.records import UserId
from brightrun.runtime import Deps

router = Router()  # type: ignore[no-untyped-call]
_CSV_PAGE = 1000
_MAX_CSV_PAGES = 20


class DaySpend(BaseModel):
    """What one day cost."""

    date: str
    amount: Usd


class Costs(BaseModel):
    """Spend over some days; the three sums agree. `cursor` leads to more records."""

    start_date: date
    end_date: date
    total_cost: Usd
    cost_by_type: dict[CostType, Usd]
    chart_data: tuple[DaySpend, ...]
    records: tuple[CostView, ...]
    cursor: str | None


@router.get("/api/costs", tags=["costs"])
def read_costs(
    period: Annotated[CostPeriod, Query()] = CostPeriod.MONTH,
    start_date: Annotated[date | None, Query()] = None,
    end_date: Annotated[date | None, Query()] = None,
    format: Annotated[Literal["json", "csv"], Query()] = "json",  # noqa: A002 - the spec's own name
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 25,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response[Success[Costs] | str]:
    """Sum up what was spent in a period, or between two dates; `format=csv` gives the records."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    days = days_of(deps.now(), period, start_date, end_date)
    if format == "csv":
        return _csv(deps, user_id, days)
    page = cost_records(deps.table, user_id, days, limit=limit, cursor=cursor)
    spend = spend_of(days, sums_by_day(deps.table, user_id, days))
    costs = Costs(
        start_date=days.first,
        end_date=days.last,
        total_cost=spend.total,
        cost_by_type=spend.by_type,
        chart_data=tuple(_day(day, amount) for day, amount in spend.by_day.items()),
        records=tuple(cost_view(record) for record in page.records),
        cursor=page.cursor,
    )
    return Response(HTTPStatus.OK, "application/json", Success(data=costs))


def _day(day: date, amount: Decimal) -> DaySpend:
    return DaySpend(date=day.isoformat(), amount=amount)


def _csv(deps: Deps, user_id: UserId, days: Days) -> Response[Success[Costs] | str]:
    """Every record of these days, at most 20,000: what one answer can carry."""
    records: list[CostRecord] = []
    cursor: str | None = None
    for _ in range(_MAX_CSV_PAGES):
        page = cost_records(deps.table, user_id, days, limit=_CSV_PAGE, cursor=cursor)
        records += page.records
        cursor = page.cursor
        if cursor is None:
            break
    name = f"costs-{days.first.isoformat()}-{days.last.isoformat()}.csv"
    saved_as = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(HTTPStatus.OK, "text/csv; charset=utf-8", as_csv(records), saved_as)
