"""What the attempts of a job cost: each at the price of what it ran on. Pure.

An attempt carries its own GPU type, count and rate, so that a worker with fewer GPUs than were
ordered, or a job that went on elsewhere, costs what ran and never what was asked for.
"""

from decimal import Decimal

from brightrun.jobs.record import Attempt, Job
from brightrun.money import compute_cost, stored

_EXACT = Decimal("1e-12")
_NOTHING = Decimal("1e-6")


def hourly_rate_of(job: Job, attempt: Attempt | None) -> Decimal:
    """Return what an hour of the whole worker costs: of the attempt's own, else of the order's."""
    rate, count = job.hourly_rate_usd, job.gpu_config.count
    if attempt is not None:
        rate = attempt.hourly_rate_usd or rate
        count = attempt.gpu_count or count
    return rate * count


def cost_of(job: Job, attempt: Attempt | None, gpu_seconds: float) -> Decimal:
    """Return what so many seconds of an attempt cost; `stored` rounds a sum of such, once."""
    rate = hourly_rate_of(job, attempt)
    return compute_cost(gpu_seconds, hourly_rate_usd=rate, gpu_count=1).quantize(_EXACT)


def spent(job: Job) -> Decimal:
    """Return what the attempts that are over have cost.

    A job of an earlier version kept their seconds alone, all at one price.
    """
    if job.spent_usd is not None:
        return job.spent_usd
    return cost_of(job, None, job.spent_gpu_seconds)


def rate_of_bill(job: Job, gpu_count: int) -> Decimal:
    """Return the price of a GPU for an hour that, by seconds and GPUs, makes what was spent.

    Of a job that ran at several prices, or on fewer GPUs for a while, that is their mean.
    """
    rate, seconds = job.hourly_rate_usd, job.spent_gpu_seconds
    by_rate = compute_cost(seconds, hourly_rate_usd=rate, gpu_count=gpu_count)
    if not seconds or abs(spent(job) - by_rate) < _NOTHING:
        return rate
    return stored(
        spent(job) / compute_cost(seconds, hourly_rate_usd=Decimal(1), gpu_count=gpu_count)
    )


def running(ordered: int, reported: int) -> int:
    """Return how many GPUs a worker runs on: as many as were ordered, never more than it has.

    A worker that does not say (0) is taken to have what was ordered.
    """
    return min(ordered, reported) if reported else ordered
