"""What leaves the house, signed, retried so often and no more."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from brightrun.accounts.notification_delivery import (
    Channel,
    Delivery,
    DeliverySettings,
    delivered,
    deliveries_of,
    not_delivered,
    require_webhook_url,
    secret_of,
    signed_headers,
    webhook_body,
    with_whole_link,
)
from brightrun.errors import InvalidRequest
from tests.support.factories import ADA, NOON, a_notification
from tests.support.job_states import clock

# the worked example of https://www.standardwebhooks.com, computed there
EXAMPLE = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # pragma: allowlist secret
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": 1614265330,
    "body": b'{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def settings(**facts: str) -> DeliverySettings:
    return DeliverySettings.model_validate({"user_id": ADA, "changed_at": NOON} | facts)


def a_delivery(**facts: object) -> Delivery:
    on = settings(webhook_url="https://hooks.example/x", webhook_secret=secret_of("s"))
    (delivery,) = deliveries_of(on, a_notification())
    return delivery.model_copy(update=facts)


def tried(delivery: Delivery) -> Delivery:
    """Count a try, as its claim does."""
    return delivery.model_copy(update={"tries": delivery.tries + 1})


def test_nothing_leaves_unless_it_was_switched_on() -> None:
    note = a_notification()

    assert deliveries_of(None, note) == ()
    assert deliveries_of(settings(), note) == ()


def test_each_way_that_is_on_gets_its_own_delivery_due_at_once() -> None:
    on = settings(email="ada@example.org", webhook_url="https://hooks.example/x")
    made = deliveries_of(on, a_notification())

    assert [d.channel for d in made] == [Channel.EMAIL, Channel.WEBHOOK]
    assert {(d.status, d.due_at == a_notification().created_at) for d in made} == {
        ("pending", True)
    }


def test_the_signature_is_the_one_of_the_specification() -> None:
    at = NOON.fromtimestamp(int(str(EXAMPLE["timestamp"])), NOON.tzinfo)
    body = EXAMPLE["body"]
    assert isinstance(body, bytes)
    headers = signed_headers([str(EXAMPLE["secret"])], str(EXAMPLE["id"]), body, at=at)

    assert headers == {
        "webhook-id": EXAMPLE["id"],
        "webhook-timestamp": "1614265330",
        "webhook-signature": EXAMPLE["signature"],
    }


def test_a_receiver_can_check_what_we_signed() -> None:
    secret, body = secret_of("random"), webhook_body(a_notification())
    headers = signed_headers([secret], "note-1", body, at=NOON)
    signed = f"note-1.{int(NOON.timestamp())}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))

    assert len(key) == 32
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_body_says_what_happened_and_nothing_of_the_machinery() -> None:
    said = json.loads(webhook_body(a_notification()))

    assert set(said) == {"type", "timestamp", "data"}
    assert set(said["data"]) == {"id", "title", "message", "priority", "action_url", "metadata"}


def test_a_delivery_is_tried_six_times_in_two_hours_and_then_left() -> None:
    delivery, waits = a_delivery(), []
    for _ in range(5):
        delivery = not_delivered(tried(delivery), clock(), why="answered 500")
        assert delivery.due_at is not None
        waits.append((delivery.due_at - NOON) / timedelta(seconds=1))
    delivery = not_delivered(tried(delivery), clock(), why="answered 500")

    assert waits == [30, 120, 600, 1800, 3600]
    assert (delivery.status, delivery.tries, delivery.work) == ("failed", 6, None)
    assert delivery.last_error == "answered 500"


def test_a_success_ends_it() -> None:
    done = delivered(a_delivery(tries=3, last_error="answered 500"), clock())

    assert (done.status, done.tries, done.work, done.due_at) == ("sent", 3, None, None)
    assert (done.sent_at, done.last_error) == (NOON, None)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "ftp://hooks.example/x",
        "https://",
        "https://localhost/x",
        "https://10.0.0.1/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://user:password@hooks.example/x",  # pragma: allowlist secret
        "https://hooks.example:8443/x",
        "https://hooks.example:x/",
        "https://db.internal/x",
        "https://hooks.example/" + "x" * 500,
    ],
)
def test_an_address_that_is_not_a_public_https_one_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="webhook_url"):
        require_webhook_url(url)


def test_a_public_https_address_is_taken() -> None:
    assert require_webhook_url("https://hooks.example/x?a=1") == "https://hooks.example/x?a=1"


def test_a_link_that_leaves_the_house_has_a_host() -> None:
    sent = with_whole_link(a_notification(), "https://brightrun.example")

    assert sent.action_url == f"https://brightrun.example{a_notification().action_url}"
