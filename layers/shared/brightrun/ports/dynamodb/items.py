"""Records as items: what a record looks like in the table, with exact numbers. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from brightrun.ports.dynamodb.key_shapes import Place

R = TypeVar("R", bound=BaseModel)

_WORK_INDEX = ("work", "due_at")
# orjson writes integers of 64 bits; a longer one was a float when it came.
_LONG_ENOUGH = range(-(2**63), 2**64)
# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_EXPONENTS = range(-128, 126)
_INDEX_ATTRIBUTES = ("pk", "sk", "list_pk", "list_sk", "expires_at")


def item_of(record: BaseModel, where: Place, *, expires_at: int | None = None) -> dict[str, Any]:
    """Return the stored form: the record's JSON with exact numbers, plus its index positions.

    A null `work` or `due_at` is left out: the work index is sparse, and its keys cannot be null.

    Raises:
        ValueError: it could not be read back; nothing that nobody can read is ever stored.
    """
    body = _exact(orjson.loads(record.model_dump_json()))
    item = {name: v for name, v in body.items() if v is not None or name not in _WORK_INDEX}
    item |= {"pk": where.key.pk, "sk": where.key.sk}
    if where.list_pk is not None:
        item |= {"list_pk": where.list_pk, "list_sk": where.list_sk}
    until = where.expires_at if expires_at is None else expires_at
    if until is not None:
        item["expires_at"] = until
    record_of(item, type(record))
    return item


def record_of(item: Mapping[str, Any], kind: type[R]) -> R:
    """Return the record an item holds, validated."""
    body = {name: value for name, value in item.items() if name not in _INDEX_ATTRIBUTES}
    return kind.model_validate_json(orjson.dumps(body, default=_plain))


def plain_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values as JSON knows them."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(body, default=_plain))
    return plain


def _exact(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Floats become decimals: DynamoDB numbers are decimal, and boto3 refuses floats.

    One beyond DynamoDB's range is kept as text, which is read back as the same float.
    """
    if isinstance(value, float):
        exact = Decimal(repr(value))
        return exact if exact.adjusted() in _EXPONENTS or not exact else repr(value)
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return value


def _plain(value: Any) -> int | float:  # noqa: ANN401 - what orjson does not know
    if isinstance(value, Decimal):
        is_whole = value == value.to_integral_value() and int(value) in _LONG_ENOUGH
        return int(value) if is_whole else float(value)
    raise TypeError(type(value).__name__)
