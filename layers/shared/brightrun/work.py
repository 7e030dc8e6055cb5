"""The words of the work index: which step an item waits for, and in which shard. Pure."""

import zlib
from enum import StrEnum

SHARDS = 4


class Work(StrEnum):
    """What may need doing, each taken up by one function."""

    VALIDATE = "validate"
    EXPIRE_UPLOAD = "expire_upload"
    DISPATCH = "dispatch"
    WATCH = "watch"
    COLLECT = "collect"
    WARN = "warn"
    CONFIRM = "confirm"
    DELIVER = "deliver"


def work_of(kind: Work, item_id: str) -> str:
    """Return the index partition of an item; spread over shards, so that none becomes hot."""
    return f"{kind}#{zlib.crc32(item_id.encode()) % SHARDS}"
