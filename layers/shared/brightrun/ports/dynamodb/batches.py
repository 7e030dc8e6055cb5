"""Many items of the one table at once, by their keys."""

from collections.abc import Iterator, Sequence
from typing import Any

from brightrun.ports.dynamodb.key_shapes import Key
from brightrun.ports.dynamodb.table import Table

_BATCH = 100
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 2.0


def items_at(table: Table, wanted: Sequence[Key]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield the items there are at these keys; what DynamoDB leaves out is asked for again.

    It leaves out what it has no room for just then: asked at once, it would leave it out again.
    """
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        asked: dict[str, Any] = {
            table.name: {"Keys": [{"pk": key.pk, "sk": key.sk} for key in batch]}
        }
        pause = _FIRST_PAUSE_SECONDS
        while asked:
            answer = table.client.batch_get_item(RequestItems=asked)
            items: list[dict[str, Any]] = answer["Responses"].get(table.name, [])
            for item in items:
                yield Key(str(item["pk"]), str(item["sk"])), item
            asked = answer.get("UnprocessedKeys") or {}
            if asked:
                table.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
