"""Writes as values: each says what it assumes about the stored item; `commit` applies them.

Any number of them together, or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError
from pydantic import BaseModel

from brightrun.errors import Conflict
from brightrun.ports.dynamodb.accounts.auditing import AUDITED, audited
from brightrun.ports.dynamodb.items import item_of
from brightrun.ports.dynamodb.key_shapes import Key, Place
from brightrun.ports.dynamodb.places import place
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.patience import patient
from brightrun.records import Record

Write = dict[str, Any]

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
MAX_WRITES = 100
_COMMIT_TRIES = 6
_FIRST_WAIT_SECONDS = 0.1


def put_new(
    table: Table, record: Record, where: Place | None = None, *, expires_at: int | None = None
) -> Write:
    """Write a record that must not be there yet."""
    return {
        **audited(table, None, record),
        "Put": {
            "TableName": table.name,
            "Item": item_of(record, where or place(record), expires_at=expires_at),
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": "pk"},
        },
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
        **audited(table, before, after),
        "Put": {
            "TableName": table.name,
            "Item": item,
            "ConditionExpression": "#version = :read",
            "ExpressionAttributeNames": {"#version": version},
            "ExpressionAttributeValues": {":read": read},
        },
    }


def remove(table: Table, key: Key) -> Write:
    """Delete an item; one that is gone already is no fault."""
    return {"Delete": {"TableName": table.name, "Key": {"pk": key.pk, "sk": key.sk}}}


def remove_unchanged(table: Table, record: Record, *, version: str = "version") -> Write:
    """Delete a record if it is still the one that was read."""
    where = place(record)
    return {
        "Delete": {
            "TableName": table.name,
            "Key": {"pk": where.key.pk, "sk": where.key.sk},
            "ConditionExpression": "#version = :read",
            "ExpressionAttributeNames": {"#version": version},
            "ExpressionAttributeValues": {":read": getattr(record, version)},
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
    wanted = [write for write in writes if write is not None]
    actions = [{n: part for n, part in write.items() if n != AUDITED} for write in wanted]
    actions += [write[AUDITED] for write in wanted if AUDITED in write]
    trying = patient(
        _is_busy, tries=_COMMIT_TRIES, first_wait_seconds=_FIRST_WAIT_SECONDS, sleep=table.sleep
    )
    try:
        trying(table.client.transact_write_items, TransactItems=actions)
    except ClientError as error:
        if "ConditionalCheckFailed" in _cancellation(error):
            raise Conflict("the record was changed by another writer") from error
        raise


def _is_busy(error: BaseException) -> bool:
    """Whether only another transaction in flight is in the way, or the table's own limits."""
    reasons = _cancellation(error) if isinstance(error, ClientError) else set()
    is_busy = bool(reasons & {"TransactionConflict", "ThrottlingError"})
    return is_busy and "ConditionalCheckFailed" not in reasons


def _cancellation(error: ClientError) -> set[str]:
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return set()
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    return {str(reason.get("Code")) for reason in reasons}
