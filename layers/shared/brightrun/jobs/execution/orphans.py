"""What the watchdog reports of GPU endpoints, and when a lost run is looked for again. Pure.

An endpoint belongs to one stage; whatever runs there and is not ours is nobody's.
"""

from brightrun.clock import Clock
from brightrun.jobs.execution.endpoint_capacity import Endpoint
from brightrun.jobs.record import Attempt
from brightrun.records import Moment, Record
from brightrun.work import Work, work_of

ROUND_SECONDS = 600
CONFIRM_SECONDS = 300
"""When an attempt whose run vanished is asked for once more, and again while it is there."""


class EndpointReport(Record):
    """One endpoint, compared.

    Attributes:
        ours: jobs of ours that are with the provider there.
        surplus: runs or busy workers beyond ours, at this moment.
        orphans: how many of them were there in the round before, too.
    """

    endpoint: Endpoint
    ours: int
    surplus: int
    orphans: int


class Findings(Record):
    """What one round of the watchdog found."""

    at: Moment
    next_at: Moment
    endpoints: tuple[EndpointReport, ...] = ()
    idle_costs: tuple[str, ...] = ()

    @property
    def orphans(self) -> int:
        """How many runs belong to nobody, everywhere."""
        return sum(report.orphans for report in self.endpoints)


def to_confirm(attempt: Attempt, clock: Clock) -> dict[str, object]:
    """Return the fields that have an ended attempt's run looked for once more."""
    if attempt.external_job_id is None:
        return {}
    work = work_of(Work.CONFIRM, attempt.job_id)
    return {"work": work, "due_at": clock.after(CONFIRM_SECONDS)}
