"""Notifications as writes: stored, counted as unread."""

from collections.abc import Iterator

from brightrun.accounts.record import Notification
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.dynamodb.writes import Write, add, put_new
from brightrun.ports.outbox import delivery_writes
from brightrun.records import UserId


def notification_writes(
    table: Table, user_id: UserId, notifications: tuple[Notification, ...]
) -> Iterator[Write | None]:
    """Yield what stores notifications and counts them as unread."""
    for note in notifications:
        yield put_new(table, note)
    yield from delivery_writes(table, user_id, notifications)
    yield add(table, keys.counts(user_id, "NOTE"), {"unread": len(notifications)})
