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


def go_elsewhere(change: Change, clock: Clock) -> Change:
    """Return the job queued for the next type of its order; no attempt is used up by waiting.

    Its price and what its budget allows are those of the new type from here on.
    """
    job = change.after.job
    wanted, rest = job.gpu_config.alternatives[0], job.gpu_config.alternatives[1:]
    rate = job.alternative_rates[wanted]
    count = job.gpu_config.count
    message = (
        f"No {count}x {job.gpu_config.type} was free for too long: "
        f"it is sent to {count}x {wanted}, at {shown(rate * count)} USD an hour"
    )
    return change.with_job(
        status=advance(job, JobStatus.QUEUED, at=clock.at).status,
        stop=None,
        gpu_config=GpuConfig(type=wanted, count=count, alternatives=rest),
        hourly_rate_usd=rate,
        spared_attempts=job.spared_attempts + 1,
        current_stage=Stage.QUEUED,
        phases=entered(job, Stage.QUEUED, clock.at),
        external_job_id=None,
        last_error=None,
        work=work_of(Work.DISPATCH, job.id),
        due_at=clock.at,
        updated_at=clock.at,
    ).with_events(job_event(clock, job, "job.elsewhere", message, level=EventLevel.WARNING))
