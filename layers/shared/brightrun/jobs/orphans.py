"""Who owns what runs at the provider: its counts against ours, and what idles at a price. Pure.

An endpoint belongs to one stage; whatever runs there and is not ours is nobody's.
"""

from collections.abc import Iterable

from brightrun.clock import Clock
from brightrun.jobs.endpoint_capacity import Endpoint, idle_costs
from brightrun.jobs.provider import ProviderRun, RunState
from brightrun.jobs.record import Attempt, EventLevel, JobEvent
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


def compared(endpoint: Endpoint, ours: int, before: Findings | None) -> EndpointReport:
    """Return the endpoint beside what we know to be ours.

    A job on its way there or back is counted by one side alone for a moment, so a surplus is
    an orphan only when the round before saw it too.
    """
    runs = (endpoint.queued or 0) + (endpoint.in_progress or 0)
    busy = endpoint.workers.running if endpoint.workers else 0
    surplus = max(0, max(runs, busy) - ours)
    known = before.endpoints if before else ()
    earlier = next((report.surplus for report in known if report.endpoint.id == endpoint.id), 0)
    return EndpointReport(
        endpoint=endpoint, ours=ours, surplus=surplus, orphans=min(surplus, earlier)
    )


def found(reports: Iterable[EndpointReport], clock: Clock) -> Findings:
    """Return the whole round, with what costs money although nothing runs."""
    endpoints = tuple(reports)
    idle = [text for report in endpoints for text in _idle(report)]
    return Findings(
        at=clock.at,
        next_at=clock.after(ROUND_SECONDS),
        endpoints=endpoints,
        idle_costs=tuple(idle),
    )


def _idle(report: EndpointReport) -> Iterable[str]:
    yield from idle_costs(report.endpoint)
    workers = report.endpoint.workers
    if workers is not None and workers.idle and not report.ours:
        yield f"{report.endpoint.id}: {workers.idle} workers idle though no job runs there"


def to_confirm(attempt: Attempt, clock: Clock) -> dict[str, object]:
    """Return the fields that have an ended attempt's run looked for once more."""
    if attempt.external_job_id is None:
        return {}
    work = work_of(Work.CONFIRM, attempt.job_id)
    return {"work": work, "due_at": clock.after(CONFIRM_SECONDS)}


def confirmed(
    attempt: Attempt, seen: ProviderRun, clock: Clock
) -> tuple[Attempt, tuple[JobEvent, ...]]:
    """Return the ended attempt with nothing to do, or due again while its run is still there."""
    if seen.state not in {RunState.QUEUED, RunState.RUNNING}:
        return attempt.model_copy(update={"work": None, "due_at": None}), ()
    told = JobEvent(
        job_id=attempt.job_id,
        id=clock.new_id(),
        time=clock.at,
        level=EventLevel.WARNING,
        type="attempt.orphaned",
        message=f"Attempt {attempt.number} is over, but RunPod still has its run; it was cancelled",
        data={"run_id": attempt.external_job_id or ""},
    )
    return attempt.model_copy(update=to_confirm(attempt, clock)), (told,)
