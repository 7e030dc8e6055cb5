"""A dataset whose file lies in storage, and what is known and told of it."""

import json
from typing import Any

from brightrun.accounts.record import Notification
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.table import all_records, find
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from tests.support.factories import ADA, DATASET_ID, NOON, a_dataset

GOOD = b"".join(
    json.dumps({"prompt": f"What is {n} + {n}?", "completion": f"It is {2 * n}."}).encode() + b"\n"
    for n in range(1, 21)
)
BAD = GOOD + b'{"prompt": "And now?"}\n{"prompt": '


def uploaded(deps: Deps, body: bytes, **facts: Any) -> Dataset:
    """A dataset whose file lies in storage; confirmed unless said otherwise."""
    known: dict[str, Any] = {
        "status": DatasetStatus.VALIDATING,
        "file_size": len(body),
        "sha256": None,
        "verdict": None,
        "work": work_of(Work.VALIDATE, DATASET_ID),
        "due_at": NOON,
    }
    dataset = a_dataset(**known | facts)
    create_dataset(deps.table, dataset)
    deps.store.client.put_object(
        Bucket=deps.store.bucket, Key=dataset.storage_path, Body=body, ChecksumAlgorithm="SHA256"
    )
    return dataset


def stored(deps: Deps) -> Dataset:
    dataset = find(deps.table, keys.dataset(ADA, DATASET_ID), Dataset)
    assert dataset is not None
    return dataset


def told(deps: Deps) -> list[tuple[str, str]]:
    notes = all_records(deps.table, keys.notifications(ADA), Notification)
    return [(note.type, note.message) for note in notes]
