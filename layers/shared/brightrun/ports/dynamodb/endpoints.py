"""What was last seen of each GPU endpoint, and what the watchdog found in its newest round."""

from brightrun.clock import Clock
from brightrun.errors import Conflict
from brightrun.jobs.execution.endpoint_capacity import Endpoint
from brightrun.jobs.execution.orphans import ROUND_SECONDS, Findings
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Place
from brightrun.ports.dynamodb.table import Table, find
from brightrun.ports.dynamodb.writes import commit, put
from brightrun.records import iso


def find_endpoint(table: Table, endpoint_id: str) -> Endpoint | None:
    """Return what was last seen of an endpoint, or None."""
    return find(table, keys.endpoint(endpoint_id), Endpoint)


def save_endpoint(table: Table, seen: Endpoint) -> None:
    """Keep what was seen of an endpoint; the last one to look is right."""
    commit(table, [put(table, seen, Place(keys.endpoint(seen.id)))])


def find_findings(table: Table) -> Findings | None:
    """Return what the watchdog's newest round found, or None before the first."""
    return find(table, keys.WATCHDOG, Findings)


def claim_round(table: Table, before: Findings | None, clock: Clock) -> bool:
    """Take the watchdog's next round: the one who moves `next_at` first goes."""
    held = before or Findings(at=clock.at, next_at=clock.at)
    moved = held.model_copy(update={"next_at": clock.after(ROUND_SECONDS)})
    write = put(table, moved, Place(keys.WATCHDOG))
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


def save_findings(table: Table, findings: Findings) -> None:
    """Keep what a round found; only the one who has claimed it writes."""
    commit(table, [put(table, findings, Place(keys.WATCHDOG))])
