"""How a job ended, as OpenAI's webhooks tell it. Pure.

The body is what is signed, byte for byte; the event's id is also the `webhook-id`.
"""

from datetime import datetime

import orjson

from brightrun.accounts.record import Notification, NotificationType
from brightrun.openai import ids
from brightrun.openai.mappings import WEBHOOK_EVENT


def event_id(our_id: str) -> str:
    """Return the id of an event: the same each time it is sent, so that a receiver knows it."""
    return ids.WEBHOOK_EVENT + ids.digits(our_id)


def event_body(note: Notification) -> bytes:
    """Return what is posted of a notification about a job that ended."""
    return _body(note.id, note.type, note.created_at, note.metadata["job_id"])


def sample_body(sample_id: str, kind: NotificationType, at: datetime) -> bytes:
    """Return what is posted by a test call: of a job that nobody has."""
    return _body(sample_id, kind, at, sample_id)


def _body(our_id: str, kind: NotificationType, at: datetime, job_id: str) -> bytes:
    event = {
        "id": event_id(our_id),
        "object": "event",
        "type": WEBHOOK_EVENT[kind],
        "created_at": int(at.timestamp()),
        "data": {"id": ids.JOB + ids.digits(job_id)},
    }
    return orjson.dumps(event)
