"""Webhook endpoints: addresses that are told how jobs end, each with a secret of its own. Pure.

A new secret may leave the old one valid for a day: what is sent meanwhile carries both signatures,
and a receiver accepts any. Does not cover where an address leads: see `require_webhook_url`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from brightrun.accounts.record import NotificationType
from brightrun.errors import InvalidRequest, WebhookEndpointNotFound
from brightrun.records import Moment, Record

MOST_ENDPOINTS = 10
OLD_SECRET_LIFE = timedelta(hours=24)
TOLD = (
    NotificationType.JOB_COMPLETED,
    NotificationType.JOB_FAILED,
    NotificationType.JOB_CANCELLED,
)
"""What an endpoint can be told."""


class RegisteredEndpoint(Record):
    """One address, and what it is told.

    Attributes:
        old_secret: signs beside `secret` until `old_secret_until`.
        rotated_at: when the secret was last replaced; null: never.
    """

    id: str
    name: str
    url: str
    tells: tuple[NotificationType, ...]
    secret: str
    old_secret: str | None = None
    old_secret_until: Moment | None = None
    created_at: Moment
    updated_at: Moment
    rotated_at: Moment | None = None


Endpoints = tuple[RegisteredEndpoint, ...]


def endpoint_named(endpoints: Endpoints, endpoint_id: str) -> RegisteredEndpoint:
    """Return one of a user's endpoints. Raises WebhookEndpointNotFound when there is none."""
    for endpoint in endpoints:
        if endpoint.id == endpoint_id:
            return endpoint
    raise WebhookEndpointNotFound(endpoint_id)


def with_endpoint(endpoints: Endpoints, new: RegisteredEndpoint) -> Endpoints:
    """Return the endpoints and a new one. Raises InvalidRequest when there are enough."""
    if len(endpoints) >= MOST_ENDPOINTS:
        raise InvalidRequest({"url": [f"there are {MOST_ENDPOINTS} endpoints already; delete one"]})
    return (*endpoints, new)


def without_endpoint(endpoints: Endpoints, endpoint_id: str) -> Endpoints:
    """Return the endpoints but one. Raises WebhookEndpointNotFound when it is not there."""
    gone = endpoint_named(endpoints, endpoint_id)
    return tuple(endpoint for endpoint in endpoints if endpoint != gone)


def with_changed(endpoints: Endpoints, after: RegisteredEndpoint) -> Endpoints:
    """Return the endpoints with one of them as it is now."""
    return tuple(after if endpoint.id == after.id else endpoint for endpoint in endpoints)


def changed(
    endpoint: RegisteredEndpoint, changes: Mapping[str, object], *, at: datetime
) -> RegisteredEndpoint:
    """Return the endpoint with other facts; what changes nothing leaves its time as it was."""
    after = endpoint.model_copy(update=dict(changes))
    return endpoint if after == endpoint else after.model_copy(update={"updated_at": at})


def rotated(
    endpoint: RegisteredEndpoint, secret: str, *, keep_old: bool, at: datetime
) -> RegisteredEndpoint:
    """Return the endpoint with a new secret; the old one is void at once, or in a day."""
    kept = {"old_secret": endpoint.secret, "old_secret_until": at + OLD_SECRET_LIFE}
    gone = {"old_secret": None, "old_secret_until": None}
    now = {"secret": secret, "rotated_at": at, "updated_at": at}
    return endpoint.model_copy(update=now | (kept if keep_old else gone))


def secrets_of(endpoint: RegisteredEndpoint, *, at: datetime) -> tuple[str, ...]:
    """Return what signs now, the newest first."""
    until = endpoint.old_secret_until
    if endpoint.old_secret is None or until is None or at >= until:
        return (endpoint.secret,)
    return (endpoint.secret, endpoint.old_secret)
