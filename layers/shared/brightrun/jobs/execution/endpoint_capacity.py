"""What a provider's endpoint can do, why a job waits in its queue, and what idles at a price. Pure.

RunPod lowers `workers.max` of an endpoint nobody uses: to 2 after three days, to 0 after a week,
and there it stays. Source: docs.runpod.io, endpoint configurations, "Idle endpoint scale-down".
"""

from datetime import datetime

from brightrun.clock import Clock
from brightrun.jobs.events import EventLevel, JobEvent, job_event
from brightrun.jobs.record import Job
from brightrun.records import Moment, Record
from brightrun.training.protocol import Stage

CRASH_LOOP_SECONDS = 900
"""Workers that crash so long after a job was sent will not get well by waiting."""
SLOW_QUEUE_SECONDS = 300
"""A job that waits longer for a GPU is told why."""
_LONG_IDLE_SECONDS = 60
KEY_REFUSED = "RunPod refuses our API key"


class Workers(Record):
    """How many workers an endpoint has, by what they do."""

    running: int = 0
    idle: int = 0
    initializing: int = 0
    throttled: int = 0
    unhealthy: int = 0


class EndpointScaling(Record):
    """How an endpoint is set up at the provider."""

    min_workers: int = 0
    max_workers: int
    idle_seconds: int = 0
    network_volumes: int = 0


class Endpoint(Record):
    """What was last seen of one endpoint; null where the provider did not say.

    Attributes:
        queued, in_progress: runs of the whole account on it, ours or not.
        raised_from: what `workers.max` was before we raised it, at `raised_at`.
        problem: what could not be asked or done.
        refused: whether the provider refused our key.
    """

    id: str
    checked_at: Moment
    queued: int | None = None
    in_progress: int | None = None
    workers: Workers | None = None
    configured: EndpointScaling | None = None
    raised_from: int | None = None
    raised_at: Moment | None = None
    problem: str | None = None
    refused: bool = False


def waits_long(job: Job, *, at: datetime) -> bool:
    """Return whether a job has waited so long in RunPod's queue that its endpoint is in doubt."""
    waited = (at - job.updated_at).total_seconds()
    return job.current_stage is Stage.QUEUED_ON_GPU and waited >= SLOW_QUEUE_SECONDS


def must_raise(configured: EndpointScaling | None, wanted: int) -> bool:
    """Return whether the endpoint may have fewer workers than it should; 0 wanted means: as is."""
    return configured is not None and configured.max_workers < wanted


def is_crash_loop(endpoint: Endpoint | None) -> bool:
    """Return whether the endpoint's workers end before they take a job."""
    workers = endpoint.workers if endpoint is not None else None
    return workers is not None and workers.unhealthy > 0 and not workers.running


def why_waiting(endpoint: Endpoint | None) -> str | None:
    """Return why a run waits in the endpoint's queue, in words a user can act on, if known."""
    if endpoint is None:
        return None
    if endpoint.refused:
        return KEY_REFUSED
    configured = endpoint.configured
    if configured is not None and configured.max_workers == 0:
        return "The endpoint is scaled to zero: RunPod allows it no workers"
    workers = endpoint.workers
    return None if workers is None else _why(workers, endpoint)


def _why(workers: Workers, endpoint: Endpoint) -> str:
    if is_crash_loop(endpoint):
        return f"Crash loop: {workers.unhealthy} workers are unhealthy, their image does not start"
    if workers.initializing:
        return "Cold start: a worker is starting; the first start pulls the whole image"
    if workers.throttled:
        return "No capacity: RunPod has no free GPU of this kind just now"
    configured = endpoint.configured
    if configured is not None and workers.running >= configured.max_workers:
        return f"All {configured.max_workers} workers of the endpoint are busy with other jobs"
    if workers.idle:
        return "A worker idles but has not taken the job yet"
    return "No capacity: RunPod has not started a worker yet"


def endpoint_notes(
    endpoint: Endpoint | None, job: Job, clock: Clock, *, within_seconds: float
) -> tuple[JobEvent, ...]:
    """Return what a job's history should say of its endpoint when it is dispatched."""
    if endpoint is None:
        return ()
    raised = endpoint.raised_at
    if raised is not None and (clock.at - raised).total_seconds() <= within_seconds:
        now = endpoint.configured.max_workers if endpoint.configured else "more"
        message = f"RunPod had lowered the endpoint to {endpoint.raised_from} workers; it has {now}"
        return (job_event(clock, job, "endpoint.raised", message, endpoint=endpoint.id),)
    if endpoint.configured is not None and endpoint.configured.max_workers == 0:
        event = job_event(
clock, job, "endpoint.scaled_to_zero", f"{why_waiting(endpoint)}. {endpoint.problem or ''}",
            level=EventLevel.WARNING, endpoint=endpoint.id,
        )  # fmt: skip
        return (event,)
    return ()


def idle_costs(endpoint: Endpoint) -> tuple[str, ...]:
    """Return what of this endpoint costs money while no job runs, in words."""
    found: list[str] = []
    configured = endpoint.configured
    if configured is not None and configured.min_workers > 0:
        found.append(f"{configured.min_workers} workers are always on (workers.min)")
    if configured is not None and configured.network_volumes > 0:
        found.append(f"{configured.network_volumes} network volumes are rented by the month")
    if configured is not None and configured.idle_seconds > _LONG_IDLE_SECONDS:
        found.append(f"a worker idles for {configured.idle_seconds} s after each job")
    return tuple(f"{endpoint.id}: {what}" for what in found)
