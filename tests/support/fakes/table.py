"""A DynamoDB table in memory behind the same client methods, for ten thousand lives a minute.

Transactions are atomic across threads. What it does not do: reserved words, item sizes,
throttling, TTL. `tests/integration/ports/test_fake_table.py` holds it against moto.
"""

import threading
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from tests.support.fakes.expressions import UnknownExpression, condition, updated

MAX_ACTIONS = 100
_PK, _SK = "pk", "sk"
INDEXES = {"work": ("work", "due_at"), "list": ("list_pk", "list_sk")}
Row = dict[str, Any]


@dataclass
class _Index:
    """Positions of items, sorted; an item without both attributes is not in it."""

    pk: str
    sk: str
    partitions: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    def place(self, item: Row) -> tuple[str, tuple[str, str, str]] | None:
        if self.pk not in item or self.sk not in item:
            return None
        return item[self.pk], (item[self.sk], item[_PK], item[_SK])

    def add(self, item: Row) -> None:
        where = self.place(item)
        if where is not None:
            insort(self.partitions.setdefault(where[0], []), where[1])

    def remove(self, item: Row) -> None:
        where = self.place(item)
        if where is not None:
            entries = self.partitions[where[0]]
            entries.pop(bisect_left(entries, where[1]))
            if not entries:
                del self.partitions[where[0]]


class MemoryTable:
    """One table; `requests` counts what was asked of it by method, `items_read` what came back."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Row] = {}
        self.requests: dict[str, int] = {}
        self.items_read = 0
        self._lock = threading.RLock()
        self._by_key = _Index(_PK, _SK)
        self._indexes = {name: _Index(*keys) for name, keys in INDEXES.items()}

    # ---- what a client offers

    def get_item(self, *, Key: Row, **_: Any) -> Row:  # noqa: N803 - AWS's own names, here and below
        self._count("get_item")
        with self._lock:
            item = self.items.get((Key[_PK], Key[_SK]))
            self.items_read += 1
        return {} if item is None else {"Item": dict(item)}

    def put_item(self, **put: Any) -> Row:
        self._count("put_item")
        with self._lock:
            if not self._holds(put, _key_of(put["Item"])):
                raise _error("ConditionalCheckFailedException", "PutItem")
            self._store(put["Item"])
        return {}

    def transact_write_items(self, *, TransactItems: list[Row], **_: Any) -> Row:  # noqa: N803
        self._count("transact_write_items")
        actions = [next(iter(action.items())) for action in TransactItems]
        keys = [_key_of(action["Item"] if kind == "Put" else action["Key"])
                for kind, action in actions]  # fmt: skip
        if len(set(keys)) != len(keys) or not 0 < len(keys) <= MAX_ACTIONS:
            raise _error("ValidationException", "TransactWriteItems")
        with self._lock:
            pairs = list(zip(actions, keys, strict=True))
            held = [self._holds(action, key) for (_, action), key in pairs]
            if not all(held):
                reasons = [{"Code": "None" if ok else "ConditionalCheckFailed"} for ok in held]
                raise _error("TransactionCanceledException", "TransactWriteItems", reasons)
            for (kind, action), key in pairs:
                self._apply(kind, action, key)
        return {}

    def query(self, **asked: Any) -> Row:
        self._count("query")
        with self._lock:
            answer = self._query(**asked)
            self.items_read += len(answer["Items"])
            return answer

    def get_paginator(self, method: str) -> "MemoryPages":
        if method != "query":
            raise UnknownExpression(method)
        return MemoryPages(self)

    # ---- how it is done

    def _count(self, method: str) -> None:
        self.requests[method] = self.requests.get(method, 0) + 1

    def _holds(self, action: Row, key: tuple[str, str]) -> bool:
        text = action.get("ConditionExpression")
        if text is None:
            return True
        names = action.get("ExpressionAttributeNames", {})
        values = action.get("ExpressionAttributeValues", {})
        return condition(text)(self.items.get(key, {}), names, values)

    def _apply(self, kind: str, action: Row, key: tuple[str, str]) -> None:
        if kind == "Put":
            self._store(action["Item"])
        elif kind == "Update":
            before = self.items.get(key, {_PK: key[0], _SK: key[1]})
            names = action["ExpressionAttributeNames"]
            values = action["ExpressionAttributeValues"]
            self._store(updated(action["UpdateExpression"], before, names, values))
        elif kind == "Delete":
            self._remove(key)
        elif kind != "ConditionCheck":
            raise UnknownExpression(kind)

    def _store(self, item: Row) -> None:
        stored: Row = _plain(item)
        key = _key_of(stored)
        self._remove(key)
        self.items[key] = stored
        for index in (self._by_key, *self._indexes.values()):
            index.add(stored)

    def _remove(self, key: tuple[str, str]) -> None:
        before = self.items.pop(key, None)
        if before is not None:
            for index in (self._by_key, *self._indexes.values()):
                index.remove(before)

    def _query(  # noqa: PLR0913 - DynamoDB's own request
        self,
        *,
        KeyConditionExpression: str,  # noqa: N803
        ExpressionAttributeValues: Mapping[str, Any],  # noqa: N803
        ExpressionAttributeNames: Mapping[str, str] | None = None,  # noqa: N803
        IndexName: str | None = None,  # noqa: N803
        ScanIndexForward: bool = True,  # noqa: N803
        Limit: int | None = None,  # noqa: N803
        ExclusiveStartKey: Row | None = None,  # noqa: N803
        **_: Any,
    ) -> Row:
        index = self._indexes[IndexName] if IndexName else self._by_key
        names = ExpressionAttributeNames or {}
        holds = condition(KeyConditionExpression)
        pk = ExpressionAttributeValues[KeyConditionExpression.split()[2]]
        entries = index.partitions.get(pk, [])
        found: list[Row] = []
        for entry in _from(entries, ExclusiveStartKey, index.sk, forward=ScanIndexForward):
            item = self.items[entry[1:]]
            if not holds(item, names, ExpressionAttributeValues):
                continue
            if Limit is not None and len(found) == Limit:
                last = found[-1]
                keys = {_PK, _SK, index.pk, index.sk}
                return {"Items": found, "LastEvaluatedKey": {name: last[name] for name in keys}}
            found.append(dict(item))
        return {"Items": found}


@dataclass(frozen=True)
class MemoryPages:
    """A paginator whose every page is one request; a page holds what Limit lets through."""

    table: MemoryTable

    def paginate(self, **asked: Any) -> Iterator[Row]:
        start: Row = {}
        while True:
            page = self.table.query(**asked, **start)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _from(
    entries: list[tuple[str, str, str]], start: Row | None, sk: str, *, forward: bool
) -> Iterator[tuple[str, str, str]]:
    ordered = entries if forward else entries[::-1]
    if start is None:
        yield from ordered
        return
    after = (start[sk], start[_PK], start[_SK])
    yield from (entry for entry in ordered if (entry > after if forward else entry < after))


def _key_of(item: Row) -> tuple[str, str]:
    return item[_PK], item[_SK]


def _plain(value: Any) -> Any:
    """Return a value as DynamoDB keeps it: numbers exact, floats refused."""
    if isinstance(value, float):
        raise TypeError("Float types are not supported. Use Decimal types instead.")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _error(code: str, operation: str, reasons: list[Row] | None = None) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}}
    if reasons is not None:
        answer["CancellationReasons"] = reasons
    return ClientError(answer, operation)
