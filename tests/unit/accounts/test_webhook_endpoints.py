"""Webhook endpoints: how many, by which secrets, and when they were changed."""

from datetime import timedelta
from typing import Any

import pytest

from brightrun.accounts.audit import Actor, entry_of
from brightrun.accounts.notification_delivery import Channel, DeliverySettings, deliveries_of
from brightrun.accounts.record import NotificationType
from brightrun.accounts.webhook_endpoints import (
    RegisteredEndpoint,
    changed,
    rotated,
    secrets_of,
    with_endpoint,
    without_endpoint,
)
from brightrun.errors import InvalidRequest, WebhookEndpointNotFound
from tests.support.factories import ADA, NOON, a_notification

DAY = timedelta(days=1)
LATER = NOON + timedelta(hours=1)


def an_endpoint(**facts: Any) -> RegisteredEndpoint:
    known = {
        "id": "one", "name": "mine", "url": "https://hooks.example", "secret": "new-secret",
        "tells": (NotificationType.JOB_FAILED,), "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    return RegisteredEndpoint.model_validate(known | facts)


@pytest.mark.parametrize(
    ("keep_old", "after", "signing"),
    [
        (True, timedelta(0), ("newer", "new-secret")),
        (True, DAY - timedelta(seconds=1), ("newer", "new-secret")),
        (True, DAY, ("newer",)),
        (False, timedelta(0), ("newer",)),
    ],
)
def test_an_old_secret_signs_for_a_day_or_not_at_all(
    *, keep_old: bool, after: timedelta, signing: tuple[str, ...]
) -> None:
    replaced = rotated(an_endpoint(), "newer", keep_old=keep_old, at=NOON)

    assert secrets_of(replaced, at=NOON + after) == signing


def test_a_second_rotation_leaves_only_the_last_two_secrets() -> None:
    once = rotated(an_endpoint(), "newer", keep_old=True, at=NOON)
    twice = rotated(once, "newest", keep_old=True, at=LATER)

    assert secrets_of(twice, at=LATER) == ("newest", "newer")


def test_what_changes_nothing_leaves_its_time_as_it_was() -> None:
    endpoint = an_endpoint()

    assert changed(endpoint, {"name": "mine"}, at=LATER) == endpoint
    assert changed(endpoint, {"name": "other"}, at=LATER).updated_at == LATER


def test_there_are_at_most_ten_and_one_that_is_not_there_cannot_go() -> None:
    ten = tuple(an_endpoint(id=str(n)) for n in range(10))

    with pytest.raises(InvalidRequest):
        with_endpoint(ten, an_endpoint(id="eleven"))
    with pytest.raises(WebhookEndpointNotFound):
        without_endpoint(ten, "eleven")
    assert len(with_endpoint(without_endpoint(ten, "3"), an_endpoint(id="eleven"))) == 10


def test_an_endpoint_is_told_what_it_asked_for_and_nothing_else() -> None:
    on = DeliverySettings(user_id=ADA, changed_at=NOON, endpoints=(an_endpoint(),))
    failed = a_notification().model_copy(update={"type": NotificationType.JOB_FAILED})
    queued = a_notification().model_copy(update={"type": NotificationType.JOB_QUEUED})

    (delivery,) = deliveries_of(on, failed)
    assert (delivery.channel, delivery.webhook_endpoint_id) == (Channel.ENDPOINT, "one")
    assert deliveries_of(on, queued) == ()


def test_the_audit_trail_tells_of_an_endpoint_and_not_its_secrets() -> None:
    """They stand deep in a list: what is searched for secrets is every level."""
    actor = Actor(user_id=ADA, key_id=None, address=None, request_id="r", at=NOON)
    endpoint = rotated(an_endpoint(), "newer", keep_old=True, at=NOON)
    after = DeliverySettings(user_id=ADA, changed_at=NOON, endpoints=(endpoint,))

    told = entry_of(actor, ADA, "notification_settings", None, after).after["endpoints"]

    assert "hooks.example" in told
    assert "newer" not in told
    assert "new-secret" not in told
