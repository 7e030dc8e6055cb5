"""Validate: read an uploaded file once, report every problem, and say whether it can train.

Safe to run twice: a claim only one can win, the same file gives the same report under the same
key, and a validator that died is replaced when its lease ends.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import S3EventBridgeNotificationEvent

from brightrun.datasets.lifecycle import in_turns
from brightrun.ports.dynamodb import heartbeats
from brightrun.runtime import Deps, production
from brightrun.work_loop import Taken, find_due, take, take_due
from functions.validate_dataset.uploads import confirm_upload, expiry_task
from functions.validate_dataset.validate import validation_task

TAKING_SECONDS = 60
"""After this a cycle begins no other file: one may need the rest of the function's time."""

log = Logger(service="validate_dataset")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Validate what waits; an S3 event also confirms the upload it tells of."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due validation; one that fails counts on its own dataset and comes back."""
    with heartbeats.cycle(deps.table, "validate_dataset", deps.now()):
        validated, expired = _taken(event, deps.current())
    broken = validated.failed + expired.failed
    log.info("cycle", validated=validated.done, broken=broken, expired=expired.done)
    return {"validated": validated.done, "broken": broken, "expired": expired.done}


def _taken(event: dict[str, Any], deps: Deps) -> tuple[Taken, Taken]:
    if event.get("source") == "aws.s3":
        # The key as it is sent: EventBridge does not encode it, and `.key` would decode it.
        confirm_upload(deps, S3EventBridgeNotificationEvent(event).detail.object["key"])
    until = deps.now() + timedelta(seconds=TAKING_SECONDS)
    task = validation_task(deps)
    waiting = in_turns(find_due(deps.table, task, now=deps.now()))
    validated = take(deps.table, task, waiting, now=deps.now, until=until)
    expired = take_due(deps.table, expiry_task(deps), now=deps.now, until=until)
    return validated, expired
