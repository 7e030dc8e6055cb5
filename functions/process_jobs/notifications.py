"""Notifications by mail and to users' own webhooks, with bounded retries."""

from functools import partial

from brightrun.accounts.notification_delivery import (
    MAX_TRIES,
    Channel,
    Delivery,
    DeliverySettings,
    delivered,
    not_delivered,
    signed_headers,
    webhook_body,
    with_whole_link,
)
from brightrun.accounts.record import Notification
from brightrun.accounts.webhook_endpoints import endpoint_named, secrets_of
from brightrun.errors import ProviderUnavailable, WebhookEndpointNotFound
from brightrun.openai.webhook_events import event_body, event_id
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.notification_settings import (
    find_delivery_settings,
    save_delivery,
)
from brightrun.ports.dynamodb.table import find
from brightrun.ports.notification_channels import NotificationChannels
from brightrun.ports.public_web import WebUnavailable, post_public
from brightrun.ports.ses import send_mail
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import Taken, Task, TriesUsedUp, take_due

LEASE_SECONDS = 60
"""Longer than a receiver may take, so that no two send the same at once."""
PER_SHARD = 10
AT_ONCE = 10


def deliver_due(deps: Deps) -> Taken:
    """Send what is due, several at once.

    Safe to run twice: each try is claimed before it is made; a crash after sending sends it again
    under the same id. Whoever takes longer than there is patience is waited for by nobody, and
    tried again later.
    """
    if deps.channels is None:
        return Taken()
    task = Task(
        kind=Work.DELIVER,
        record=Delivery,
        step=partial(deliver, deps, deps.channels),
        failed=partial(note_failure, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=MAX_TRIES,
        per_shard=PER_SHARD,
        at_once=AT_ONCE,
        patience_seconds=deps.channels.patience_seconds,
    )
    return take_due(deps.table, task, now=deps.now)


def deliver(deps: Deps, channels: NotificationChannels, delivery: Delivery) -> None:
    """Send one notification one way, and write how that went."""
    try:
        _send(deps, channels, delivery)
        after = delivered(delivery, deps.clock())
    except (ProviderUnavailable, WebUnavailable) as error:
        after = not_delivered(delivery, deps.clock(), why=str(error))
    save_delivery(deps.table, delivery, after)


def note_failure(deps: Deps, delivery: Delivery, error: Exception) -> None:
    """Note that we could not send it for a reason of our own."""
    why = str(error) if isinstance(error, TriesUsedUp) else f"not sent: {type(error).__name__}"
    save_delivery(deps.table, delivery, not_delivered(delivery, deps.clock(), why=why))


def _send(deps: Deps, channels: NotificationChannels, delivery: Delivery) -> None:
    settings = find_delivery_settings(deps.table, delivery.user_id)
    note_key = keys.notification(delivery.user_id, delivery.notification_id)
    note = find(deps.table, note_key, Notification)
    if note is None or settings is None:
        raise ProviderUnavailable("the notification is gone")
    note = with_whole_link(note, deps.settings.pages_url)
    if delivery.webhook_endpoint_id is not None:
        _post_event(deps, channels, settings, delivery.webhook_endpoint_id, note)
    elif delivery.channel is Channel.EMAIL:
        _mail(channels, settings.email, note)
    else:
        _post(deps, channels, settings, note)


def _mail(channels: NotificationChannels, address: str | None, note: Notification) -> None:
    if address is None or channels.mail is None:
        raise ProviderUnavailable("e-mail was switched off")
    text = f"{note.message}\n\n{note.action_url}\n"
    send_mail(channels.mail, address, f"BrightRun: {note.title}", text)


def _post(
    deps: Deps, channels: NotificationChannels, settings: DeliverySettings, note: Notification
) -> None:
    if settings.webhook_url is None or settings.webhook_secret is None:
        raise ProviderUnavailable("the webhook was switched off")
    body = webhook_body(note)
    headers = signed_headers([settings.webhook_secret], note.id, body, at=deps.now())
    post_public(channels.web, settings.webhook_url, body, headers)


def _post_event(
    deps: Deps,
    channels: NotificationChannels,
    settings: DeliverySettings,
    endpoint_id: str,
    note: Notification,
) -> None:
    try:
        endpoint = endpoint_named(settings.endpoints, endpoint_id)
    except WebhookEndpointNotFound as error:
        raise ProviderUnavailable("the endpoint was deleted") from error
    now, body = deps.now(), event_body(note)
    headers = signed_headers(secrets_of(endpoint, at=now), event_id(note.id), body, at=now)
    post_public(channels.web, endpoint.url, body, headers)
