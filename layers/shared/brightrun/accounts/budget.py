"""What a user may spend in a month: spent, committed, refused, warned. Pure.

Committed is the worst case of every job that has not ended, so that what is running can never
carry the month above its limit, whatever happens to it.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from brightrun.accounts.notifications import budget_warning
from brightrun.accounts.record import Notification
from brightrun.clock import Clock
from brightrun.money import Usd
from brightrun.records import Moment, Record, UserId
from brightrun.work import WorkItem

WARN_AT_PERCENT = (80, 95)


class UserLimits(Record):
    """What an administrator allowed one user; null stands for the stage's own limit, 0 for none."""

    user_id: UserId
    version: int = 1
    monthly_limit_usd: Decimal | None = None
    changed_by: str
    changed_at: Moment


class MonthSpend(WorkItem):
    """What a user has spent in one month: a running sum, and which warnings were given.

    Attributes:
        spent: stored as a number, because the table adds to it.
    """

    user_id: UserId
    month: str
    version: int = 0
    spent: Usd = Decimal(0)
    warned: tuple[int, ...] = ()


@dataclass(frozen=True)
class Budget:
    """Where a user stands this month, in USD; no limit when `limit` is None."""

    month: str
    limit: Decimal | None
    spent: Decimal
    committed: Decimal

    @property
    def remaining(self) -> Decimal | None:
        """What a new job may cost in the worst case."""
        if self.limit is None:
            return None
        return max(Decimal(0), self.limit - self.spent - self.committed)


def month_of(at: datetime) -> str:
    """Return the month a cost of this moment is counted in, `2026-11`."""
    return at.strftime("%Y-%m")


def limit_of(own: UserLimits | None, stage_limit: Decimal) -> Decimal | None:
    """Return a user's monthly limit in USD, or None when there is none."""
    limit = stage_limit if own is None or own.monthly_limit_usd is None else own.monthly_limit_usd
    return limit if limit > 0 else None


def warned(
    spend: MonthSpend, limit: Decimal | None, clock: Clock
) -> tuple[MonthSpend, tuple[Notification, ...]]:
    """Return the month with nothing left to do, and one warning if it newly passed a mark.

    Passing both marks at once is one warning; each mark warns once a month.
    """
    passed = tuple(p for p in WARN_AT_PERCENT if limit and spend.spent * 100 >= limit * p)
    new = [percent for percent in passed if percent not in spend.warned]
    done = spend.model_copy(
        update={"warned": tuple({*spend.warned, *new}), "work": None, "due_at": None, "tries": 0}
    )
    if not new or limit is None:
        return done, ()
    return done, (budget_warning(clock, spend.user_id, spent=spend.spent, limit=limit),)
