"""Notifications on their way out: by mail and to a user's own address, whatever those answer."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import boto3
import httpx
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from brightrun.accounts.notification_delivery import Delivery, signed_headers
from brightrun.jobs.change import JobState, unchanged
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.table import all_records
from brightrun.ports.ses import Mail
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.process_jobs import app as process_jobs
from functions.process_jobs.notifications import LEASE_SECONDS
from tests.support.api.http_calls import ADA_CALLS, Answer, an_event, answered, identity
from tests.support.factories import ADA, JOB_ID, a_job
from tests.support.harness import World, a_world
from tests.support.receiver import Receiver

SENDER, PAGES = "pipeline@brightrun.test", "https://pages.example"
ADA_SIGNED_IN = identity(user_id=ADA, email="ada@example.org")


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def world(deps: Deps, receiver: Receiver) -> World:
    mail = boto3.client("sesv2", region_name="us-east-1")
    mail.create_email_identity(EmailIdentity=SENDER)
    settings = deps.settings.model_copy(update={"mail_from": SENDER, "pages_url": PAGES})
    return a_world(replace(deps, settings=settings, channels=receiver.channels(Mail(mail, SENDER))))


def call(
    world: World, route: str, body: object = None, caller: dict[str, str] = ADA_SIGNED_IN
) -> Answer:
    return answered(handle(an_event(route, body, caller, None, None, None), None, world.deps))


def switch(world: World, **wanted: object) -> Answer:
    return call(world, "PATCH /api/notification-settings", wanted)


def log(world: World) -> list[Delivery]:
    return all_records(world.deps.table, keys.deliveries(ADA), Delivery)


def a_cancelled_job(world: World) -> None:
    """Queued and cancelled: a life that tells its owner one thing, that it was cancelled."""
    job = world.queue_job()
    call(world, f"POST /api/jobs/{job.id}/cancel")


def test_nothing_leaves_by_itself(world: World, receiver: Receiver) -> None:
    a_cancelled_job(world)
    world.tick()

    assert (log(world), receiver.got) == ([], [])


def test_a_webhook_is_signed_with_the_secret_its_owner_was_shown_once(
    world: World, receiver: Receiver
) -> None:
    secret = switch(world, webhook_url="https://hooks.example/here?a=1").data["webhook_secret"]
    a_cancelled_job(world)
    world.tick()

    (request,), (body,) = receiver.got, receiver.bodies
    assert request.url == "https://93.184.215.14/here?a=1"
    assert request.headers["host"] == "hooks.example"
    assert request.extensions["sni_hostname"] == "hooks.example"
    assert b'"type":"job_cancelled"' in body
    signed = signed_headers([secret], request.headers["webhook-id"], body, at=world.clock.now)
    assert request.headers["webhook-signature"] == signed["webhook-signature"]
    assert [d.status for d in log(world)] == ["sent"]
    assert call(world, "GET /api/notification-settings").data["webhook_secret"] is None


def test_a_webhook_can_be_tried_before_anything_has_happened(
    world: World, receiver: Receiver
) -> None:
    nowhere = call(world, "POST /api/notification-settings/test")
    secret = switch(world, webhook_url="https://hooks.example/here").data["webhook_secret"]
    receiver.answer = lambda _: httpx.Response(503)
    answered_by = call(world, "POST /api/notification-settings/test").data["status_code"]

    (request,), (body,) = receiver.got, receiver.bodies
    signed = signed_headers([secret], request.headers["webhook-id"], body, at=world.clock.now)
    assert nowhere.refusal == (400, "invalid_request")
    assert answered_by == 503
    assert request.headers["webhook-signature"] == signed["webhook-signature"]
    assert log(world) == []


def test_mail_goes_to_the_address_of_the_identity_that_asked_for_it(world: World) -> None:
    switch(world, email=True)
    a_cancelled_job(world)
    world.tick()

    sent = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    assert [message.destinations["ToAddresses"] for message in sent] == [["ada@example.org"]]
    assert f"\n{PAGES}/training/jobs/" in sent[0].body  # a path alone leads nowhere from a mail
    assert [d.status for d in log(world)] == ["sent"]


def test_an_identity_without_an_address_or_a_stage_without_mail_is_told_so(world: World) -> None:
    by_key = call(world, "PATCH /api/notification-settings", {"email": True}, ADA_CALLS)
    silent = replace(world.deps, settings=world.deps.settings.model_copy(update={"mail_from": ""}))
    here = switch(replace(world, deps=silent), email=True)

    assert (by_key.status, here.status) == (400, 400)
    assert "no address" in by_key.body["error"]
    assert "no e-mail is sent" in here.body["error"]


def refuse(_: httpx.Request) -> httpx.Response:
    return httpx.Response(500)


def redirect(_: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"Location": "http://169.254.169.254/"})


def break_off(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize("answer", [refuse, redirect, break_off])
def test_an_address_that_does_not_take_it_is_tried_again_and_hinders_nothing(
    world: World, receiver: Receiver, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    receiver.answer = answer
    switch(world, webhook_url="https://hooks.example/here")
    a_cancelled_job(world)
    for _ in range(12):
        world.wait(3600)

    assert world.job().status == "cancelled"
    (delivery,) = log(world)
    assert (delivery.status, delivery.tries, len(receiver.got)) == ("failed", 6, 6)


def test_a_delivery_that_failed_once_arrives_the_next_time(
    world: World, receiver: Receiver
) -> None:
    receiver.answer = refuse
    switch(world, webhook_url="https://hooks.example/here")
    a_cancelled_job(world)
    world.tick()
    receiver.answer = lambda _: httpx.Response(200)
    world.wait(31)
    world.wait(31)

    assert [(d.status, d.tries) for d in log(world)] == [("sent", 2)]
    ids = {request.headers["webhook-id"] for request in receiver.got}
    assert (len(receiver.got), len(ids)) == (2, 1)


@pytest.mark.parametrize(
    "addresses", [("10.0.0.7",), ("93.184.215.14", "127.0.0.1"), ("::1",), ("fd00::1",), ()]
)
def test_a_name_that_leads_inside_is_never_connected_to(
    world: World, receiver: Receiver, addresses: tuple[str, ...]
) -> None:
    receiver.addresses = addresses
    switch(world, webhook_url="https://hooks.example/here")
    a_cancelled_job(world)
    world.tick()

    assert receiver.got == []
    assert log(world)[0].last_error == "the host has no public address"


def test_what_is_switched_off_again_stays_in_the_house(world: World, receiver: Receiver) -> None:
    switch(world, webhook_url="https://hooks.example/here", email=True)
    off = switch(world, webhook_url=None, email=False).data
    a_cancelled_job(world)
    world.tick()

    assert (off["webhook_url"], off["email"]) == (None, None)
    assert (log(world), receiver.got) == ([], [])


def test_the_log_shows_each_way_out_and_nothing_of_others(world: World) -> None:
    switch(world, webhook_url="https://hooks.example/here")
    a_cancelled_job(world)
    world.tick()
    own = call(world, "GET /api/notification-deliveries").data["deliveries"]
    bobs = call(world, "GET /api/notification-deliveries", None, identity(user_id="bob")).data

    assert [(d["channel"], d["type"], d["status"]) for d in own] == [
        ("webhook", "job_cancelled", "sent")
    ]
    assert bobs["deliveries"] == []


def test_an_address_inside_is_refused_when_it_is_named(world: World) -> None:
    answer = switch(world, webhook_url="https://169.254.169.254/latest/meta-data")

    assert answer.refusal == (400, "invalid_request")
    assert answer.body["details"] == {"webhook_url": ["must be at a public address"]}


def test_a_delivery_that_breaks_stops_no_job_and_is_counted(world: World) -> None:
    """A fault of our own on the way out: the jobs of the same pass are taken all the same."""

    def broken(_: str) -> list[str]:
        raise RuntimeError("a fault of our own")

    switch(world, webhook_url="https://hooks.example/here")
    a_cancelled_job(world)
    assert world.deps.channels is not None
    web = replace(world.deps.channels.web, resolve=broken)
    deps = replace(world.deps, channels=replace(world.deps.channels, web=web))
    second = a_job(id=f"{JOB_ID[:-1]}2", work="dispatch#0", due_at=world.clock.now)
    create_job(deps.table, second, unchanged(JobState(second)), [], max_active=9)
    done = process_jobs.run_pass(deps)

    assert (done.steps, done.broken) == (1, 1)
    assert len(world.runpod.runs) == 1
    assert [(d.status, d.tries, d.last_error) for d in log(world)] == [
        ("pending", 1, "not sent: RuntimeError")
    ]


def test_a_receiver_that_never_answers_holds_nobody_up_and_its_try_counts(
    world: World, receiver: Receiver
) -> None:
    let_go = threading.Event()

    def hang(_: httpx.Request) -> httpx.Response:
        let_go.wait(20)
        return httpx.Response(200)

    receiver.answer = hang
    switch(world, webhook_url="https://hooks.example/here")
    a_cancelled_job(world)
    assert world.deps.channels is not None
    hasty = replace(world.deps.channels, patience_seconds=0.2)
    began = time.monotonic()
    done = process_jobs.run_pass(replace(world.deps, channels=hasty))
    took = time.monotonic() - began
    meanwhile = log(world)
    let_go.set()

    assert done.broken == 0
    assert took < 10
    assert [(d.status, d.tries) for d in meanwhile] == [("pending", 1)]
    assert meanwhile[0].due_at == world.clock.now + timedelta(seconds=LEASE_SECONDS)
    while log(world)[0].status == "pending":
        time.sleep(0.01)
