"""What was spent: totals from the running sums, the records behind them by page. Reads only."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from brightrun.accounts.costs import CostPeriod, days_of
from brightrun.envelope import MAX_PAGE_SIZE, Success
from functions.api.dependencies import Owner, Wires
from functions.api.errors import JSON
from functions.api.spending import Costs, costs_between, costs_csv

router = Router()  # type: ignore[no-untyped-call]


@router.get("/api/costs", tags=["costs"])
def read_costs(
    deps: Wires,
    user_id: Owner,
    period: Annotated[CostPeriod, Query()] = CostPeriod.MONTH,
    start_date: Annotated[date | None, Query()] = None,
    end_date: Annotated[date | None, Query()] = None,
    format: Annotated[Literal["json", "csv"], Query()] = "json",  # noqa: A002 - the spec's own name
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 25,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response[Success[Costs] | str]:
    """Sum up what was spent in a period, or between two dates; `format=csv` gives the records."""
    days = days_of(deps.now(), period, start_date, end_date)
    if format == "csv":
        name = f"costs-{days.first.isoformat()}-{days.last.isoformat()}.csv"
        saved_as = {"Content-Disposition": f'attachment; filename="{name}"'}
        csv = costs_csv(deps, user_id, days)
        return Response(HTTPStatus.OK, "text/csv; charset=utf-8", csv, saved_as)
    costs = costs_between(deps, user_id, days, limit=limit, cursor=cursor)
    return Response(HTTPStatus.OK, JSON, Success(data=costs))
