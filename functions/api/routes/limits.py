"""What a user may spend in a month, and an administrator's say in it."""

from decimal import Decimal
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from brightrun.accounts.access import owner_of
from brightrun.accounts.budget import WARN_AT_PERCENT, UserLimits
from brightrun.envelope import Success
from brightrun.money import Usd
from brightrun.ports.dynamodb.accounts.budgets import find_limits, read_budget, save_limits
from brightrun.records import DeferredModel, OwnersRequest, UserId
from brightrun.runtime import Deps
from functions.api.dependencies import Caller, Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
UserIdPath = Annotated[str, Path(min_length=1, max_length=128)]
_MOST_USD = 1_000_000


class BudgetView(DeferredModel):
    """Where a user stands this month, in USD.

    Attributes:
        monthly_limit: null when there is none.
        committed: the worst case of every job that has not ended.
        remaining: what a new job may cost in the worst case; null without a limit.
        warn_at_percent: at which shares of the limit the user is told.
    """

    month: str
    monthly_limit: Usd | None
    spent: Usd
    committed: Usd
    remaining: Usd | None
    warn_at_percent: tuple[int, ...]


class LimitChange(OwnersRequest):
    """A user's own monthly limit in USD; null: the stage's, 0: none at all."""

    monthly_limit_usd: Annotated[Decimal, Field(ge=0, le=_MOST_USD)] | None


@router.get("/api/limits", tags=["costs"])
def read_limits(deps: Wires, user_id: Owner) -> Success[BudgetView]:
    """Return what the caller may still spend this month."""
    return Success(data=_budget(deps, user_id))


@router.get("/api/admin/users/<user_id>/limits", tags=["admin"])
def read_limits_of(deps: Wires, user_id: UserIdPath) -> Success[BudgetView]:
    """Return what a user may still spend this month."""
    return Success(data=_budget(deps, UserId(user_id)))


@router.put("/api/admin/users/<user_id>/limits", tags=["admin"])
def change_limits_of(
    deps: Wires, caller: Caller, user_id: UserIdPath, wanted: LimitChange
) -> Success[BudgetView]:
    """Allow a user more or less in a month; it holds for the next job that is created."""
    owner = UserId(user_id)
    before = find_limits(deps.table, owner)
    after = UserLimits(
        user_id=owner,
        monthly_limit_usd=wanted.monthly_limit_usd,
        changed_by=owner_of(caller),
        changed_at=deps.now(),
    )
    save_limits(deps.table, before, after)
    return Success(data=_budget(deps, owner))


def _budget(deps: Deps, user_id: UserId) -> BudgetView:
    budget = read_budget(
        deps.table, user_id, deps.clock(), stage_limit=deps.settings.monthly_limit_usd
    )
    return BudgetView(
        month=budget.month,
        monthly_limit=budget.limit,
        spent=budget.spent,
        committed=budget.committed,
        remaining=budget.remaining,
        warn_at_percent=WARN_AT_PERCENT,
    )
