"""What administrators see of all users together. Reads only; the edge lets nobody else in."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.ports.dynamodb.accounts import usage_totals
from brightrun.records import DeferredModel
from functions.api.dependencies import Wires
from functions.api.stage.usage_overview import Overview, UserRow, overview, user_rows

router = Router()  # type: ignore[no-untyped-call]


class Users(DeferredModel):
    """One page of users; `cursor` leads on."""

    users: tuple[UserRow, ...]
    cursor: str | None


@router.get("/api/admin/overview", tags=["admin"])
def read_overview(deps: Wires) -> Success[Overview]:
    """Sum up users, jobs by status, failures by code, stars, storage, spend and calibration."""
    return Success(data=overview(deps))


@router.get("/api/admin/users", tags=["admin"])
def list_users(
    deps: Wires,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 50,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Users]:
    """List users with their counts; a user is known from the first dataset on."""
    page = usage_totals.known_users(deps.table, limit=limit, cursor=cursor)
    return Success(data=Users(users=user_rows(deps, page.records), cursor=page.cursor))
