"""The pipeline's own events: they only make a function run sooner, so losing one is harmless."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "brightrun"
_log = logging.getLogger(__name__)


class EventType(StrEnum):
    """The detail types on our bus; template.yaml routes each."""

    DATASET_CONFIRMED = "dataset.confirmed"
    JOB_CREATED = "job.created"
    JOB_STOP_REQUESTED = "job.stop_requested"
    JOB_COLLECTABLE = "job.collectable"
    ATTEMPT_STARTED = "attempt.started"
    ATTEMPT_FINISHED = "attempt.finished"


@dataclass(frozen=True)
class Bus:
    """An event bus, and how to get a client for it: made when it is first needed."""

    client: Callable[[], "EventBridgeClient"]
    name: str


def announce(bus: Bus, what: EventType, item_id: str) -> None:
    """Tell that something happened to an item.

    A failure is logged and swallowed: the work index already holds the wish, and the schedule
    finds it within a minute. This is the one place that may do so.
    """
    detail = orjson.dumps({"id": item_id}).decode()
    entry = {"Source": SOURCE, "DetailType": what, "Detail": detail, "EventBusName": bus.name}
    try:
        bus.client().put_events(Entries=[entry])  # type: ignore[list-item]
    except (BotoCoreError, ClientError) as error:
        _log.warning("event %s for %s was not sent: %s", what, item_id, error)
