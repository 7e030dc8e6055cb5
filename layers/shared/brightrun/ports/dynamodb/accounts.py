"""Notifications and API keys in the table."""

from datetime import datetime, timedelta

from brightrun.accounts.record import ApiKey, Notification
from brightrun.errors import ApiKeyNotFound, Conflict, NotificationNotFound, QuotaExceeded
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Page, Table, find, listed, newest, numbers
from brightrun.ports.dynamodb.writes import Write, add, commit, put_new, replace
from brightrun.records import UserId

MAX_API_KEYS = 50
_BATCH = 25
_MAX_BATCHES = 40


def unread_count(table: Table, user_id: UserId) -> int:
    """Return how many notifications of a user are unread."""
    return int(numbers(table, keys.counts(user_id, "NOTE")).get("unread", 0))


def notifications(
    table: Table, user_id: UserId, *, unread: bool, limit: int, cursor: str | None
) -> Page[Notification]:
    """Return one page of a user's notifications, newest first; all, or the unread ones."""
    if unread:
        return listed(table, keys.unread(user_id), Notification, limit=limit, cursor=cursor)
    return newest(table, keys.user(user_id), "NOTE#", Notification, limit=limit, cursor=cursor)


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
    return add(table, keys.counts(user_id, "NOTE"), {"unread": -count})


def api_keys(table: Table, user_id: UserId) -> tuple[ApiKey, ...]:
    """Return a user's API keys, newest first, revoked ones among them."""
    page = listed(table, keys.api_keys(user_id), ApiKey, limit=MAX_API_KEYS * 2)
    return page.records


def create_api_key(table: Table, key: ApiKey) -> None:
    """Write a new API key.

    Raises:
        QuotaExceeded: the user has 50 already, counting revoked ones of the last days.
    """
    if len(api_keys(table, key.user_id)) >= MAX_API_KEYS:
        raise QuotaExceeded(f"a user may have {MAX_API_KEYS} API keys; revoke one")
    commit(table, [put_new(table, key)])


def revoke_api_key(table: Table, user_id: UserId, key_id: str, *, at: datetime) -> ApiKey:
    """Return a key as revoked; it opens nothing from now on, and is forgotten in 30 days.

    Raises:
        ApiKeyNotFound: no such key of this user.
    """
    for key in api_keys(table, user_id):
        if key.id == key_id:
            return key if key.revoked_at else _revoke(table, key, at)
    raise ApiKeyNotFound(key_id)


def _revoke(table: Table, key: ApiKey, at: datetime) -> ApiKey:
    revoked = key.model_copy(update={"revoked_at": at})
    write = replace(table, key, revoked)
    write["Put"]["Item"]["expires_at"] = keys.expiry(at + timedelta(days=30))
    commit(table, [write])
    return revoked
