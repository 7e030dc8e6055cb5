"""Fair shares: how fast a caller may call. One item each, written at each call.

A token bucket, kept as one time: until when the calls so far are paid for. Each call pays
`1 / per_second`; a burst may be ahead by so many calls. Source: ITU-T I.371, the generic cell
rate algorithm.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from brightrun.errors import RateLimited
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Key
from brightrun.ports.dynamodb.table import Table
from brightrun.records import UserId, iso

_MILLI = 1000
_IDLE = "attribute_not_exists(#paid) OR #paid < :now"
_WITHIN = "#paid <= :most"


@dataclass(frozen=True)
class Rate:
    """How many calls a second, and how many at once before that counts."""

    per_second: float
    burst: int

    @property
    def distance_ms(self) -> int:
        """What one call pays."""
        return round(_MILLI / self.per_second)


def user_bucket(user_id: UserId) -> Key:
    """Return what all calls of a user draw on."""
    return keys.buckets(user_id).key("USER")


def key_bucket(user_id: UserId, key_id: str) -> Key:
    """Return what the calls with one API key draw on."""
    return keys.buckets(user_id).key(key_id)


def draw(
    table: Table, bucket: Key, rate: Rate, *, now: datetime, expires_at: int | None = None
) -> None:
    """Count one call; whoever was quiet pays with one write, who is busy with two.

    Raises:
        RateLimited: there were too many; says when the next one may come.
    """
    at, one = round(now.timestamp() * _MILLI), rate.distance_ms
    asked: dict[str, Any] = {
        "TableName": table.name,
        "Key": {"pk": bucket.pk, "sk": bucket.sk},
        "ExpressionAttributeNames": {"#paid": "paid_until", "#used": "used_at"},
    }
    used: dict[str, Any] = {":used": iso(now)}
    also = ""
    if expires_at is not None:
        asked["ExpressionAttributeNames"]["#expires"] = "expires_at"
        used[":expires"] = expires_at
        also = ", #expires = :expires"
    update = f"SET #paid = :new, #used = :used{also}"
    if _written(table, asked, update, _IDLE, used | {":now": at, ":new": at + one}):
        return
    update = f"SET #paid = #paid + :one, #used = :used{also}"
    most = at + (rate.burst - 1) * one
    if not _written(table, asked, update, _WITHIN, used | {":one": one, ":most": most}):
        raise RateLimited("too many calls", one / _MILLI)


def _written(
    table: Table, asked: dict[str, Any], update: str, condition: str, values: dict[str, Any]
) -> bool:
    try:
        table.client.update_item(
            **asked,
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def last_uses(table: Table, user_id: UserId) -> dict[str, datetime]:
    """Return when each of a user's API keys was last used, by its id."""
    group = keys.buckets(user_id)
    answer = table.client.query(
        TableName=table.name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": group.pk, ":prefix": group.prefix},
    )
    return {
        str(item["sk"]).removeprefix(group.prefix): datetime.fromisoformat(str(item["used_at"]))
        for item in answer["Items"]
    }
