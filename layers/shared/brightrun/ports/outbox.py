"""Notifications on their way out of the house: sent from the work index, with bounded retries."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.accounts.notification_delivery import (
    Channel,
    Delivery,
    DeliverySettings,
    begun,
    delivered,
    deliveries_of,
    not_delivered,
    signed_headers,
    webhook_body,
)
from brightrun.accounts.record import Notification
from brightrun.clock import Clock
from brightrun.errors import Conflict, ProviderUnavailable
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Page, Table, find, newest
from brightrun.ports.dynamodb.work_queue import due
from brightrun.ports.dynamodb.writes import Write, commit, put_new, replace
from brightrun.ports.webhooks import PublicWeb, post_public
from brightrun.records import UserId
from brightrun.work import Work

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_PER_SHARD = 10
_AT_ONCE = 10
_LOGGED = timedelta(days=30)


@dataclass(frozen=True)
class Outbox:
    """The ways out: a client for SES with the address mail comes from, and the public web.

    Attributes:
        mail: None where no address to send from is configured.
        patience_seconds: what all receivers of one pass get together.
    """

    mail: "SESV2Client | None"
    mail_from: str
    web: PublicWeb
    patience_seconds: float = 30.0


def delivery_writes(
    table: Table, user_id: UserId, notes: tuple[Notification, ...]
) -> Iterator[Write]:
    """Yield what sends these notifications out, if their owner has switched that on."""
    settings = find_delivery_settings(table, user_id) if notes else None
    for note in notes:
        for delivery in deliveries_of(settings, note):
            yield put_new(table, delivery, expires_at=keys.expiry(note.created_at + _LOGGED))


def find_delivery_settings(table: Table, user_id: UserId) -> DeliverySettings | None:
    """Return what a user has switched on, or None for nothing ever."""
    return find(table, keys.delivery_settings(user_id), DeliverySettings)


def save_delivery_settings(
    table: Table, before: DeliverySettings | None, after: DeliverySettings
) -> None:
    """Write a user's choice. Raises Conflict when another request came first."""
    commit(table, [put_new(table, after) if before is None else replace(table, before, after)])


def delivery_log(
    table: Table, user_id: UserId, *, limit: int, cursor: str | None
) -> Page[Delivery]:
    """Return one page of what was sent out in the last 30 days, newest first."""
    return newest(table, keys.user(user_id), "OUT#", Delivery, limit=limit, cursor=cursor)


def deliver_due(table: Table, outbox: Outbox, clock: Clock) -> int:
    """Send what is due, several at once; return how much was tried.

    Safe to run twice: each try is counted by a conditional write before it is made; a crash after
    sending sends it again under the same id. Whoever takes longer than the outbox has patience
    is waited for by nobody, and tried again later.
    """
    waiting = due(table, Work.DELIVER, Delivery, now=clock.at, limit=_PER_SHARD)
    begun_now = [held for delivery in waiting if (held := _begin(table, delivery, clock))]
    if not begun_now:
        return 0
    pool = ThreadPoolExecutor(_AT_ONCE)
    tries = [pool.submit(_deliver, table, outbox, held, clock) for held in begun_now]
    ended, _ = wait(tries, timeout=outbox.patience_seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    for tried in ended:
        tried.result()
    return len(begun_now)


def _begin(table: Table, delivery: Delivery, clock: Clock) -> Delivery | None:
    held = begun(delivery, clock)
    if not _saved(table, delivery, held) or held.status != "pending":
        return None
    return held.model_copy(update={"version": delivery.version + 1})


def _deliver(table: Table, outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    try:
        _send(table, outbox, delivery, clock)
        after = delivered(delivery, clock)
    except (ProviderUnavailable, ClientError, BotoCoreError) as error:
        after = not_delivered(delivery, why=str(error))
    _saved(table, delivery, after)


def _saved(table: Table, before: Delivery, after: Delivery) -> bool:
    """Write it; tell whether nobody else came first."""
    write = replace(table, before, after)
    write["Put"]["Item"]["expires_at"] = keys.expiry(before.created_at + _LOGGED)
    try:
        commit(table, [write])
    except Conflict:
        return False
    return True


def _send(table: Table, outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    settings = find_delivery_settings(table, delivery.user_id)
    note_key = keys.notification(delivery.user_id, delivery.notification_id)
    note = find(table, note_key, Notification)
    if note is None or settings is None:
        raise ProviderUnavailable("the notification is gone")
    if delivery.channel is Channel.EMAIL:
        _mail(outbox, settings.email, note)
    else:
        _post(outbox, settings, note, clock)


def _mail(outbox: Outbox, address: str | None, note: Notification) -> None:
    if address is None or outbox.mail is None:
        raise ProviderUnavailable("e-mail was switched off")
    outbox.mail.send_email(
        FromEmailAddress=outbox.mail_from,
        Destination={"ToAddresses": [address]},
        Content={
            "Simple": {
                "Subject": {"Data": f"BrightRun: {note.title}", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": f"{note.message}\n\n{note.action_url}\n", "Charset": "UTF-8"}
                },
            }
        },
    )


def _post(outbox: Outbox, settings: DeliverySettings, note: Notification, clock: Clock) -> None:
    if settings.webhook_url is None or settings.webhook_secret is None:
        raise ProviderUnavailable("the webhook was switched off")
    body = webhook_body(note)
    headers = signed_headers(settings.webhook_secret, note.id, body, at=clock.at)
    post_public(outbox.web, settings.webhook_url, body, headers)
