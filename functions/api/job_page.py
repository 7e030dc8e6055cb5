"""A job and what is told of it: its page, its log. Reads only."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from brightrun.envelope import MAX_PAGE_SIZE, PageRequest
from brightrun.jobs.change import JobState
from brightrun.jobs.curve import thinned
from brightrun.jobs.events import EventLevel, JobEvent
from brightrun.jobs.execution.waiting import gives_up_at
from brightrun.jobs.metrics_view import MetricsPoint, metrics_point
from brightrun.jobs.record import Job
from brightrun.jobs.view import (
    AttemptView,
    CostView,
    JobView,
    PhaseView,
    attempt_view,
    cost_view,
    job_view,
    phase_views,
)
from brightrun.plain_text import escaped
from brightrun.ports.dynamodb import job_history
from brightrun.ports.dynamodb.accounts.costs import costs_of_job
from brightrun.records import DeferredModel, iso
from brightrun.runtime import Deps
from brightrun.training.protocol import Point
from functions.api.long_answers import as_much_as_fits

_NEWEST_EVENTS = 50


class JobPage(DeferredModel):
    """A job and all that is known of it.

    Attributes:
        phases: its stages one after another, each with time and cost.
        metrics: in the order of steps: the newest 100, or the whole run thinned out.
        events: the newest 50, newest first; `/logs` has them all.
    """

    job: JobView
    phases: tuple[PhaseView, ...]
    metrics: tuple[MetricsPoint, ...]
    cost_records: tuple[CostView, ...]
    attempts: tuple[AttemptView, ...]
    events: tuple[JobEvent, ...]


class LogQuery(DeferredModel):
    """Which lines; `type=attempt` keeps those whose type begins so."""

    format: Literal["json", "text"] = "json"
    order: Literal["oldest", "newest"] = "oldest"
    level: EventLevel | None = None
    type: Annotated[str, Field(max_length=100)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 100
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class Logs(DeferredModel):
    """One page of a job's story; `cursor` leads on."""

    events: tuple[JobEvent, ...]
    cursor: str | None


@dataclass(frozen=True)
class CurveQuery:
    """Which points: at most so many of the whole run, those after a step, or the newest."""

    resolution: int | None = None
    since_step: int | None = None


def _points(deps: Deps, job: Job, curve: CurveQuery) -> list[Point]:
    if curve.resolution is None and curve.since_step is None:
        return job_history.newest_points(deps.table, job.id)
    after = curve.since_step if curve.since_step is not None else -1
    points = [p for p in job_history.whole_curve(deps.table, job.id) if p.step > after]
    return points if curve.resolution is None else thinned(points, curve.resolution)


def _line(event: JobEvent) -> str:
    who = f"{event.level.upper():7} {event.actor:10}"
    # what a worker says must not look like a line of ours
    return f"{iso(event.time)} {who} {event.type}: {escaped(event.message)}\n"


def job_page(deps: Deps, state: JobState, curve: CurveQuery) -> JobPage:
    """Return all that a job's page shows; `resolution` thins out the whole curve."""
    table, job = deps.table, state.job
    points = _points(deps, job, curve)
    newest = PageRequest(limit=_NEWEST_EVENTS)
    told = job_history.newest_events(table, job.id, newest, job_history.EventFilter())
    return JobPage(
        job=job_view(job).model_copy(update={"gives_up_at": gives_up_at(state, deps.limits)}),
        phases=phase_views(job, deps.now()),
        metrics=tuple(map(metrics_point, points)),
        cost_records=tuple(cost_view(cost) for cost in costs_of_job(table, job)),
        attempts=tuple(attempt_view(attempt) for attempt in job_history.attempts(table, job.id)),
        events=told.records,
    )


def log_page(deps: Deps, job_id: str, query: LogQuery) -> Logs:
    """Return one page of what happened to a job."""
    wanted = job_history.EventFilter(query.level, query.type)
    page = PageRequest(limit=query.limit, cursor=query.cursor)
    read = job_history.events if query.order == "oldest" else job_history.newest_events
    found = read(deps.table, job_id, page, wanted)
    return Logs(events=found.records, cursor=found.cursor)


def log_text(deps: Deps, job_id: str, query: LogQuery) -> str:
    """Return everything that happened to a job, a line each."""
    wanted = job_history.EventFilter(query.level, query.type)
    events = job_history.all_events(deps.table, job_id, wanted)
    return as_much_as_fits(_line(event) for event in events)
