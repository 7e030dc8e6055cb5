"""Notifications as writes: stored, counted as unread."""

from collections.abc import Iterator

from brightrun.accounts.record import Notification
from brightrun.ports import keys
from brightrun.ports.table import Table, Write, add, put_new
from brightrun.records import UserId


def notification_writes(
    table: Table, user_id: UserId, notifications: tuple[Notification, ...]
) -> Iterator[Write | None]:
    """Yield what stores notifications and counts them as unread."""
    for note in notifications:
        yield put_new(table, note)
    yield add(table, keys.counts(user_id, "NOTE"), {"unread": len(notifications)})
