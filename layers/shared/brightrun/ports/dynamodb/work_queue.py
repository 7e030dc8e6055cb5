"""The work index: a queue of what is due, in the table itself.

An item that needs something done carries `work` (kind and shard) and `due_at`. A function asks
for due items, oldest first, and claims each; a crash leaves the item to become due again.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from brightrun.errors import Conflict
from brightrun.ports.dynamodb.items import record_of
from brightrun.ports.dynamodb.set_aside import set_aside
from brightrun.ports.dynamodb.table import Table, counted_by
from brightrun.ports.dynamodb.writes import commit, replace
from brightrun.records import iso
from brightrun.work import Work, WorkItem, partitions_of

W = TypeVar("W", bound=WorkItem)


def due(table: Table, kind: Work, record: type[W], *, now: datetime, limit: int) -> Iterator[W]:
    """Yield items whose time has come, at most `limit` per shard, oldest first.

    The index is eventually consistent: an item may be listed that was just finished. `claim`
    decides. One that cannot be read is set aside, and the others go on.
    """
    for partition in partitions_of(kind):
        answer = table.client.query(
            TableName=table.name,
            IndexName="work",
            KeyConditionExpression="#work = :work AND #due <= :now",
            ExpressionAttributeNames={"#work": "work", "#due": "due_at"},
            ExpressionAttributeValues={":work": str(partition), ":now": iso(now)},
            Limit=limit,
        )
        for item in answer["Items"]:
            try:
                yield record_of(item, record)
            except ValueError as error:
                set_aside(table, item, now=now, why=str(error))


def claim(
    table: Table, item: W, *, now: datetime, lease_seconds: float, is_try: bool = True
) -> W | None:
    """Return the item one version later and not due before the lease ends, or None.

    None means somebody else took it, or it changed: skip it. Whoever holds an older version
    can write nothing any more.

    Args:
        is_try: whether a step will be taken; it is counted here, before it can kill anybody.
    """
    held = item.model_copy(
        update={
            "due_at": now + timedelta(seconds=lease_seconds),
            "tries": item.tries + is_try,
        }
    )
    try:
        commit(table, [replace(table, item, held)])
    except Conflict:
        return None
    return held.model_copy(update={"version": item.version + 1})


def next_due(table: Table, kinds: tuple[Work, ...], *, until: datetime) -> datetime | None:
    """Return when the next step of these kinds is due, if that is before `until`."""
    found: list[datetime] = []
    for partition in (partition for kind in kinds for partition in partitions_of(kind)):
        answer = table.client.query(
            TableName=table.name,
            IndexName="work",
            KeyConditionExpression="#work = :work AND #due <= :until",
            ExpressionAttributeNames={"#work": "work", "#due": "due_at"},
            ExpressionAttributeValues={":work": str(partition), ":until": iso(until)},
            Limit=1,
        )
        found += [datetime.fromisoformat(str(item["due_at"])) for item in answer["Items"]]
    return min(found, default=None)


def watched_by_endpoint(table: Table) -> Counter[str]:
    """Return how many jobs are with the GPU provider, by endpoint, due or not."""
    return counted_by(table, "endpoint_id", map(str, partitions_of(Work.WATCH)))
