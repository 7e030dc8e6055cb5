"""The log lines that alarms are made of: a wait that is too long, and every bill once."""

import logging
from typing import Any

import httpx
import pytest

from tests.support.harness import World


def said(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    """Return what stands in the lines with this message."""
    return [vars(line) for line in caplog.records if line.getMessage() == message]


def test_a_job_that_waits_too_long_is_told_at_each_look_at_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Which comes at least once in a quarter of an hour, the period of the alarm."""
    world.runpod.answer_instead = lambda _: httpx.Response(429)
    world.queue_job(waiting_since=world.clock.now)
    world.wait(60)
    early = said(caplog, "jobs wait")
    world.wait(world.deps.limits.max_queue_seconds / 2)
    world.wait(900)
    late = said(caplog, "jobs wait")

    assert early == []
    assert {line["count"] for line in late} == {1}


def test_a_bill_is_told_once_whoever_writes_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="brightrun.ports.dynamodb.jobs")
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.finishes(seconds=100)
    world.tick()
    world.wait(60)

    (billed,) = said(caplog, "billed")
    assert billed["amount_usd"] == pytest.approx(float(sum(c.amount for c in world.costs())))
