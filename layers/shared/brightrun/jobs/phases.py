"""The stages of a job one after another: how long each took and what it cost. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from brightrun.jobs.record import Job, Phase
from brightrun.money import stored
from brightrun.training.protocol import Stage

MOST_PHASES = 120
"""A job that was tried and paused often keeps its newest ones."""
ON_GPU = frozenset(
    {
        Stage.DOWNLOADING_DATASET,
        Stage.LOADING_MODEL,
        Stage.TRAINING,
        Stage.EVALUATING,
        Stage.SAVING,
        Stage.UPLOADING,
    }
)


@dataclass(frozen=True)
class AttemptBill:
    """What one attempt was billed, to be shared among its phases."""

    attempt: int
    cost: Decimal


def entered(
    job: Job, stage: Stage, at: datetime, *, attempt: int | None = None
) -> tuple[Phase, ...]:
    """Return the job's phases with this stage begun; the same stage again changes nothing."""
    number = job.attempt if attempt is None else attempt
    newest = job.phases[-1] if job.phases else None
    if newest and newest.ended_at is None and (newest.stage, newest.attempt) == (stage, number):
        return job.phases
    begun = Phase(stage=stage, attempt=number, started_at=at)
    return (*ended(job, at), begun)[-MOST_PHASES:]


def ended(job: Job, at: datetime) -> tuple[Phase, ...]:
    """Return the job's phases with the open one closed."""
    if not job.phases or job.phases[-1].ended_at is not None:
        return job.phases
    return (*job.phases[:-1], job.phases[-1].model_copy(update={"ended_at": at}))


def billed(job: Job, at: datetime, bill: AttemptBill) -> tuple[Phase, ...]:
    """Return the phases with an attempt's bill shared among those it held a GPU in, by time.

    What was billed without a word from its worker stands at the attempt's last phase.
    """
    closed = ended(job, at)
    mine = [p for p in closed if p.attempt == bill.attempt and p.stage in ON_GPU]
    whole = sum(map(seconds_of, mine))
    if not whole:
        return _at_the_last(closed, bill)
    return tuple(
        phase.model_copy(
            update={"cost": stored(bill.cost * Decimal(repr(seconds_of(phase) / whole)))}
        )
        if phase in mine
        else phase
        for phase in closed
    )


def _at_the_last(phases: tuple[Phase, ...], bill: AttemptBill) -> tuple[Phase, ...]:
    places = [place for place, phase in enumerate(phases) if phase.attempt == bill.attempt]
    if not places or not bill.cost:
        return phases
    last = phases[places[-1]].model_copy(update={"cost": stored(bill.cost)})
    return (*phases[: places[-1]], last, *phases[places[-1] + 1 :])


def seconds_of(phase: Phase, now: datetime | None = None) -> float:
    """Return how long a phase took; an open one, until now."""
    until = phase.ended_at or now
    return max(0.0, (until - phase.started_at).total_seconds()) if until else 0.0
