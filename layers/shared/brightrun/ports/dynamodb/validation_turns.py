"""Who is being validated: two files of one user at once, however many wait."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import Field

from brightrun.errors import Conflict
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Place
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.dynamodb.table import Table, find
from brightrun.ports.dynamodb.writes import commit, put_new, replace
from brightrun.records import Moment, Record, UserId

AT_ONCE = 2


class Turns(Record):
    """Which datasets of a user are being read, each until its lease ends."""

    version: int = 1
    until: dict[str, Moment] = Field(default_factory=dict)


def take_turn(
    table: Table, user_id: UserId, dataset_id: str, *, now: datetime, lease: timedelta
) -> bool:
    """Return whether a dataset may be read now; it then has its place until its lease ends.

    A validator that died gives its place back when the lease ends, and its dataset keeps it.
    """

    def taken(until: dict[str, datetime]) -> dict[str, datetime]:
        full = len(until) >= AT_ONCE and dataset_id not in until
        return until if full else {**until, dataset_id: now + lease}

    try:
        return dataset_id in _change(table, user_id, now, taken)
    except Conflict:
        return False


def end_turn(table: Table, user_id: UserId, dataset_id: str, *, now: datetime) -> None:
    """Give a place back. Doing it again changes nothing."""

    def left(until: dict[str, datetime]) -> dict[str, datetime]:
        return {name: at for name, at in until.items() if name != dataset_id}

    _change(table, user_id, now, left)


def _change(
    table: Table,
    user_id: UserId,
    now: datetime,
    decide: Callable[[dict[str, datetime]], dict[str, datetime]],
) -> dict[str, datetime]:
    where = Place(keys.validation_turns(user_id))

    def once() -> dict[str, datetime]:
        before = find(table, where.key, Turns)
        held = {name: at for name, at in (before.until if before else {}).items() if at > now}
        after = Turns(version=before.version if before else 1, until=decide(held))
        if before is None:
            commit(table, [put_new(table, after, where)])
        elif after.until != before.until:
            commit(table, [replace(table, before, after, where=where)])
        return after.until

    return on_conflict(table)(once)
