"""What a user may spend in a month: spent, committed, refused, warned. Pure.

Committed is the worst case of every job that has not ended, so that what is running can never
carry the month above its limit, whatever happens to it.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from brightrun.accounts.notifying import budget_warning
from brightrun.accounts.record import Notification
from brightrun.clock import Clock
from brightrun.errors import QuotaExceeded
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job
from brightrun.jobs.stopping import worst_case_overrun
from brightrun.money import Usd, shown, stored
from brightrun.records import Moment, Record, UserId

WARN_AT_PERCENT = (80, 95)


class UserLimits(Record):
    """What an administrator allowed one user; null stands for the stage's own limit, 0 for none."""

    user_id: UserId
    version: int = 1
    monthly_limit_usd: Decimal | None = None
    changed_by: str
    changed_at: Moment


class MonthSpend(Record):
    """What a user has spent in one month: a running sum, and which warnings were given.

    Attributes:
        spent: stored as a number, because the table adds to it.
    """

    user_id: UserId
    month: str
    version: int = 0
    spent: Usd = Decimal(0)
    warned: tuple[int, ...] = ()
    work: str | None = None
    due_at: Moment | None = None


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


def worst_case(
    hourly_rate_usd: Decimal, gpu_count: int, limits: Limits, max_cost: Decimal | None
) -> Decimal:
    """Return the most a job can cost: its budget or its deadline, and the way to a standstill."""
    per_hour = hourly_rate_usd * gpu_count
    by_deadline = per_hour * limits.max_job_hours
    most = by_deadline if max_cost is None else min(max_cost, by_deadline)
    return stored(most + worst_case_overrun(hourly_rate_usd, gpu_count, limits))


def with_worst_case(job: Job, limits: Limits) -> Job:
    """Return the job with the most it can cost, frozen: sums are kept of it."""
    most = worst_case(job.hourly_rate_usd, job.gpu_config.count, limits, job.max_cost)
    return job.model_copy(update={"worst_case_usd": most})


def require_affordable(budget: Budget, job: Job) -> None:
    """Return if the job fits into the month even in the worst case.

    Raises:
        QuotaExceeded: it does not; the numbers are named, and what would fit.
    """
    remaining = budget.remaining
    if remaining is None or job.worst_case_usd <= remaining:
        return
    limit = budget.limit or Decimal(0)
    words = (
        f"this job may cost up to ${shown(job.worst_case_usd)}, "
        f"and of ${shown(limit)} for {budget.month} only ${shown(remaining)} are free: "
        f"${shown(budget.spent)} are spent, ${shown(budget.committed)} committed to active jobs"
    )
    raise QuotaExceeded(
        f"{words}. Set max_cost to less, or wait",
        {
            "month": budget.month,
            "monthly_limit_usd": float(limit),
            "spent_usd": float(budget.spent),
            "committed_usd": float(budget.committed),
            "remaining_usd": float(remaining),
            "worst_case_usd": float(job.worst_case_usd),
        },
    )


def warned(
    spend: MonthSpend, limit: Decimal | None, clock: Clock
) -> tuple[MonthSpend, tuple[Notification, ...]]:
    """Return the month with nothing left to do, and one warning if it newly passed a mark.

    Passing both marks at once is one warning; each mark warns once a month.
    """
    passed = tuple(p for p in WARN_AT_PERCENT if limit and spend.spent * 100 >= limit * p)
    new = [percent for percent in passed if percent not in spend.warned]
    done = spend.model_copy(
        update={"warned": tuple({*spend.warned, *new}), "work": None, "due_at": None}
    )
    if not new or limit is None:
        return done, ()
    return done, (budget_warning(clock, spend.user_id, spent=spend.spent, limit=limit),)
