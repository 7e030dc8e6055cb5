"""Whether a user may come in, in the table: what an administrator has said last."""

from collections.abc import Iterable
from datetime import datetime

from brightrun.accounts.users import UserAccess
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.batches import items_at
from brightrun.ports.dynamodb.items import record_of
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.dynamodb.table import Table, find
from brightrun.ports.dynamodb.writes import commit, put_new, replace
from brightrun.records import UserId


def find_access(table: Table, user_id: UserId) -> UserAccess | None:
    """Return what was said last of a user, or None: nothing ever was, and they may come in."""
    return find(table, keys.user_access(user_id), UserAccess)


def access_of(table: Table, users: Iterable[UserId]) -> dict[UserId, UserAccess]:
    """Return what was said last of each of these users, where anything was."""
    found = items_at(table, [keys.user_access(user_id) for user_id in users])
    said = (record_of(item, UserAccess) for _, item in found)
    return {access.user_id: access for access in said}


def set_access(
    table: Table, user_id: UserId, by: UserId, now: datetime, *, disabled: bool
) -> UserAccess:
    """Write whether a user may come in; saying the same again changes nothing.

    Raises:
        Conflict: eight other administrators came first.
    """

    def once() -> UserAccess:
        before = find_access(table, user_id)
        if before is not None and (before.disabled_at is not None) == disabled:
            return before
        after = UserAccess(
            user_id=user_id,
            version=before.version if before else 1,
            disabled_at=now if disabled else None,
            changed_by=by,
            changed_at=now,
        )
        write = put_new(table, after) if before is None else replace(table, before, after)
        commit(table, [write])
        return after

    return on_conflict(table)(once)
