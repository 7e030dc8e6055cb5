"""When each function last ran, and whether that cycle broke: neither must go unnoticed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Table
from brightrun.records import iso

_BREAK = timedelta(minutes=3)
"""The schedule comes each minute."""
_SAME_PAUSE = timedelta(minutes=30)
"""A pause soon after another is the same trouble, and rings no second time."""
FUNCTIONS = ("validate_dataset", "process_jobs", "create_artifacts")
log = logging.getLogger(__name__)


_BROKE = "#broke"
_KEY_REFUSED = "provider_key_refused"


@dataclass(frozen=True)
class Heartbeat:
    """When a function last began a cycle, and when one of its cycles last broke; None: never."""

    last_run_at: datetime | None = None
    broke_at: datetime | None = None


@dataclass
class Cycle:
    """One run of a background function; whoever sees a part of it break says so here."""

    broke: bool = False


@contextmanager
def cycle(table: Table, function: str, now: datetime) -> Iterator[Cycle]:
    """Note that a function runs now, and afterwards if its cycle broke.

    The last one to write wins, and that is right. What breaks the whole cycle goes on as it is:
    the function's own alarm hears of it too.
    """
    _note(table, function, now)
    running = Cycle()
    try:
        yield running
    except Exception:
        running.broke = True
        raise
    finally:
        if running.broke:
            _broke(table, function, now)


def _broke(table: Table, function: str, now: datetime) -> None:
    """The alarm listens to this log line; a table that is away must not hide what broke."""
    log.error("cycle broke: %s", function)
    try:
        _note(table, function + _BROKE, now)
    except Exception:  # the last word of a cycle: nothing is left that could be stopped
        log.exception("not noted: %s", function)


def _note(table: Table, name: str, now: datetime) -> None:
    where = keys.HEALTH.key(name)
    table.client.put_item(
        TableName=table.name,
        Item={"pk": where.pk, "sk": where.sk, "last_run_at": iso(now)},
    )


def heartbeats(table: Table) -> dict[str, Heartbeat]:
    """Return what each background function last said of itself."""
    answer = table.client.query(
        TableName=table.name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": keys.HEALTH.pk},
    )
    seen = {str(i["sk"]): datetime.fromisoformat(str(i["last_run_at"])) for i in answer["Items"]}
    return {name: Heartbeat(seen.get(name), seen.get(name + _BROKE)) for name in FUNCTIONS}


def pause_provider(table: Table, now: datetime, until: datetime) -> bool:
    """Note that the provider is not to be asked until then; say whether that is news."""
    known = provider_paused_until(table, now - _SAME_PAUSE)
    where = keys.HEALTH.key("provider_pause")
    item = {"pk": where.pk, "sk": where.sk, "last_run_at": iso(until)}
    table.client.put_item(TableName=table.name, Item=item)
    return known is None


def provider_paused_until(table: Table, now: datetime) -> datetime | None:
    """Return until when the provider is not to be asked; None while it may be."""
    until = _noted(table, "provider_pause")
    return until if until is not None and until > now else None


def note_key_refused(table: Table, now: datetime) -> bool:
    """Note that the provider refused our key; say whether that is news."""
    known = key_refused_at(table, now - _SAME_PAUSE)
    _note(table, _KEY_REFUSED, now)
    return known is None


def key_refused_at(table: Table, since: datetime) -> datetime | None:
    """Return when the provider last refused our key; None: not since then."""
    at = _noted(table, _KEY_REFUSED)
    return at if at is not None and at >= since else None


def listening_since(table: Table, now: datetime, *, answers: bool) -> datetime | None:
    """Return since when a worker can be heard without a break; None: no break is known.

    Args:
        answers: whether our own API answers now; if not, this is noted as a break.
    """
    if answers:
        return _noted(table, "heard_since")
    note_break(table, now)
    return now


def note_break(table: Table, now: datetime) -> None:
    """Note that until now workers may not have been heard; the later of two notes is right."""
    where = keys.HEALTH.key("heard_since")
    item = {"pk": where.pk, "sk": where.sk, "last_run_at": iso(now)}
    table.client.put_item(TableName=table.name, Item=item)


def was_away(table: Table, function: str, now: datetime) -> bool:
    """Tell whether a function that comes each minute has not come for some."""
    last = _noted(table, function)
    return last is not None and now - last > _BREAK


def _noted(table: Table, name: str) -> datetime | None:
    where = keys.HEALTH.key(name)
    found = table.client.get_item(TableName=table.name, Key={"pk": where.pk, "sk": where.sk})
    item = found.get("Item")
    return datetime.fromisoformat(str(item["last_run_at"])) if item else None
