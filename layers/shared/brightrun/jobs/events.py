"""The history of a job: one line for each thing that happened to it. Pure."""

from enum import StrEnum

from pydantic import Field

from brightrun.clock import Clock
from brightrun.jobs.record import Job
from brightrun.records import Moment, Record


class EventLevel(StrEnum):
    """How loudly an event speaks."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class JobEvent(Record):
    """One line of a job's history, in order; `type` is stable, `message` is for people.

    Attributes:
        id: sorts by time; makes a repeated write of the same event the same item.
        actor: who caused it: `system`, `worker`, `provider`, or a user id.
    """

    job_id: str
    id: str
    time: Moment
    level: EventLevel = EventLevel.INFO
    type: str
    message: str
    actor: str = "system"
    data: dict[str, str] = Field(default_factory=dict)


def job_event(
    clock: Clock,
    job: Job,
    type_: str,
    message: str,
    *,
    level: EventLevel = EventLevel.INFO,
    actor: str = "system",
    **data: object,
) -> JobEvent:
    """Return one line of a job's history; what is in `data` is kept as text."""
    return JobEvent(
        job_id=job.id,
        id=clock.new_id(),
        time=clock.at,
        level=level,
        type=type_,
        message=message,
        actor=actor,
        data={name: str(value) for name, value in data.items()},
    )
