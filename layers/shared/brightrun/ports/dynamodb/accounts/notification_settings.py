"""Which notifications also leave by mail or webhook, and the log of those that did."""

from collections.abc import Iterator

from brightrun.accounts.notification_delivery import Delivery, DeliverySettings, deliveries_of
from brightrun.accounts.record import Notification
from brightrun.errors import Conflict
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Page, Table, find, newest
from brightrun.ports.dynamodb.writes import Write, commit, put_new, replace
from brightrun.records import UserId


def delivery_writes(
    table: Table, user_id: UserId, notes: tuple[Notification, ...]
) -> Iterator[Write]:
    """Yield what sends these notifications out, if their owner has switched that on."""
    settings = find_delivery_settings(table, user_id) if notes else None
    for note in notes:
        for delivery in deliveries_of(settings, note):
            yield put_new(table, delivery)


def find_delivery_settings(table: Table, user_id: UserId) -> DeliverySettings | None:
    """Return what a user has switched on, or None for nothing ever."""
    return find(table, keys.delivery_settings(user_id), DeliverySettings)


def save_delivery_settings(
    table: Table, before: DeliverySettings | None, after: DeliverySettings
) -> None:
    """Write a user's choice. Raises Conflict when another request came first."""
    commit(table, [put_new(table, after) if before is None else replace(table, before, after)])


def save_delivery(table: Table, before: Delivery, after: Delivery) -> bool:
    """Write how a delivery went; tell whether nobody else came first."""
    try:
        commit(table, [replace(table, before, after)])
    except Conflict:
        return False
    return True


def delivery_log(
    table: Table, user_id: UserId, *, limit: int, cursor: str | None
) -> Page[Delivery]:
    """Return one page of what was sent out in the last 30 days, newest first."""
    return newest(table, keys.deliveries(user_id), Delivery, limit=limit, cursor=cursor)
