"""Notifications on their way out of the house: sent from the work index, with bounded retries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.accounts.delivering import (
    Channel,
    Delivery,
    DeliverySettings,
    delivered,
    deliveries_of,
    not_delivered,
    signed_headers,
    webhook_body,
)
from brightrun.accounts.record import Notification
from brightrun.errors import Conflict, ProviderUnavailable
from brightrun.jobs.change import Scribe
from brightrun.ports import keys
from brightrun.ports.public_web import PublicWeb, post_public
from brightrun.ports.table import Page, Table, Write, commit, find, newest, put_new, replace
from brightrun.ports.work import claim, due
from brightrun.records import UserId
from brightrun.work import Work

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_LEASE_SECONDS = 60
_PER_SHARD = 50
_LOGGED = timedelta(days=30)


@dataclass(frozen=True)
class Outbox:
    """The ways out: a client for SES with the address mail comes from, and the public web.

    Attributes:
        mail: None where no address to send from is configured.
    """

    mail: "SESV2Client | None"
    mail_from: str
    web: PublicWeb


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


def deliver_due(table: Table, outbox: Outbox, scribe: Scribe) -> int:
    """Send what is due; return how much was tried.

    Safe to run twice: each is claimed; a crash after sending sends it again under the same id.
    """
    tried = 0
    for delivery in due(table, Work.DELIVER, Delivery, now=scribe.at, limit=_PER_SHARD):
        held = claim(table, delivery, now=scribe.at, lease_seconds=_LEASE_SECONDS)
        if held is not None:
            _deliver(table, outbox, held, scribe)
            tried += 1
    return tried


def _deliver(table: Table, outbox: Outbox, delivery: Delivery, scribe: Scribe) -> None:
    try:
        _send(table, outbox, delivery, scribe)
        after = delivered(delivery, scribe)
    except (ProviderUnavailable, ClientError, BotoCoreError) as error:
        after = not_delivered(delivery, scribe, why=str(error))
    write = replace(table, delivery, after)
    write["Put"]["Item"]["expires_at"] = keys.expiry(delivery.created_at + _LOGGED)
    try:
        commit(table, [write])
    except Conflict:
        # Our lease had ended and somebody else sent it too; what they wrote stands.
        return


def _send(table: Table, outbox: Outbox, delivery: Delivery, scribe: Scribe) -> None:
    settings = find_delivery_settings(table, delivery.user_id)
    note_key = keys.notification(delivery.user_id, delivery.notification_id)
    note = find(table, note_key, Notification)
    if note is None or settings is None:
        raise ProviderUnavailable("the notification is gone")
    if delivery.channel is Channel.EMAIL:
        _mail(outbox, settings.email, note)
    else:
        _post(outbox, settings, note, scribe)


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


def _post(outbox: Outbox, settings: DeliverySettings, note: Notification, scribe: Scribe) -> None:
    if settings.webhook_url is None or settings.webhook_secret is None:
        raise ProviderUnavailable("the webhook was switched off")
    body = webhook_body(note)
    headers = signed_headers(settings.webhook_secret, note.id, body, at=scribe.at)
    post_public(outbox.web, settings.webhook_url, body, headers)
