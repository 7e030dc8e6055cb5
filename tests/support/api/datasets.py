"""Ada's datasets as tests declare, upload, find and count them."""

from typing import Any

from brightrun.datasets.record import Dataset
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import find, numbers
from brightrun.runtime import Deps
from tests.support.factories import ADA

BODY = b'{"messages": []}\n'
NEW: dict[str, Any] = {"name": "Letters", "file_name": "letters.jsonl", "file_size": len(BODY)}
CHOICES: dict[str, Any] = {
    "over_length": "truncate",
    "find_near_duplicates": True,
    "waive": ["secret_suspect"],
}


def counts(deps: Deps) -> dict[str, int]:
    """Return how many datasets Ada has of each status."""
    sums = numbers(deps.table, keys.counts(ADA, Kind.DATASET))
    return {name: int(value) for name, value in sums.items() if value}


def stored(deps: Deps, dataset_id: str) -> Dataset:
    """Return Ada's dataset as it is kept."""
    found = find(deps.table, keys.dataset(ADA, dataset_id), Dataset)
    assert found is not None
    return found


def upload(deps: Deps, key: str, body: bytes = BODY) -> None:
    """Do what a browser does with a signed URL."""
    deps.store.client.put_object(
        Bucket=deps.store.bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256"
    )
