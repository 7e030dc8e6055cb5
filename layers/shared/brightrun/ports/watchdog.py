"""The watchdog's rounds: the provider's runs and workers against ours, every ten minutes.

It stops runs of attempts that are over, and reports what it may not stop: runs whose id nobody
knows, and what costs money while nothing runs. It hinders no job.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from brightrun.clock import Clock
from brightrun.errors import Conflict, ProviderRefused, ProviderUnavailable
from brightrun.jobs.orphans import ROUND_SECONDS, Findings, compared, confirmed, found
from brightrun.jobs.record import Attempt
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Table, counted_by, find
from brightrun.ports.dynamodb.work_queue import claim, due
from brightrun.ports.dynamodb.writes import commit, put, replace
from brightrun.ports.runpod.endpoints import save_endpoint, see_endpoint
from brightrun.ports.runpod.jobs import RunPod, cancel_run, see_run
from brightrun.records import iso
from brightrun.work import SHARDS, Work

_LEASE_SECONDS = 300
_PER_SHARD = 50
_EVENT_LIFE = timedelta(days=365)


def confirm_due(table: Table, runpod: RunPod, clock: Clock) -> int:
    """Look once more for runs of attempts that are over, and cancel those still there.

    Safe to run twice: cancelling a run twice is harmless, and each attempt is claimed.
    """
    looked = 0
    for attempt in due(table, Work.CONFIRM, Attempt, now=clock.at, limit=_PER_SHARD):
        held = claim(table, attempt, now=clock.at, lease_seconds=_LEASE_SECONDS)
        if held is not None:
            _confirm(table, runpod, held, clock)
            looked += 1
    return looked


def _confirm(table: Table, runpod: RunPod, attempt: Attempt, clock: Clock) -> None:
    endpoint_id, run_id = attempt.endpoint_id, attempt.external_job_id or ""
    try:
        seen = see_run(runpod, endpoint_id, run_id)
        after, told = confirmed(attempt, seen, clock)
        if told:
            cancel_run(runpod, endpoint_id, run_id)
    except (ProviderRefused, ProviderUnavailable):
        # The claim's lease brings it back.
        return
    expires_at = keys.expiry(clock.at + _EVENT_LIFE)
    events = [put(table, event, keys.place(event), expires_at=expires_at) for event in told]
    commit(table, [replace(table, attempt, after), *events])


def find_findings(table: Table) -> Findings | None:
    """Return what the newest round found, or None before the first."""
    return find(table, keys.WATCHDOG, Findings)


def go_round(
    table: Table,
    runpod: RunPod,
    endpoint_ids: Iterable[str],
    clock: Clock,
    *,
    wanted_workers: int,
) -> Findings | None:
    """Compare every endpoint with our own jobs; None when it is not time, or another does it."""
    before = find_findings(table)
    if before is not None and before.next_at > clock.at:
        return None
    if not _claimed(table, before, clock):
        return None
    ours = active_by_endpoint(table)
    seen = [
        see_endpoint(runpod, endpoint_id, now=clock.at, wanted_workers=wanted_workers)
        for endpoint_id in sorted(set(endpoint_ids))
    ]
    for endpoint in seen:
        save_endpoint(table, endpoint)
    findings = found([compared(e, ours[e.id], before) for e in seen], clock)
    commit(table, [put(table, findings, keys.Place(keys.WATCHDOG))])
    return findings


def _claimed(table: Table, before: Findings | None, clock: Clock) -> bool:
    """Take this round: the one who moves `next_at` first goes."""
    held = before or Findings(at=clock.at, next_at=clock.at)
    moved = held.model_copy(update={"next_at": clock.after(ROUND_SECONDS)})
    write = put(table, moved, keys.Place(keys.WATCHDOG))
    write["Put"] |= {
        "ConditionExpression": "attribute_not_exists(#next) OR #next <= :now",
        "ExpressionAttributeNames": {"#next": "next_at"},
        "ExpressionAttributeValues": {":now": iso(clock.at)},
    }
    try:
        commit(table, [write])
    except Conflict:
        return False
    return True


def active_by_endpoint(table: Table) -> Counter[str]:
    """Return how many of our jobs are with the provider, by endpoint."""
    partitions = [f"{Work.WATCH}#{shard}" for shard in range(SHARDS)]
    return counted_by(table, "endpoint_id", partitions)
