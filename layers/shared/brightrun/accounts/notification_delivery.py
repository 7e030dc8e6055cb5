"""Notifications that also leave the house: by e-mail and to a user's own webhook. Pure.

Both are off until their owner switches them on. Signatures follow the Standard Webhooks
specification (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`. A receiver
must check signature and timestamp and expect the same id twice.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

import orjson

from brightrun.accounts.record import Notification, NotificationType
from brightrun.accounts.webhook_endpoints import RegisteredEndpoint
from brightrun.clock import Clock
from brightrun.errors import InvalidRequest
from brightrun.public_address import complaint_about
from brightrun.records import Moment, Record, UserId, iso
from brightrun.work import Work, WorkItem, work_of

SECRET_PREFIX = "whsec_"
MAX_TRIES = 6
_BACKOFF_SECONDS = (30, 120, 600, 1800, 3600)
_MAX_URL_LENGTH = 500
_MAX_ERROR_LENGTH = 300


class Channel(StrEnum):
    """How notifications leave: the notification channels."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    ENDPOINT = "endpoint"


class DeliverySettings(Record):
    """Which ways one user has switched on.

    Attributes:
        email: the address of the identity that switched it on; null: off.
        webhook_url: null: off. `webhook_secret` signs what goes there; it is shown once.
        endpoints: told how jobs end, in OpenAI's form.
    """

    user_id: UserId
    version: int = 1
    email: str | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = None
    endpoints: tuple[RegisteredEndpoint, ...] = ()
    changed_at: Moment


class Delivery(WorkItem):
    """One notification on one way out, and how that went: both the work and its log.

    Attributes:
        webhook_endpoint_id: of the endpoint that is told; null on any other way.
    """

    user_id: UserId
    notification_id: str
    channel: Channel
    webhook_endpoint_id: str | None = None
    type: NotificationType
    title: str
    status: Literal["pending", "sent", "failed"] = "pending"
    last_error: str | None = None
    created_at: Moment
    sent_at: Moment | None = None


def deliveries_of(settings: DeliverySettings | None, note: Notification) -> tuple[Delivery, ...]:
    """Return what a new notification leaves the house as; nothing unless switched on."""
    if settings is None:
        return ()
    return tuple(
        Delivery(
            user_id=note.user_id,
            notification_id=note.id,
            channel=channel,
            webhook_endpoint_id=endpoint_id,
            type=note.type,
            title=note.title,
            created_at=note.created_at,
            work=work_of(Work.DELIVER, note.id),
            due_at=note.created_at,
        )
        for channel, endpoint_id in _ways_out(settings, note.type)
    )


def _ways_out(
    settings: DeliverySettings, kind: NotificationType
) -> Iterator[tuple[Channel, str | None]]:
    if settings.email is not None:
        yield Channel.EMAIL, None
    if settings.webhook_url is not None:
        yield Channel.WEBHOOK, None
    for endpoint in settings.endpoints:
        if kind in endpoint.tells:
            yield Channel.ENDPOINT, endpoint.id


def delivered(delivery: Delivery, clock: Clock) -> Delivery:
    """Return the delivery as done; its tries stay, for its owner to see."""
    done = {"status": "sent", "sent_at": clock.at, "work": None, "due_at": None}
    return delivery.model_copy(update={**done, "last_error": None})


def not_delivered(delivery: Delivery, clock: Clock, *, why: str) -> Delivery:
    """Return the delivery due again with what went wrong; failed when that was the sixth try."""
    noted: dict[str, object] = {"last_error": why[:_MAX_ERROR_LENGTH]}
    if delivery.tries >= MAX_TRIES:
        ended = {"status": "failed", "work": None, "due_at": None}
        return delivery.model_copy(update={**noted, **ended})
    waits = _BACKOFF_SECONDS[min(max(1, delivery.tries), len(_BACKOFF_SECONDS)) - 1]
    return delivery.model_copy(update={**noted, "due_at": clock.after(waits)})


def with_whole_link(note: Notification, pages_url: str) -> Notification:
    """Return the notification as it leaves the house: its link has a host."""
    return note.model_copy(update={"action_url": f"{pages_url}{note.action_url}"})


def webhook_body(note: Notification) -> bytes:
    """Return what is posted: `{type, timestamp, data}`; the bytes that are signed."""
    data = note.model_dump(
        mode="json", include={"id", "title", "message", "priority", "action_url", "metadata"}
    )
    body = {"type": str(note.type), "timestamp": iso(note.created_at), "data": data}
    return orjson.dumps(body)


def signed_headers(
    secrets: Sequence[str], message_id: str, body: bytes, *, at: datetime
) -> Mapping[str, str]:
    """Return the three headers of a signed webhook, with a signature by each secret.

    Args:
        secrets: `whsec_` and base64, as their owner has them.
    """
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def secret_of(random_text: str) -> str:
    """Return a signing secret made of random text: 32 bytes in base64, with its prefix."""
    key = hashlib.sha256(random_text.encode()).digest()
    return SECRET_PREFIX + base64.b64encode(key).decode()


def require_webhook_url(url: str) -> str:
    """Return the address if it may be one: https, a public name, nothing secret in it.

    Does not cover what the name resolves to: that is looked at each time something is sent.

    Raises:
        InvalidRequest: it may not.
    """
    complaint = complaint_about(url, most_characters=_MAX_URL_LENGTH)
    if complaint is not None:
        raise InvalidRequest({"webhook_url": [complaint]})
    return url
