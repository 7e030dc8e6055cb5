"""What waits for work and cannot be read: moved out of the way, and kept for an operator to see.

One item that nobody can read must cost nobody else a minute. The log line here is what the alarm
listens to.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Place
from brightrun.ports.dynamodb.table import Page, Table, newest
from brightrun.ports.dynamodb.writes import commit, put
from brightrun.records import Moment, Record, iso

LOOK_AGAIN_AFTER = timedelta(hours=1)
"""A later version may read it."""
_SHOWN_CHARACTERS = 1000
log = logging.getLogger(__name__)


class SetAside(Record):
    """An item of the table that could not be read, and why."""

    pk_read: str
    sk_read: str
    at: Moment
    why: str


def set_aside(table: Table, item: Mapping[str, Any], *, now: datetime, why: str) -> None:
    """Make an unreadable item due an hour later, and note it. Never raises: it is a last resort."""
    pk, sk = str(item.get("pk")), str(item.get("sk"))
    log.error("record unreadable: %s %s", pk, sk)
    try:
        noted = SetAside(pk_read=pk, sk_read=sk, at=now, why=why[:_SHOWN_CHARACTERS])
        where = Place(keys.ASIDE.key(f"{pk}|{sk}"))
        note = put(table, noted, where, expires_at=keys.expiry(now + keys.ASIDE_LIFE))
        commit(table, [_later(table, item, now + LOOK_AGAIN_AFTER), note])
    except Exception:  # the last resort: the pass must go on, whatever happens here
        log.exception("not set aside: %s %s", pk, sk)


def all_set_aside(table: Table, *, limit: int, cursor: str | None = None) -> Page[SetAside]:
    """Return what was set aside in the last 30 days."""
    return newest(table, keys.ASIDE, SetAside, limit=limit, cursor=cursor)


def _later(table: Table, item: Mapping[str, Any], due_at: datetime) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": table.name,
            "Key": {"pk": item["pk"], "sk": item["sk"]},
            "UpdateExpression": "SET #due = :later",
            "ConditionExpression": "#due = :seen",
            "ExpressionAttributeNames": {"#due": "due_at"},
            "ExpressionAttributeValues": {":later": iso(due_at), ":seen": item["due_at"]},
        }
    }
