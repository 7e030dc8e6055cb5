"""Everything that is kept of a user, by page: every record of theirs and of their jobs. Reads only.

What opens a door stays here, as in the audit trail, and so does what only the machinery reads.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from brightrun.accounts.audit import SECRET
from brightrun.accounts.record import ApiKey
from brightrun.errors import InvalidRequest
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.api_keys import api_keys
from brightrun.ports.dynamodb.items import plain_of
from brightrun.ports.dynamodb.key_shapes import Key
from brightrun.ports.dynamodb.table import Page, Table, after, find, oldest
from brightrun.records import UserId

KINDS = {
    "ATTEMPT": "attempt",
    "AUDIT": "audit_entry",
    "COST": "cost",
    "DATASET": "dataset",
    "DELIVERY": "notification_settings",
    "ERASE": "erasure",
    "EVENT": "job_event",
    "FILE": "training_file",
    "JOB": "job",
    "LIMITS": "limits",
    "METRIC": "metrics_point",
    "MODEL": "model",
    "NOTE": "notification",
    "OUT": "delivery",
    "SUM": "sum",
}
"""What is told, by how its sort key begins; leases, rates and the like are nobody's data."""

_MACHINERY = frozenset({"pk", "sk", "list_pk", "list_sk", "work", "due_at", "expires_at", "tries"})


@dataclass(frozen=True)
class Exported:
    """One record, as it is stored.

    Attributes:
        key: tells it from all others of its kind.
    """

    kind: str
    key: str
    record: dict[str, Any]


def export_page(table: Table, user_id: UserId, *, limit: int, cursor: str | None) -> Page[Exported]:
    """Return one page of what is kept of a user; a page may be empty and not be the last.

    Raises:
        InvalidRequest: the cursor is not one of this export.
    """
    start = Key(keys.user(user_id), "") if cursor is None else _place(table, user_id, cursor)
    asked: dict[str, Any] = {
        "TableName": table.name,
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ExpressionAttributeValues": {":pk": start.pk},
        "Limit": limit,
    }
    if start.sk:
        asked["ExclusiveStartKey"] = {"pk": start.pk, "sk": start.sk}
    answer = table.client.query(**asked)
    found = tuple(_exported(answer["Items"]))
    if cursor is None:
        found = (*_keys_of(table, user_id), *found)
    last = answer.get("LastEvaluatedKey")
    if last is not None:
        return Page(found, _cursor(Key(str(last["pk"]), str(last["sk"]))))
    return Page(found, _next_job(table, user_id, start.pk))


def _exported(items: Iterable[Mapping[str, Any]]) -> Iterable[Exported]:
    for item in items:
        sort_key = str(item["sk"])
        kind = KINDS.get(sort_key.partition("#")[0])
        if kind is not None:
            yield Exported(kind, sort_key, _told(item))


def _keys_of(table: Table, user_id: UserId) -> Iterable[Exported]:
    for key in api_keys(table, user_id):
        yield Exported("api_key", key.id, _told_key(key))


def _told_key(key: ApiKey) -> dict[str, Any]:
    return _without_secrets(key.model_dump(mode="json"))


def _told(item: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in item.items() if name not in _MACHINERY}
    return _without_secrets(plain_of(body))


def _without_secrets(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in SECRET}


def _next_job(table: Table, user_id: UserId, partition: str) -> str | None:
    """Return where the history of the job after this partition's begins; None after the last."""
    jobs = keys.jobs(user_id)
    done = partition.removeprefix(keys.job_partition(""))
    start = None if partition == jobs.pk else after(jobs.key(done))
    page = oldest(table, jobs, Job, limit=1, cursor=start)
    return _cursor(Key(keys.job_partition(page.records[0].id), "")) if page.records else None


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([key.pk, key.sk])).decode()


def _place(table: Table, user_id: UserId, cursor: str) -> Key:
    """Return where a cursor leads, if that is in what is this user's."""
    try:
        pk, sk = orjson.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError) as error:
        raise _no_cursor() from error
    if not (isinstance(pk, str) and isinstance(sk, str)) or len(pk) + len(sk) > _LONGEST:
        raise _no_cursor()
    if pk != keys.user(user_id):
        job_id = pk.removeprefix(keys.job_partition(""))
        if pk == job_id or not job_id or find(table, keys.job(user_id, job_id), Job) is None:
            raise _no_cursor()
    return Key(pk, sk)


_LONGEST = 1024


def _no_cursor() -> InvalidRequest:
    return InvalidRequest({"cursor": ["is not a cursor of this export"]})
