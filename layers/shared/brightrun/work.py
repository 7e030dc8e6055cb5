"""What waits to be done: places in the work index, and the records that may have one. Pure."""

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from brightrun.records import Moment, Record


class Work(StrEnum):
    """What may need doing, each taken up by one function."""

    VALIDATE = "validate"
    EXPIRE_UPLOAD = "expire_upload"
    DISPATCH = "dispatch"
    WATCH = "watch"
    COLLECT = "collect"
    WARN = "warn"
    CONFIRM = "confirm"
    REMIND = "remind"
    DELIVER = "deliver"
    ERASE = "erase"


SHARDS = {Work.DISPATCH: 16, Work.WATCH: 16}
"""What every job waits for has sixteen partitions, the rest has four.

A partition of DynamoDB takes 1,000 write units a second. Reports of 10,000 jobs cost the work index
some 2,700, and the times in it only rise: splitting a hot partition would not help
(docs/decisions/050, tests/bench/bench_reports.py).
"""
_OTHER_SHARDS = 4


@dataclass(frozen=True)
class WorkPartition:
    """One partition of the work index: a kind of work, and a shard so that none becomes hot."""

    kind: Work
    shard: int

    def __str__(self) -> str:
        """Return the partition's key, as it is stored."""
        return f"{self.kind}#{self.shard}"


def shards_of(kind: Work) -> int:
    """Return over how many partitions work of this kind is spread."""
    return SHARDS.get(kind, _OTHER_SHARDS)


def partitions_of(kind: Work) -> tuple[WorkPartition, ...]:
    """Return every partition in which work of this kind may wait."""
    return tuple(WorkPartition(kind, shard) for shard in range(shards_of(kind)))


def work_of(kind: Work, item_id: str) -> WorkPartition:
    """Return where an item waits for this kind of work."""
    return WorkPartition(kind, zlib.crc32(item_id.encode()) % shards_of(kind))


def _parsed(stored: object) -> WorkPartition:
    if isinstance(stored, WorkPartition):
        return stored
    kind, _, shard = str(stored).partition("#")
    return WorkPartition(Work(kind), int(shard))


StoredWork = Annotated[
    WorkPartition,
    PlainValidator(_parsed),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]
"""A partition of the work index; text in JSON and in the table."""


class WorkItem(Record):
    """A record for which something may have to be done.

    Attributes:
        version: counts the writes; whoever holds an older one can write nothing.
        work: what it waits for; None while it waits for nothing.
        tries: how often that was begun since it last went well, counted before each try.
    """

    version: int = 1
    work: StoredWork | None = None
    due_at: Moment | None = None
    tries: int = 0

    def waits_for(self, kind: Work) -> bool:
        """Whether this is what has to be done next."""
        return self.work is not None and self.work.kind is kind
