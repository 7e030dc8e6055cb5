"""Whether a user may come in, in the table: what an administrator has said last."""

from datetime import datetime

from brightrun.accounts.users import UserAccess
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.dynamodb.table import Table, find
from brightrun.ports.dynamodb.writes import commit, put_new, replace
from brightrun.records import UserId


def set_access(
    table: Table, user_id: UserId, by: UserId, now: datetime, *, disabled: bool
) -> UserAccess:
    """Write whether a user may come in; saying the same again changes nothing.

    Raises:
        Conflict: eight other administrators came first.
    """

    def once() -> UserAccess:
        before = find(table, keys.user_access(user_id), UserAccess)
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
