"""What RunPod says of an endpoint, kept for a minute; one that was lowered is raised again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from aws_lambda_powertools import Logger

from brightrun.jobs.execution.endpoint_capacity import Endpoint, waits_long
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb.endpoints import find_endpoint, save_endpoint
from brightrun.ports.runpod.endpoints import see_endpoint
from brightrun.runtime import Deps
from brightrun.work_loop import Taken

FRESH_SECONDS = 60
AT_ONCE = 8

log = Logger(service="process_jobs")


def look_at_endpoints(deps: Deps, *, dispatching: Sequence[Job], watching: Sequence[Job]) -> Taken:
    """Look at every endpoint that is to be sent a job, or on which one waits for long."""
    if deps.runpod.management is None:
        return Taken()
    wanted = {
        deps.catalog.endpoint(job.gpu_config.type, job.gpu_config.count) for job in dispatching
    }
    slow = {job.endpoint_id for job in watching if waits_long(job, at=deps.now())}
    doubtful = sorted(endpoint_id for endpoint_id in wanted | slow if endpoint_id)
    if not doubtful:
        return Taken()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(partial(_look, deps), doubtful), Taken())


def _look(deps: Deps, endpoint_id: str) -> Taken:
    try:
        refresh_endpoint(deps, endpoint_id)
    except Exception:  # the batch boundary: it must not hinder the dispatch
        log.exception("endpoint not seen", endpoint_id=endpoint_id)
        return Taken(failed=1)
    return Taken()


def refresh_endpoint(deps: Deps, endpoint_id: str) -> Endpoint:
    """Return what is known of an endpoint, asked anew when it is older than a minute.

    One that may have fewer workers than are wanted is raised. Two functions may do this at once:
    the last one to write wins, and both saw the same.
    """
    known = find_endpoint(deps.table, endpoint_id)
    if known is not None and deps.now() - known.checked_at < timedelta(seconds=FRESH_SECONDS):
        return known
    wanted = deps.settings.endpoint_max_workers
    seen = see_endpoint(deps.runpod, endpoint_id, now=deps.now(), wanted_workers=wanted)
    if known is not None and seen.raised_at is None:
        seen = seen.model_copy(
            update={"raised_from": known.raised_from, "raised_at": known.raised_at}
        )
    save_endpoint(deps.table, seen)
    return seen
