"""Notifications in the table: stored, counted as unread, read, and forgotten in the end."""

from collections.abc import Iterator
from datetime import datetime

from brightrun.accounts.record import Notification
from brightrun.errors import Conflict, NotificationNotFound
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.notification_settings import delivery_writes
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import Page, Table, find, listed, newest, numbers
from brightrun.ports.dynamodb.writes import Write, add, commit, put_new, replace
from brightrun.records import UserId

_BATCH = 25
_MAX_BATCHES = 40


def notification_writes(
    table: Table, user_id: UserId, notifications: tuple[Notification, ...]
) -> Iterator[Write | None]:
    """Yield what stores notifications and counts them as unread."""
    for note in notifications:
        yield put_new(table, note)
    yield from delivery_writes(table, user_id, notifications)
    yield add(table, keys.counts(user_id, Kind.NOTE), {"unread": len(notifications)})


def unread_count(table: Table, user_id: UserId) -> int:
    """Return how many notifications of a user are unread."""
    return int(numbers(table, keys.counts(user_id, Kind.NOTE)).get("unread", 0))


def notifications(
    table: Table, user_id: UserId, *, unread: bool, limit: int, cursor: str | None
) -> Page[Notification]:
    """Return one page of a user's notifications, newest first; all, or the unread ones."""
    if unread:
        return listed(table, keys.unread(user_id), Notification, limit=limit, cursor=cursor)
    return newest(table, keys.notifications(user_id), Notification, limit=limit, cursor=cursor)


def mark_read(
    table: Table, user_id: UserId, notification_id: str, *, expires_at: datetime
) -> Notification:
    """Return a notification as read; reading it again changes nothing. It goes at `expires_at`.

    Raises:
        NotificationNotFound: no such notification of this user.
    """
    note = find(table, keys.notification(user_id, notification_id), Notification)
    if note is None:
        raise NotificationNotFound(notification_id)
    if note.read:
        return note
    try:
        commit(table, [_read(table, note, expires_at), _less_unread(table, user_id, 1)])
    except Conflict:
        return mark_read(table, user_id, notification_id, expires_at=expires_at)
    return note.model_copy(update={"read": True})


def mark_all_read(table: Table, user_id: UserId, *, expires_at: datetime) -> int:
    """Mark what is unread as read, at most a thousand at once; return how many were.

    The index may still list what somebody else has just read: then they are taken one by one.
    """
    done, cursor = 0, None
    for _ in range(_MAX_BATCHES):
        page = notifications(table, user_id, unread=True, limit=_BATCH, cursor=cursor)
        if page.records:
            done += _mark_batch(table, user_id, page.records, expires_at)
        cursor = page.cursor
        if cursor is None:
            break
    return done


def _mark_batch(
    table: Table, user_id: UserId, notes: tuple[Notification, ...], expires_at: datetime
) -> int:
    writes: list[Write | None] = [_read(table, note, expires_at) for note in notes]
    try:
        commit(table, [*writes, _less_unread(table, user_id, len(notes))])
    except Conflict:
        for note in notes:
            mark_read(table, user_id, note.id, expires_at=expires_at)
    return len(notes)


def _read(table: Table, note: Notification, expires_at: datetime) -> Write:
    write = replace(table, note, note.model_copy(update={"read": True}))
    write["Put"]["Item"]["expires_at"] = keys.expiry(expires_at)
    return write


def _less_unread(table: Table, user_id: UserId, count: int) -> Write | None:
    return add(table, keys.counts(user_id, Kind.NOTE), {"unread": -count})
