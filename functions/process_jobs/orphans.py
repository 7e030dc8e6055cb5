"""Who owns what runs at the provider: its counts against ours, and what idles at a price. Pure."""

from collections.abc import Iterable

from brightrun.clock import Clock
from brightrun.jobs.events import EventLevel, JobEvent
from brightrun.jobs.execution.endpoint_capacity import Endpoint, idle_costs
from brightrun.jobs.execution.orphans import ROUND_SECONDS, EndpointReport, Findings, to_confirm
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.limits import Limits, backoff_seconds
from brightrun.jobs.record import Attempt


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


def findings_of(reports: Iterable[EndpointReport], clock: Clock) -> Findings:
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


def confirmed(
    attempt: Attempt, seen: ProviderRun, clock: Clock
) -> tuple[Attempt, tuple[JobEvent, ...]]:
    """Return the ended attempt with nothing to do, or due again while its run is still there."""
    if seen.state not in {RunState.QUEUED, RunState.RUNNING}:
        return attempt.model_copy(update=_DONE), ()
    message = f"Attempt {attempt.number} is over, but RunPod still has its run; it was cancelled"
    again = attempt.model_copy(update={**to_confirm(attempt, clock), "tries": 0})
    return again, (_event(attempt, clock, "attempt.orphaned", message),)


def not_confirmed(
    attempt: Attempt, clock: Clock, limits: Limits, *, why: str
) -> tuple[Attempt, tuple[JobEvent, ...]]:
    """Return the ended attempt due again, or given up when its run cannot be there any more."""
    if may_be_given_up(attempt, clock, limits):
        message = f"RunPod could not be asked whether attempt {attempt.number} is gone: {why}"
        return attempt.model_copy(update=_DONE), (
            _event(attempt, clock, "attempt.unconfirmed", message),
        )
    later = clock.after(backoff_seconds(attempt.tries))
    return attempt.model_copy(update={"due_at": later}), ()


def may_be_given_up(attempt: Attempt, clock: Clock, limits: Limits) -> bool:
    """Return whether RunPod has removed the attempt's run by now, by its `ttl`."""
    age_seconds = (clock.at - attempt.created_at).total_seconds()
    return attempt.tries >= limits.max_provider_failures and age_seconds > limits.run_ttl_seconds


_DONE = {"work": None, "due_at": None, "tries": 0}


def _event(attempt: Attempt, clock: Clock, type_: str, message: str) -> JobEvent:
    return JobEvent(
        job_id=attempt.job_id,
        id=clock.new_id(),
        time=clock.at,
        level=EventLevel.WARNING,
        type=type_,
        message=message,
        data={"run_id": attempt.external_job_id or ""},
    )
