"""The one DynamoDB table, read: one record, one page, one sum. Nothing here scans."""

import base64
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from botocore.exceptions import ClientError
from pydantic import BaseModel

from brightrun.accounts.audit import Actor
from brightrun.errors import InvalidRequest
from brightrun.ports.dynamodb.items import record_of
from brightrun.ports.dynamodb.key_shapes import Group, Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")
log = logging.getLogger(__name__)
_LONGEST_KEY = 1024
_LAST = "\U0010ffff"
"""Sorts after whatever a key goes on with."""


@dataclass(frozen=True)
class Table:
    """The table's name and a client that speaks plain Python values (`resource.meta.client`).

    Attributes:
        history_days: how long events and metrics are kept after they were written.
        audit_days: how long it is kept who changed what.
        actor: whose request this is; None where no request is: nothing is audited then.
    """

    client: "DynamoDBClient"
    name: str
    sleep: Callable[[float], None] = time.sleep
    history_days: int = 365
    audit_days: int = 400
    actor: Actor | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some records in key order; `cursor` leads to the rest and is None at the end."""

    records: tuple[T, ...]
    cursor: str | None = None


def find(table: Table, key: Key, kind: type[R]) -> R | None:
    """Return the record at `key` as of the last commit, or None."""
    found = table.client.get_item(
        TableName=table.name, Key={"pk": key.pk, "sk": key.sk}, ConsistentRead=True
    )
    return record_of(found["Item"], kind) if "Item" in found else None


def numbers(table: Table, key: Key) -> dict[str, Decimal]:
    """Return the numbers of a running sum; empty when nothing was ever added."""
    found = table.client.get_item(TableName=table.name, Key={"pk": key.pk, "sk": key.sk})
    item: Mapping[str, Any] = found.get("Item", {})
    return {name: value for name, value in item.items() if isinstance(value, Decimal)}


def sums_between(table: Table, low: Key, high: Key) -> dict[str, dict[str, Decimal]]:
    """Return the running sums from `low` to `high` (same partition) by their sort key."""
    items = _all_items(table, "pk = :pk AND sk BETWEEN :low AND :high", {
        ":pk": low.pk, ":low": low.sk, ":high": high.sk,
    })  # fmt: skip
    return {
        item["sk"]: {name: n for name, n in item.items() if isinstance(n, Decimal)}
        for item in items
    }


def _all_items(table: Table, condition: str, values: dict[str, Any]) -> Iterable[dict[str, Any]]:
    pages = table.client.get_paginator("query").paginate(
        TableName=table.name,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
    )
    for page in pages:
        yield from page["Items"]


def counted_by(table: Table, attribute: str, work: Iterable[str]) -> Counter[str]:
    """Return how many items of these partitions of the work index have each value, due or not."""
    found: Counter[str] = Counter()
    for partition in work:
        pages = table.client.get_paginator("query").paginate(
            TableName=table.name,
            IndexName="work",
            KeyConditionExpression="#work = :work",
            ProjectionExpression="#wanted",
            ExpressionAttributeNames={"#work": "work", "#wanted": attribute},
            ExpressionAttributeValues={":work": partition},
        )
        found.update(str(item[attribute]) for page in pages for item in page["Items"] if item)
    return found


def all_records(table: Table, group: Group, kind: type[R]) -> list[R]:
    """Return every record of a group, in key order."""
    values = {":pk": group.pk, ":prefix": group.prefix}
    found = _all_items(table, "pk = :pk AND begins_with(sk, :prefix)", values)
    return list(_readable(found, kind))


def newest(
    table: Table, group: Group, kind: type[R], *, limit: int, cursor: str | None = None
) -> Page[R]:
    """Return one page of a group's records, newest first."""
    query = _Query("pk", "sk", group.pk, group.prefix, None, newest_first=True)
    return _page(table, query, kind, limit, cursor)


def oldest(
    table: Table, group: Group, kind: type[R], *, limit: int, cursor: str | None = None
) -> Page[R]:
    """Return one page of a group's records, oldest first."""
    query = _Query("pk", "sk", group.pk, group.prefix, None, newest_first=False)
    return _page(table, query, kind, limit, cursor)


def between(
    table: Table, low: Key, high: Key, kind: type[R], *, limit: int, cursor: str | None = None
) -> Page[R]:
    """Return one page of the records from `low` to `high` (same partition), newest first."""
    query = _Query("pk", "sk", low.pk, "", None, newest_first=True, bounds=(low.sk, high.sk))
    return _page(table, query, kind, limit, cursor)


def listed(
    table: Table, list_pk: str, kind: type[R], *, limit: int, cursor: str | None = None
) -> Page[R]:
    """Return one page of the list index, highest sort key first."""
    query = _Query("list_pk", "list_sk", list_pk, "", "list", newest_first=True)
    return _page(table, query, kind, limit, cursor)


@dataclass(frozen=True)
class _Query:
    pk_name: str
    sk_name: str
    pk: str
    prefix: str
    index: str | None
    newest_first: bool
    bounds: tuple[str, str] | None = None


def _page(table: Table, query: _Query, kind: type[R], limit: int, cursor: str | None) -> Page[R]:
    values = {":pk": query.pk}
    condition = "#pk = :pk"
    names = {"#pk": query.pk_name}
    if query.prefix:
        condition += " AND begins_with(#sk, :prefix)"
        values[":prefix"] = query.prefix
        names["#sk"] = query.sk_name
    if query.bounds:
        condition += " AND #sk BETWEEN :low AND :high"
        values |= {":low": query.bounds[0], ":high": query.bounds[1]}
        names["#sk"] = query.sk_name
    asked: dict[str, Any] = {
        "TableName": table.name,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": not query.newest_first,
        "Limit": limit,
    }
    if query.index:
        asked["IndexName"] = query.index
    if cursor:
        asked["ExclusiveStartKey"] = _start_key(cursor, query)
    answer = _asked(table, asked)
    records = tuple(_readable(answer["Items"], kind))
    return Page(records, _cursor(answer.get("LastEvaluatedKey")))


def _no_cursor() -> InvalidRequest:
    return InvalidRequest({"cursor": ["is not a cursor of this list"]})


def _asked(table: Table, asked: dict[str, Any]) -> Mapping[str, Any]:
    """Ask; a place to start from that DynamoDB does not take was not one of ours."""
    try:
        return table.client.query(**asked)
    except ClientError as error:
        made_up = error.response["Error"]["Code"] == "ValidationException"
        if made_up and "ExclusiveStartKey" in asked:
            raise _no_cursor() from error
        raise


def _readable(items: Iterable[Mapping[str, Any]], kind: type[R]) -> Iterator[R]:
    """Yield the records of a list; one that cannot be read must not hide the others."""
    for item in items:
        try:
            yield record_of(item, kind)
        except ValueError:
            log.exception("record unreadable: %s %s", item.get("pk"), item.get("sk"))


def _cursor(last: Mapping[str, Any] | None) -> str | None:
    return base64.urlsafe_b64encode(orjson.dumps(dict(last))).decode() if last else None


def after(key: Key) -> str:
    """Return the cursor that leads on from the item at `key`, whether or not it is there."""
    return _cursor({"pk": key.pk, "sk": key.sk}) or ""


def _start_key(cursor: str, query: _Query) -> dict[str, str]:
    """Return a cursor's key; one that was not made by the same query is refused."""
    wanted = {"pk", "sk", query.pk_name, query.sk_name}
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor))
    except ValueError as error:
        raise _no_cursor() from error
    if not isinstance(key, dict) or set(key) != wanted or key[query.pk_name] != query.pk:
        raise _no_cursor()
    if not all(isinstance(part, str) and 0 < len(part) <= _LONGEST_KEY for part in key.values()):
        raise _no_cursor()
    low, high = query.bounds or (query.prefix, query.prefix + _LAST)
    if not low <= key[query.sk_name] <= high:
        raise _no_cursor()
    return key
