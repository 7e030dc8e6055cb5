"""RunPod's endpoints: what they are set up for, what their workers do, and raising their limit.

Two services: the job API's `/health`, and the management API, REST v2. The second may be refused
or unreachable at any time; nothing here ever stops a job from being dispatched.
Source: docs.runpod.io/api-reference-v2/serverless; a PATCH changes the named fields alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.jobs.execution.endpoint_capacity import (
    Endpoint,
    EndpointScaling,
    Workers,
    must_raise,
)
from brightrun.ports.runpod.jobs import RunPod, ask, manage
from brightrun.ports.runpod.key import REFUSED


def see_endpoint(
    runpod: RunPod, endpoint_id: str, *, now: datetime, wanted_workers: int
) -> Endpoint:
    """Ask RunPod all there is to know of an endpoint, raising its limit where it was lowered."""
    seen = _with_health(runpod, Endpoint(id=endpoint_id, checked_at=now))
    if runpod.management is None:
        return seen
    try:
        configured = _configured(manage(runpod, "GET", f"/serverless/{endpoint_id}"))
        seen = seen.model_copy(update={"configured": configured})
        if configured is not None and must_raise(configured, wanted_workers):
            seen = _raised(runpod, seen, configured, wanted_workers)
        workers = manage(runpod, "GET", f"/serverless/{endpoint_id}/workers").get("summary")
    except (ProviderRefused, ProviderUnavailable) as error:
        return seen.model_copy(update={"problem": str(error)})
    return seen.model_copy(update={"workers": _workers(workers) or seen.workers})


def _with_health(runpod: RunPod, seen: Endpoint) -> Endpoint:
    try:
        health = ask(runpod, f"/{seen.id}/health")
    except ProviderRefused as error:
        refused = error.status_code in REFUSED
        return seen.model_copy(update={"problem": str(error), "refused": refused})
    except ProviderUnavailable as error:
        return seen.model_copy(update={"problem": str(error)})
    jobs = health.get("jobs")
    known = jobs if isinstance(jobs, Mapping) else {}
    return seen.model_copy(
        update={
            "queued": _count(known.get("inQueue")),
            "in_progress": _count(known.get("inProgress")),
            "workers": _workers(health.get("workers")),
        }
    )


def _raised(runpod: RunPod, seen: Endpoint, was: EndpointScaling, wanted: int) -> Endpoint:
    """Raise the limit and read it back: an answer to a PATCH is no proof."""
    path = f"/serverless/{seen.id}"
    manage(runpod, "PATCH", path, json={"workers": {"max": wanted}})
    configured = _configured(manage(runpod, "GET", path))
    if must_raise(configured, was.max_workers + 1):
        return seen.model_copy(update={"problem": "RunPod did not raise the endpoint's limit"})
    return seen.model_copy(
        update={
            "configured": configured,
            "raised_from": was.max_workers,
            "raised_at": seen.checked_at,
        }
    )


def _configured(answer: Mapping[str, Any]) -> EndpointScaling | None:
    workers = answer.get("workers")
    if not isinstance(workers, Mapping):
        return None
    highest = _count(workers.get("max"))
    if highest is None:
        return None
    volumes = answer.get("networkVolumes")
    return EndpointScaling(
        min_workers=_count(workers.get("min")) or 0,
        max_workers=highest,
        idle_seconds=_count(workers.get("idleTimeout")) or 0,
        network_volumes=len(volumes) if isinstance(volumes, list) else 0,
    )


def _workers(answer: object) -> Workers | None:
    """Return the counts of `/health` or of a summary; what `/health` calls ready, idles."""
    if not isinstance(answer, Mapping):
        return None
    counts = {str(name).lower(): _count(value) or 0 for name, value in answer.items()}
    idle = max(counts.get("idle", 0), counts.get("ready", 0) - counts.get("running", 0))
    return Workers.model_validate({**counts, "idle": idle})


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
