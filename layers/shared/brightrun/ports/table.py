"""The one DynamoDB table: records in, records out, and writes as values.

A write is a value; `commit` applies any number of them together or not at all. Every write
says what it assumes about the stored item. Nothing here scans.
"""

import base64
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from botocore.exceptions import ClientError
from pydantic import BaseModel

from brightrun.errors import Conflict, InvalidRequest
from brightrun.ports.keys import Key, Place, place
from brightrun.records import Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")
Write = dict[str, Any]

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
MAX_WRITES = 100
_COMMIT_TRIES = 6
_WORK_INDEX = ("work", "due_at")
_INDEX_ATTRIBUTES = ("pk", "sk", "list_pk", "list_sk", "expires_at")


@dataclass(frozen=True)
class Table:
    """The table's name and a client that speaks plain Python values (`resource.meta.client`)."""

    client: "DynamoDBClient"
    name: str
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some records in key order; `cursor` leads to the rest and is None at the end."""

    records: tuple[T, ...]
    cursor: str | None = None


# ---- records as items


def item_of(record: BaseModel, where: Place, *, expires_at: int | None = None) -> dict[str, Any]:
    """Return the stored form: the record's JSON with exact numbers, plus its index positions.

    A null `work` or `due_at` is left out: the work index is sparse, and its keys cannot be null.
    """
    body = _exact(orjson.loads(record.model_dump_json()))
    item = {name: v for name, v in body.items() if v is not None or name not in _WORK_INDEX}
    item |= {"pk": where.key.pk, "sk": where.key.sk}
    if where.list_pk is not None:
        item |= {"list_pk": where.list_pk, "list_sk": where.list_sk}
    if expires_at is not None:
        item["expires_at"] = expires_at
    return item


def record_of(item: Mapping[str, Any], kind: type[R]) -> R:
    """Return the record an item holds, validated."""
    body = {name: value for name, value in item.items() if name not in _INDEX_ATTRIBUTES}
    return kind.model_validate_json(orjson.dumps(body, default=_plain))


def _exact(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Floats become decimals: DynamoDB numbers are decimal, and boto3 refuses floats."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return value


def _plain(value: Any) -> int | float:  # noqa: ANN401 - what orjson does not know
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


# ---- writes as values


def put_new(
    table: Table, record: Record, where: Place | None = None, *, expires_at: int | None = None
) -> Write:
    """Write a record that must not be there yet."""
    return {
        "Put": {
            "TableName": table.name,
            "Item": item_of(record, where or place(record), expires_at=expires_at),
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": "pk"},
        }
    }


def put(table: Table, record: BaseModel, where: Place, *, expires_at: int | None = None) -> Write:
    """Write a record whatever is there: for facts that are the same when written twice."""
    return {
        "Put": {
            "TableName": table.name,
            "Item": item_of(record, where, expires_at=expires_at),
        }
    }


def replace(
    table: Table,
    before: Record,
    after: Record,
    *,
    where: Place | None = None,
    version: str = "version",
) -> Write:
    """Write `after` if the stored record is still `before`; `after` becomes one version later.

    `version` names the attribute that counts versions.
    """
    read = getattr(before, version)
    item = item_of(after, where or place(after)) | {version: read + 1}
    return {
        "Put": {
            "TableName": table.name,
            "Item": item,
            "ConditionExpression": "#version = :read",
            "ExpressionAttributeNames": {"#version": version},
            "ExpressionAttributeValues": {":read": read},
        }
    }


def require(table: Table, unchanged: Record, *, version: str = "version") -> Write:
    """Write nothing, but let the whole commit fail if this record has changed."""
    where = place(unchanged)
    return {
        "ConditionCheck": {
            "TableName": table.name,
            "Key": {"pk": where.key.pk, "sk": where.key.sk},
            "ConditionExpression": "#version = :read",
            "ExpressionAttributeNames": {"#version": version},
            "ExpressionAttributeValues": {":read": getattr(unchanged, version)},
        }
    }


def require_none(table: Table, key: Key, number: str) -> Write:
    """Write nothing, but let the whole commit fail if this number of a running sum is not 0."""
    return {
        "ConditionCheck": {
            "TableName": table.name,
            "Key": {"pk": key.pk, "sk": key.sk},
            "ConditionExpression": "attribute_not_exists(#number) OR #number = :zero",
            "ExpressionAttributeNames": {"#number": number},
            "ExpressionAttributeValues": {":zero": 0},
        }
    }


def add(table: Table, key: Key, amounts: Mapping[str, int | Decimal]) -> Write | None:
    """Add to the numbers of a running sum; None when there is nothing to add."""
    wanted = {name: amount for name, amount in amounts.items() if amount}
    if not wanted:
        return None
    names = {f"#{n}": name for n, name in enumerate(wanted)}
    values = {f":{n}": amount for n, amount in enumerate(wanted.values())}
    pairs = ", ".join(f"#{n} :{n}" for n in range(len(wanted)))
    return {
        "Update": {
            "TableName": table.name,
            "Key": {"pk": key.pk, "sk": key.sk},
            "UpdateExpression": f"ADD {pairs}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
    }


def only_below(write: Write, number: str, limit: int) -> Write:
    """Return an `add` that fails, and its whole commit with it, once a number has its limit."""
    update = write["Update"]
    return {
        "Update": {
            **update,
            "ConditionExpression": "attribute_not_exists(#limited) OR #limited < :limit",
            "ExpressionAttributeNames": {**update["ExpressionAttributeNames"], "#limited": number},
            "ExpressionAttributeValues": {**update["ExpressionAttributeValues"], ":limit": limit},
        }
    }


def only_up_to(write: Write, number: str, most: Decimal) -> Write:
    """Return an `add` that fails, and its whole commit with it, once a number is above `most`."""
    update = write["Update"]
    return {
        "Update": {
            **update,
            "ConditionExpression": "(attribute_not_exists(#bounded) AND :none <= :most) "
            "OR #bounded <= :most",
            "ExpressionAttributeNames": {**update["ExpressionAttributeNames"], "#bounded": number},
            "ExpressionAttributeValues": {
                **update["ExpressionAttributeValues"],
                ":most": most,
                ":none": 0,
            },
        }
    }


def commit(table: Table, writes: Iterable[Write | None]) -> None:
    """Apply all writes, or none.

    A conflict with another transaction in flight is waited out, at most six times; safe,
    because each write carries its own condition.

    Raises:
        Conflict: a condition does not hold: another writer came first.
    """
    actions = [write for write in writes if write is not None]
    for tries in range(1, _COMMIT_TRIES + 1):
        try:
            table.client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except ClientError as error:
            reasons = _cancellation(error)
            if "ConditionalCheckFailed" in reasons:
                raise Conflict("the record was changed by another writer") from error
            busy = reasons & {"TransactionConflict", "ThrottlingError"}
            if not busy or tries == _COMMIT_TRIES:
                raise
            table.sleep(0.05 * 2**tries)
        else:
            return


def _cancellation(error: ClientError) -> set[str]:
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return set()
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    return {str(reason.get("Code")) for reason in reasons}


# ---- reads


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


def all_records(table: Table, pk: str, prefix: str, kind: type[R]) -> list[R]:
    """Return every record of a partition under a sort-key prefix, in key order."""
    found = _all_items(
        table, "pk = :pk AND begins_with(sk, :prefix)", {":pk": pk, ":prefix": prefix}
    )
    return [record_of(item, kind) for item in found]


def newest(
    table: Table, pk: str, prefix: str, kind: type[R], *, limit: int, cursor: str | None = None
) -> Page[R]:
    """Return one page of a partition's records under a sort-key prefix, newest first."""
    query = _Query("pk", "sk", pk, prefix, None, newest_first=True)
    return _page(table, query, kind, limit, cursor)


def oldest(
    table: Table, pk: str, prefix: str, kind: type[R], *, limit: int, cursor: str | None = None
) -> Page[R]:
    """Return one page of a partition's records under a sort-key prefix, oldest first."""
    query = _Query("pk", "sk", pk, prefix, None, newest_first=False)
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
    answer = table.client.query(**asked)
    records = tuple(record_of(item, kind) for item in answer["Items"])
    return Page(records, _cursor(answer.get("LastEvaluatedKey")))


def _cursor(last: Mapping[str, Any] | None) -> str | None:
    return base64.urlsafe_b64encode(orjson.dumps(dict(last))).decode() if last else None


def _start_key(cursor: str, query: _Query) -> dict[str, str]:
    """Return a cursor's key; one that was not made by the same query is refused."""
    wanted = {"pk", "sk", query.pk_name, query.sk_name}
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor))
    except ValueError as error:
        raise InvalidRequest({"cursor": ["is not a cursor of this list"]}) from error
    if not isinstance(key, dict) or set(key) != wanted or key[query.pk_name] != query.pk:
        raise InvalidRequest({"cursor": ["is not a cursor of this list"]})
    return {name: str(value) for name, value in key.items()}
