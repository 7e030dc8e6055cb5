"""What a job tells of itself: its events with the points of its curve, and its checkpoints."""

from datetime import datetime

from aws_lambda_powertools.event_handler.api_gateway import Router

from brightrun.jobs.record import Job
from brightrun.openai.objects import checkpoint_of, event_of, listed
from brightrun.openai.objects import metrics_of as metrics_event
from brightrun.openai.shapes import Checkpoint, Event, Listed
from brightrun.ports.dynamodb import job_history, keys
from brightrun.ports.dynamodb.table import find
from brightrun.runtime import Deps
from brightrun.training.protocol import Point
from functions.api.dependencies import Owner, Wires
from functions.api.openai.jobs import JobId, job_named
from functions.api.openai.paging import After, Limit, at_most

router = Router()  # type: ignore[no-untyped-call]
_EVENTS, _CHECKPOINTS = 20, 10


@router.get("/v1/fine_tuning/jobs/<job_id>/events")
def list_events(
    deps: Wires, user_id: Owner, job_id: JobId, after: After = None, limit: Limit = None
) -> Listed[Event]:
    """List a job's events, newest first, a metrics event for each point of its curve."""
    story = _events(deps, job_named(deps, user_id, job_id))
    return _page(story, after, at_most(limit, _EVENTS))


def _events(deps: Deps, job: Job) -> list[Event]:
    """Return everything in the order of time: two lists with keys of their own, laid together."""
    told = job_history.all_events(deps.table, job.id, job_history.EventFilter())
    dated: list[tuple[datetime, int, Event]] = [(e.time, 0, event_of(e)) for e in told]
    curve = job_history.whole_curve(deps.table, job.id)
    dated += [(point.timestamp, point.step, metrics_event(point, job)) for point in curve]
    dated.sort(key=lambda each: (*each[:2], each[2].id), reverse=True)
    return [event for *_, event in dated]


def _page(story: list[Event], after: str | None, limit: int) -> Listed[Event]:
    begins = 0
    if after is not None:
        places = {event.id: place for place, event in enumerate(story, start=1)}
        begins = places.get(after, len(story))
    shown = story[begins : begins + limit]
    more = begins + limit < len(story)
    return listed(shown, [event.id for event in shown], has_more=more)


@router.get("/v1/fine_tuning/jobs/<job_id>/checkpoints")
def list_checkpoints(
    deps: Wires, user_id: Owner, job_id: JobId, after: After = None, limit: Limit = None
) -> Listed[Checkpoint]:
    """List what is kept: the newest resumable state, or of a completed job its model."""
    kept = _kept(deps, job_named(deps, user_id, job_id))
    shown = [] if after is not None else kept[: at_most(limit, _CHECKPOINTS)]
    return listed(shown, [checkpoint.id for checkpoint in shown], has_more=False)


def _kept(deps: Deps, job: Job) -> list[Checkpoint]:
    step = job.checkpoint.step if job.checkpoint and job.checkpoint.job_id == job.id else None
    if job.artifact_id is not None:
        step = job.current_step
    if step is None:
        return []
    return [checkpoint_of(job, step, find(deps.table, keys.point(job.id, step), Point))]
