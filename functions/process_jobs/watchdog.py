"""The watchdog: the provider's runs and workers against ours, every ten minutes.

It stops runs of attempts that are over, and reports what it may not stop: runs whose id nobody
knows, and what costs money while nothing runs. It hinders no job.
"""

from functools import partial

from aws_lambda_powertools import Logger

from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.jobs.execution.orphans import Findings
from brightrun.jobs.record import Attempt
from brightrun.ports.dynamodb.endpoints import (
    claim_round,
    find_findings,
    save_endpoint,
    save_findings,
)
from brightrun.ports.dynamodb.jobs import save_attempt
from brightrun.ports.dynamodb.work_queue import watched_by_endpoint
from brightrun.ports.runpod.endpoints import see_endpoint
from brightrun.ports.runpod.jobs import cancel_run, see_run
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import Taken, Task, take_due
from functions.process_jobs.orphans import (
    compared,
    confirmed,
    findings_of,
    may_be_given_up,
    not_confirmed,
)
from functions.process_jobs.steps import note_wrong_key

LEASE_SECONDS = 300

log = Logger(service="process_jobs")


def confirm_due(deps: Deps) -> Taken:
    """Look once more for runs of attempts that are over, and cancel those still there.

    Safe to run twice: cancelling a run twice is harmless, and each attempt is claimed.
    """
    task = Task(
        kind=Work.CONFIRM,
        record=Attempt,
        step=partial(confirm, deps),
        failed=partial(note_failure, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=deps.limits.max_provider_failures,
        may_end=lambda attempt: may_be_given_up(attempt, deps.clock(), deps.limits),
    )
    return take_due(deps.table, task, now=deps.now)


def confirm(deps: Deps, attempt: Attempt) -> None:
    """Ask RunPod for one run that should be gone, and cancel it if it is not."""
    endpoint_id, run_id = attempt.endpoint_id, attempt.external_job_id or ""
    try:
        seen = see_run(deps.runpod, endpoint_id, run_id)
        after, events = confirmed(attempt, seen, deps.clock())
        if events:
            cancel_run(deps.runpod, endpoint_id, run_id)
    except (ProviderRefused, ProviderUnavailable) as error:
        note_failure(deps, attempt, error)
        return
    save_attempt(deps.table, attempt, after, events)


def note_failure(deps: Deps, attempt: Attempt, error: Exception) -> None:
    """Ask again later; a run that can exist no longer is given up."""
    after, events = not_confirmed(attempt, deps.clock(), deps.limits, why=str(error))
    save_attempt(deps.table, attempt, after, events)


def look_for_orphans(deps: Deps) -> Taken:
    """Compare RunPod's runs and workers with our jobs; an orphan is an error in the log."""
    if deps.runpod.management is None:
        return Taken()
    findings = go_round(deps)
    if findings is not None and findings.orphans:
        log.error("orphans", findings=findings.model_dump(mode="json"))
    elif findings is not None:
        log.info("watchdog", idle_costs=findings.idle_costs)
    return Taken()


def go_round(deps: Deps) -> Findings | None:
    """Compare every endpoint with our own jobs; None when it is not time, or another does it."""
    clock = deps.clock()
    before = find_findings(deps.table)
    if before is not None and before.next_at > clock.at:
        return None
    if not claim_round(deps.table, before, clock):
        return None
    ours = watched_by_endpoint(deps.table)
    wanted = deps.settings.endpoint_max_workers
    ids = {id_ for counts in deps.catalog.endpoints.values() for id_ in counts.values()}
    seen = [
        see_endpoint(deps.runpod, endpoint_id, now=clock.at, wanted_workers=wanted)
        for endpoint_id in sorted(ids)
    ]
    for endpoint in seen:
        save_endpoint(deps.table, endpoint)
    if any(endpoint.refused for endpoint in seen):
        note_wrong_key(deps)
    findings = findings_of([compared(e, ours[e.id], before) for e in seen], clock)
    save_findings(deps.table, findings)
    return findings
