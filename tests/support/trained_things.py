"""What a user of a running stack has trained, laid into its table; and what is told of it."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import uuid6

from brightrun.accounts.notification_delivery import deliveries_of
from brightrun.clock import Clock
from brightrun.jobs.notifications import job_cancelled
from brightrun.jobs.record import Job, JobStatus
from brightrun.ports.dynamodb.accounts.notification_settings import find_delivery_settings
from brightrun.ports.dynamodb.places import place_of_point
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.dynamodb.writes import commit, put, put_new
from brightrun.ports.eventbridge import Bus
from brightrun.ports.runpod.jobs import RunPod
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from brightrun.settings import Settings
from brightrun.training.protocol import Point
from functions.process_jobs.notifications import deliver
from local.deploy import Aws
from local.stack import Stack
from tests.support.catalogs import load_catalog
from tests.support.factories import a_job, a_model
from tests.support.receiver import Receiver

CANCELLED = "fine_tuning.job.cancelled"


def a_trained_job(table: Table, user_id: str) -> Job:
    """Lay down a completed job with three points of its curve, and its model."""
    job_id, model_id, now = str(uuid6.uuid7()), str(uuid6.uuid7()), datetime.now(UTC)
    job = a_job(
        id=job_id, user_id=user_id, status=JobStatus.COMPLETED, artifact_id=model_id,
        completed_at=now, current_step=3, total_steps=3,
    )  # fmt: skip
    model = a_model(id=model_id, user_id=user_id, job_id=job_id)
    points = [
        Point(step=n, epoch=0, timestamp=now, training_loss=1 / n, validation_loss=2 / n)
        for n in (1, 2, 3)
    ]
    curve = [put(table, point, place_of_point(job_id, point)) for point in points]
    commit(table, [put_new(table, job), put_new(table, model), *curve])
    return job


def a_delivered_webhook(running: Stack, table: Table, api: httpx.Client, job: Job) -> Any:
    """Make an endpoint by the API and send it what the pipeline would; return what arrived.

    No address of this machine may be sent to, so the wire alone is replaced.
    """
    order = {"name": "n", "url": "https://hooks.example/x", "event_types": [CANCELLED]}
    made = api.post("/v1/webhook_endpoints", json=order).raise_for_status().json()
    note = job_cancelled(Clock(datetime.now(UTC), lambda: str(uuid6.uuid7())), job, by="you")
    commit(table, [put_new(table, note)])
    settings = find_delivery_settings(table, job.user_id)
    receiver = Receiver()
    for delivery in deliveries_of(settings, note):
        deliver(_deps(running, table), receiver.channels(), delivery)
    (request,), (body,) = receiver.got, receiver.bodies
    secret = made["signing_secret"]
    return {"body": body.decode(), "headers": dict(request.headers), "secret": secret}


def _deps(running: Stack, table: Table) -> Deps:
    outputs, aws = running.outputs, Aws(running.settings.aws_url)
    settings = Settings(
        stage="local",
        table_name=table.name,
        bucket_name=outputs["BucketName"],
        bus_name=outputs["BusName"],
        gpu_endpoints={},
        cognito_client_id=outputs["UserPoolClientId"],
        cognito_issuer="",
    )
    return Deps(
        settings=settings,
        table=table,
        store=Store(aws.client("s3"), settings.bucket_name),
        bus=Bus(partial(aws.client, "events"), settings.bus_name),
        runpod=RunPod(httpx.Client(), time.sleep),
        catalog=load_catalog("[]", {}),
        now=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid6.uuid7()),
        new_secret=lambda: "unused",
        sleep=time.sleep,
    )
