"""How long the history of a job is kept is a setting."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.events import job_event
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import create_job, save
from brightrun.ports.dynamodb.table import Table
from brightrun.training.protocol import Point
from tests.support.factories import NOON, a_job
from tests.support.job_states import clock


def test_events_and_metrics_are_kept_as_long_as_is_configured(table: Table) -> None:
    short = replace(table, history_days=10)
    job = a_job()
    create_job(short, job, unchanged(JobState(job)), [], max_active=9)
    event = job_event(clock(), job, "job.created", "Queued")
    change = unchanged(JobState(job)).with_events(event)
    save(short, replace(change, points=(Point(step=1, epoch=0.1, timestamp=NOON),)))

    until = int((NOON + timedelta(days=10)).timestamp())
    items: list[Any] = table.client.query(
        TableName=table.name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": keys.job_partition(job.id)},
    )["Items"]
    assert [(str(item["sk"])[:5], item["expires_at"]) for item in items] == [
        ("EVENT", until),
        ("METRI", until),
    ]
