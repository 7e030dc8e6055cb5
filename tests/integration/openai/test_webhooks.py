"""`client.webhooks`: endpoints by API, and deliveries that the client itself verifies.

Covers: accounts.webhook_endpoints, openai.webhook_events.
"""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import openai
import pytest
from openai.types.webhooks import FineTuningJobCancelledWebhookEvent, WebhookEndpointWithSecret

from brightrun.accounts.notification_delivery import Delivery
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.auditing import audit_trail
from brightrun.ports.dynamodb.accounts.notification_settings import find_delivery_settings
from brightrun.ports.dynamodb.table import all_records
from brightrun.runtime import Deps
from functions.process_jobs.notifications import deliver_due
from tests.support.factories import ADA, JOB_ID
from tests.support.openai.client import Wire, a_client
from tests.support.ordered_jobs import stored_job
from tests.support.receiver import Receiver

URL = "https://hooks.example/openai"
JOB = f"ftjob-{JOB_ID.replace('-', '')}"
CANCELLED: Final = "fine_tuning.job.cancelled"
SUCCEEDED: Final = "fine_tuning.job.succeeded"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def deps(deps: Deps, receiver: Receiver) -> Deps:
    """At the present moment: the client refuses what was signed at another; each secret anew."""
    return replace(
        deps,
        now=lambda: datetime.now(UTC),
        channels=receiver.channels(),
        new_secret=lambda: secrets.token_urlsafe(32),
    )


def endpoint(client: openai.OpenAI, **wanted: Any) -> WebhookEndpointWithSecret:
    usual: Any = {"name": "Mine", "url": URL, "event_types": [CANCELLED]}
    return client.webhooks.create(**usual | wanted)


def a_cancelled_job(client: openai.OpenAI, deps: Deps) -> None:
    stored_job(deps)
    client.fine_tuning.jobs.cancel(JOB)


def log(deps: Deps) -> list[Delivery]:
    return all_records(deps.table, keys.deliveries(ADA), Delivery)


def test_how_a_job_ended_is_told_and_the_client_unwraps_it(
    client: openai.OpenAI, deps: Deps, receiver: Receiver
) -> None:
    made = endpoint(client)
    a_cancelled_job(client, deps)
    deliver_due(deps)

    (request,), (body,) = receiver.got, receiver.bodies
    event = client.webhooks.unwrap(body, request.headers, secret=made.signing_secret)
    assert isinstance(event, FineTuningJobCancelledWebhookEvent)
    assert (event.data.id, event.object) == (JOB, "event")
    assert event.id == request.headers["webhook-id"]
    assert request.headers["host"] == "hooks.example"
    assert [(each.status, each.channel) for each in log(deps)] == [("sent", "endpoint")]


def test_a_body_that_was_changed_or_signed_by_another_is_refused(
    client: openai.OpenAI, deps: Deps, receiver: Receiver
) -> None:
    made, other = endpoint(client), endpoint(client, event_types=[SUCCEEDED])
    a_cancelled_job(client, deps)
    deliver_due(deps)

    (request,), (body,) = receiver.got, receiver.bodies
    for payload, secret in ((body, other.signing_secret), (body + b" ", made.signing_secret)):
        with pytest.raises(openai.InvalidWebhookSignatureError):
            client.webhooks.unwrap(payload, request.headers, secret=secret)


@pytest.mark.parametrize("keeps", [True, False])
def test_after_a_rotation_the_old_secret_is_void_at_once_or_in_a_day(
    client: openai.OpenAI, deps: Deps, receiver: Receiver, *, keeps: bool
) -> None:
    made = endpoint(client)
    rotated = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=keeps)
    for _ in range(2):
        client.webhooks.test(made.id, event_type=CANCELLED)
        tomorrow = replace(deps, now=lambda: datetime.now(UTC) + timedelta(hours=24))
        client = a_client(Wire(tomorrow))

    today, after_a_day = zip(receiver.got, receiver.bodies, strict=True)
    verify = client.webhooks.verify_signature
    verify(today[1], today[0].headers, secret=rotated.signing_secret)
    if keeps:
        verify(today[1], today[0].headers, secret=made.signing_secret)
    for request, body in (after_a_day, *([] if keeps else [today])):
        with pytest.raises(openai.InvalidWebhookSignatureError):
            verify(body, request.headers, secret=made.signing_secret, tolerance=200_000)
    verify(after_a_day[1], after_a_day[0].headers, secret=rotated.signing_secret, tolerance=200_000)


def test_a_sample_is_sent_at_once_and_its_answer_told(
    client: openai.OpenAI, receiver: Receiver
) -> None:
    receiver.answer = lambda _: httpx.Response(418)
    made = endpoint(client)

    told = client.webhooks.test(made.id, event_type=SUCCEEDED)

    (request,), (body,) = receiver.got, receiver.bodies
    event = client.webhooks.unwrap(body, request.headers, secret=made.signing_secret)

    assert (told.status_code, told.success, told.event_type) == (418, True, SUCCEEDED)
    assert (event.type, told.webhook_endpoint_id) == (SUCCEEDED, made.id)


def test_an_address_that_is_not_public_is_neither_made_nor_sent_to(
    client: openai.OpenAI, receiver: Receiver
) -> None:
    receiver.addresses = ("169.254.169.254",)
    made = endpoint(client)

    with pytest.raises(openai.BadRequestError) as unreachable:
        client.webhooks.test(made.id, event_type=CANCELLED)
    with pytest.raises(openai.BadRequestError) as refused:
        endpoint(client, url="http://hooks.example")
    assert (unreachable.value.param, refused.value.param) == ("url", "url")
    assert receiver.got == []


def test_samples_are_bounded(client: openai.OpenAI, receiver: Receiver, deps: Deps) -> None:
    made, patient = endpoint(client), a_client(Wire(deps), retries=0)

    for _ in range(10):
        patient.webhooks.test(made.id, event_type=CANCELLED)
    with pytest.raises(openai.RateLimitError):
        patient.webhooks.test(made.id, event_type=CANCELLED)
    assert len(receiver.got) == 10


def test_endpoints_are_listed_changed_and_deleted(client: openai.OpenAI, deps: Deps) -> None:
    made = [endpoint(client, name=f"Number {n}") for n in range(3)]

    listed = list(client.webhooks.list(limit=2))
    shown = client.webhooks.retrieve(made[0].id)
    same = client.webhooks.update(made[0].id, name="Number 0")
    other = client.webhooks.update(made[0].id, event_types=[SUCCEEDED, CANCELLED])
    gone = client.webhooks.delete(made[1].id)

    assert [each.name for each in listed] == ["Number 2", "Number 1", "Number 0"]
    assert not hasattr(shown, "signing_secret")
    assert shown.signing_secret_hint == f"whsec_...{made[0].signing_secret[-4:]}"
    assert same.updated_at == shown.updated_at
    assert other.event_types == [SUCCEEDED, CANCELLED]
    assert (gone.deleted, gone.object) == (True, "webhook_endpoint.deleted")
    assert [each.id for each in client.webhooks.list()] == [made[2].id, made[0].id]
    with pytest.raises(openai.NotFoundError):
        client.webhooks.retrieve(made[1].id)
    assert sorted(client.webhooks.event_types.list().data) == [
        CANCELLED, "fine_tuning.job.failed", SUCCEEDED,
    ]  # fmt: skip
    told = str(audit_trail(deps.table, ADA, limit=50, cursor=None))
    assert not any(each.signing_secret in told for each in made)


def test_what_happens_nowhere_here_and_an_eleventh_endpoint_are_refused(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.BadRequestError) as unknown:
        endpoint(client, event_types=["batch.completed"])
    for n in range(10):
        endpoint(client, name=str(n))
    with pytest.raises(openai.BadRequestError) as enough:
        endpoint(client)

    assert (unknown.value.param, enough.value.param) == ("event_types", "url")


def test_a_lost_answer_makes_one_endpoint_and_one_secret(deps: Deps) -> None:
    wire = Wire(deps, lose_answers=1)
    client = a_client(wire)
    made = endpoint(client)
    wire.lose_answers = 1
    rotated = client.webhooks.rotate_secret(made.id)

    assert [each.id for each in client.webhooks.list()] == [made.id]
    settings = find_delivery_settings(deps.table, ADA)
    assert settings is not None
    assert [each.secret for each in settings.endpoints] == [rotated.signing_secret]
