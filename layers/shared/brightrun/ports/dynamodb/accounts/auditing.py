"""What a request changes is remembered in the transaction that changes it.

A write of one of these kinds carries its entry along under `AUDITED`; `commit` makes it one more
write. What is not changed for a request - by a schedule, by a worker - has no actor and no entry.
"""

from datetime import timedelta
from typing import Any

from brightrun.accounts.audit import AuditEntry, entry_of
from brightrun.accounts.budget import UserLimits
from brightrun.accounts.erasure import Erasure
from brightrun.accounts.notification_delivery import DeliverySettings
from brightrun.accounts.record import ApiKey
from brightrun.accounts.users import UserAccess
from brightrun.datasets.record import Dataset
from brightrun.datasets.training_files import TrainingFile
from brightrun.jobs.record import Job
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.items import item_of
from brightrun.ports.dynamodb.key_shapes import Place
from brightrun.ports.dynamodb.table import Page, Table, newest
from brightrun.records import Record, UserId

AUDITED = "audited"
KINDS: dict[type[Record], str] = {
    ApiKey: "api_key",
    Dataset: "dataset",
    DeliverySettings: "notification_settings",
    Erasure: "erasure",
    Job: "job",
    ModelArtifact: "model",
    TrainingFile: "training_file",
    UserAccess: "user",
    UserLimits: "limits",
}


def audited(table: Table, before: Record | None, after: Record) -> dict[str, Any]:
    """Return what a write carries along: its entry, or nothing."""
    kind = KINDS.get(type(after))
    if table.actor is None or kind is None:
        return {}
    owner = UserId(str(getattr(after, "user_id", "")))
    entry = entry_of(table.actor, owner, kind, before, after)
    expires_at = keys.expiry(entry.at + timedelta(days=table.audit_days))
    where = Place(keys.audit(owner).key(entry.id), expires_at=expires_at)
    return {AUDITED: {"Put": {"TableName": table.name, "Item": item_of(entry, where)}}}


def audit_trail(
    table: Table, user_id: UserId, *, limit: int, cursor: str | None
) -> Page[AuditEntry]:
    """Return one page of what was changed of a user's things, newest first."""
    return newest(table, keys.audit(user_id), AuditEntry, limit=limit, cursor=cursor)
