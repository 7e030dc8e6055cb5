"""The work index: one mechanism for every background step.

An item that needs something done carries `work` (kind and shard) and `due_at`. A function asks
for due items, oldest first, and claims each; a crash leaves the item to become due again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from brightrun.accounts.budget import MonthSpend
from brightrun.accounts.notification_delivery import Delivery
from brightrun.datasets.record import Dataset
from brightrun.errors import Conflict
from brightrun.jobs.record import Attempt, Job
from brightrun.ports.dynamodb.items import record_of
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.dynamodb.writes import commit, replace
from brightrun.records import iso
from brightrun.work import SHARDS, Work

W = TypeVar("W", Dataset, Job, Attempt, MonthSpend, Delivery)


def due(table: Table, kind: Work, record: type[W], *, now: datetime, limit: int) -> Iterator[W]:
    """Yield items whose time has come, at most `limit` per shard, oldest first.

    The index is eventually consistent: an item may be listed that was just finished. `claim`
    decides.
    """
    for shard in range(SHARDS):
        answer = table.client.query(
            TableName=table.name,
            IndexName="work",
            KeyConditionExpression="#work = :work AND #due <= :now",
            ExpressionAttributeNames={"#work": "work", "#due": "due_at"},
            ExpressionAttributeValues={":work": f"{kind}#{shard}", ":now": iso(now)},
            Limit=limit,
        )
        yield from (record_of(item, record) for item in answer["Items"])


def claim(table: Table, item: W, *, now: datetime, lease_seconds: int) -> W | None:
    """Return the item one version later and not due before the lease ends, or None.

    None means somebody else took it, or it changed: skip it. Whoever holds an older version
    can write nothing any more.
    """
    held = item.model_copy(update={"due_at": now + timedelta(seconds=lease_seconds)})
    try:
        commit(table, [replace(table, item, held)])
    except Conflict:
        return None
    return held.model_copy(update={"version": item.version + 1})


def next_due(table: Table, kinds: tuple[Work, ...], *, until: datetime) -> datetime | None:
    """Return when the next step of these kinds is due, if that is before `until`."""
    found: list[datetime] = []
    for kind in kinds:
        for shard in range(SHARDS):
            answer = table.client.query(
                TableName=table.name,
                IndexName="work",
                KeyConditionExpression="#work = :work AND #due <= :until",
                ExpressionAttributeNames={"#work": "work", "#due": "due_at"},
                ExpressionAttributeValues={":work": f"{kind}#{shard}", ":until": iso(until)},
                Limit=1,
            )
            found += [datetime.fromisoformat(str(item["due_at"])) for item in answer["Items"]]
    return min(found, default=None)
