"""The most a job can cost, and whether its owner's month has room for it. Pure."""

from decimal import ROUND_UP, Decimal

from brightrun.accounts.budget import Budget
from brightrun.errors import QuotaExceeded
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job
from brightrun.jobs.stopping import worst_case_overrun
from brightrun.money import CENT, shown, stored
from brightrun.training.cost_estimate import Estimate

LEAST_DEFAULT_USD = Decimal(1)


def default_max_cost(price: Estimate, limits: Limits) -> Decimal:
    """Return the budget of a job that names none: twice its high estimate, at least a dollar.

    Never so little that it would be paused before its first step.
    """
    overrun = worst_case_overrun(price.hourly_rate, 1, limits)
    most = max(LEAST_DEFAULT_USD, 2 * price.high, 2 * (overrun + price.storage))
    return most.quantize(CENT, ROUND_UP)


def worst_case(
    hourly_rate_usd: Decimal,
    gpu_count: int,
    limits: Limits,
    max_cost: Decimal | None,
    *,
    storage: Decimal = Decimal(0),
) -> Decimal:
    """Return the most a job can cost: its budget or its deadline, and the way to a standstill."""
    per_hour = hourly_rate_usd * gpu_count
    by_deadline = per_hour * limits.max_job_hours + storage
    most = by_deadline if max_cost is None else min(max_cost, by_deadline)
    return stored(most + worst_case_overrun(hourly_rate_usd, gpu_count, limits))


def with_worst_case(job: Job, limits: Limits) -> Job:
    """Return the job with the most it can cost, frozen: sums are kept of it.

    That is on the dearest type of its order, with the budget it would have there.
    """
    budget = job.max_cost
    if budget is not None and job.has_default_budget:
        budget = max([budget, *(p.default_budget for p in job.alternative_prices.values())])
    most = worst_case(
        max(job.hourly_rate_usd, *job.alternative_rates.values(), Decimal(0)),
        job.gpu_config.count,
        limits,
        budget,
        storage=job.estimated_storage_cost,
    )
    return job.model_copy(update={"worst_case_usd": most})


def require_affordable(budget: Budget, job: Job, *, already: Decimal = Decimal(0)) -> None:
    """Return if the job fits into the month even in the worst case.

    Args:
        already: what is committed to this very job.

    Raises:
        QuotaExceeded: it does not; the numbers are named, and what would fit.
    """
    remaining = None if budget.remaining is None else budget.remaining + already
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
