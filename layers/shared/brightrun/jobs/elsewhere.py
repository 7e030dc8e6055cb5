"""A job whose GPU type has no capacity goes on with the next of its order. Pure."""

from brightrun.clock import Clock
from brightrun.jobs.change import Change
from brightrun.jobs.events import EventLevel, job_event
from brightrun.jobs.lifecycle import advance
from brightrun.jobs.phases import entered
from brightrun.jobs.record import Job, JobStatus
from brightrun.money import shown
from brightrun.training.configuration import GpuConfig
from brightrun.training.protocol import Stage
from brightrun.work import Work, work_of


def may_go_elsewhere(job: Job) -> bool:
    """Return whether another GPU type was named, with a price."""
    others = job.gpu_config.alternatives
    return bool(others) and others[0] in job.alternative_rates


def _priced(job: Job, wanted: str) -> dict[str, object]:
    """Return price, estimate and, where nobody named one, budget of another type of the order."""
    rate, price = job.alternative_rates[wanted], job.alternative_prices.get(wanted)
    if price is None:  # a job of an earlier version knows the rate alone
        return {"hourly_rate_usd": rate}
    return {
        "hourly_rate_usd": rate,
        "estimated_total_cost": price.total,
        "estimated_cost_low": price.low,
        "estimated_cost_high": price.high,
        "max_cost": price.default_budget if job.has_default_budget else job.max_cost,
    }


def go_elsewhere(change: Change, clock: Clock) -> Change:
    """Return the job queued for the next type of its order; no attempt is used up by waiting.

    Its price and what its budget allows are those of the new type from here on.
    """
    job = change.after.job
    wanted, rest = job.gpu_config.alternatives[0], job.gpu_config.alternatives[1:]
    rate = job.alternative_rates[wanted]
    count = job.gpu_config.count
    known = f" ({job.stop.detail})" if job.stop and job.stop.detail else ""
    message = (
        f"No {count}x {job.gpu_config.type} took it for too long{known}: "
        f"it is sent to {count}x {wanted}, at {shown(rate * count)} USD an hour"
    )
    return change.with_job(
        **_priced(job, wanted),
        status=advance(job, JobStatus.QUEUED, at=clock.at).status,
        stop=None,
        gpu_config=GpuConfig(type=wanted, count=count, alternatives=rest),
        spared_attempts=job.spared_attempts + 1,
        current_stage=Stage.QUEUED,
        phases=entered(job, Stage.QUEUED, clock.at),
        external_job_id=None,
        last_error=None,
        work=work_of(Work.DISPATCH, job.id),
        due_at=clock.at,
        updated_at=clock.at,
    ).with_events(job_event(clock, job, "job.elsewhere", message, level=EventLevel.WARNING))
