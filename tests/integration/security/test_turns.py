"""Users take turns in validation, two files of one at once; what cannot be read yet waits."""

from datetime import timedelta
from typing import Any

import pytest

from brightrun.datasets.lifecycle import in_turns
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.validation_turns import end_turn, take_turn
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.validate_dataset import app as validate_dataset
from tests.support.factories import ADA, BOB, DATASET_ID, NOON, a_dataset

ROW = b'{"prompt": "What is 1 + 1?", "completion": "It is 2."}\n' * 12
LEASE = timedelta(seconds=930)


def queued(deps: Deps, number: int, **facts: Any) -> str:
    dataset_id = f"{DATASET_ID[:-2]}{number:02d}"
    dataset = a_dataset(
        id=dataset_id, status=DatasetStatus.VALIDATING, file_size=len(ROW), sha256=None,
        verdict=None, work=work_of(Work.VALIDATE, dataset_id), due_at=NOON,
        storage_path=f"datasets/x/{dataset_id}/f.jsonl", **facts,
    )  # fmt: skip
    create_dataset(deps.table, dataset)
    deps.store.client.put_object(Bucket="storage", Key=dataset.storage_path, Body=ROW)
    return dataset_id


def status_of(deps: Deps, owner: Any, dataset_id: str) -> tuple[str, int]:
    found = find(deps.table, keys.dataset(owner, dataset_id), Dataset)
    assert found is not None
    return found.status, found.tries


def test_owners_take_turns() -> None:
    order = in_turns(
        [a_dataset(id=each[0], user_id=each[1]) for each in ("1a", "2a", "3a", "4b", "5c", "6b")]
    )

    assert [dataset.id for dataset in order] == ["1", "4", "5", "2", "6", "3"]


def test_a_third_file_of_a_user_waits_and_no_try_is_counted(deps: Deps) -> None:
    for number in (1, 2):
        assert take_turn(deps.table, ADA, f"other-{number}", now=NOON, lease=LEASE)
    mine, theirs = queued(deps, 3), queued(deps, 4, user_id=BOB)

    validate_dataset.handle({}, None, deps)

    assert status_of(deps, ADA, mine) == ("validating", 0)
    assert status_of(deps, BOB, theirs)[0] == "ready"


def test_a_user_with_many_files_keeps_nobody_waiting(deps: Deps) -> None:
    many = [queued(deps, number) for number in range(1, 20)]
    theirs = queued(deps, 20, user_id=BOB)

    validate_dataset.handle({}, None, deps)

    assert status_of(deps, BOB, theirs)[0] == "ready"
    assert {status_of(deps, ADA, each)[0] for each in many} == {"ready"}


@pytest.mark.parametrize(("seconds", "free"), [(929, False), (931, True)])
def test_a_validator_that_died_gives_its_place_back_when_its_lease_ends(
    deps: Deps,
    seconds: int,
    free: bool,  # noqa: FBT001 - of a table
) -> None:
    for number in (1, 2):
        take_turn(deps.table, ADA, f"dead-{number}", now=NOON, lease=LEASE)
    later = NOON + timedelta(seconds=seconds)

    assert take_turn(deps.table, ADA, "next", now=later, lease=LEASE) is free


def test_a_place_that_is_given_back_is_the_next_ones(deps: Deps) -> None:
    for number in (1, 2):
        take_turn(deps.table, ADA, str(number), now=NOON, lease=LEASE)
    full = take_turn(deps.table, ADA, "3", now=NOON, lease=LEASE)
    end_turn(deps.table, ADA, "1", now=NOON)

    assert (full, take_turn(deps.table, ADA, "3", now=NOON, lease=LEASE)) == (False, True)
