"""Validate: read an uploaded file once, report every problem, and say whether it can train.

Safe to run twice: a claim only one can win, the same file gives the same report under the same
key, and a validator that died is replaced when its lease ends.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import S3EventBridgeNotificationEvent

from brightrun.ports.dynamodb import heartbeats
from brightrun.runtime import Deps, production
from brightrun.work_loop import take_due
from functions.validate_dataset.uploads import confirm_upload, expiry_task
from functions.validate_dataset.validate import validation_task

log = Logger(service="validate_dataset")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Validate what waits; an S3 event also confirms the upload it tells of."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due validation; one that fails counts on its own dataset and comes back."""
    heartbeats.record_heartbeat(deps.table, "validate_dataset", deps.now())
    if event.get("source") == "aws.s3":
        # The key as it is sent: EventBridge does not encode it, and `.key` would decode it.
        confirm_upload(deps, S3EventBridgeNotificationEvent(event).detail.object["key"])
    validated = take_due(deps.table, validation_task(deps), now=deps.now)
    expired = take_due(deps.table, expiry_task(deps), now=deps.now)
    broken = validated.failed + expired.failed
    log.info("cycle", validated=validated.done, broken=broken, expired=expired.done)
    return {"validated": validated.done, "broken": broken, "expired": expired.done}
