"""A validation that dies, breaks or loses its file: it ends all the same, and says so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from brightrun.datasets.record import Problem
from brightrun.datasets.validation.validator import validate
from brightrun.ports.dynamodb.items import item_of
from brightrun.ports.dynamodb.places import place
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from brightrun.training.catalog import Catalog
from functions.validate_dataset import app
from functions.validate_dataset.steps import LEASE_SECONDS
from functions.validate_dataset.validate import validate as validate_file
from tests.support.datasets.uploaded_datasets import BAD, GOOD, stored, told, uploaded
from tests.support.factories import NOON

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Killed(BaseException):
    """What SIGKILL is to the code: nothing catches it."""


class DyingClient:
    """An S3 client whose process is killed after the first bytes of a file."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self._client.get_object(**asked)
        return {"Body": self}

    def iter_chunks(self, _: int) -> Iterator[bytes]:
        yield BAD[:100]
        raise Killed


def at(deps: Deps, **after_noon: float) -> Deps:
    moment = NOON + timedelta(**after_noon)
    return replace(deps, now=lambda: moment)


def test_a_validator_that_died_is_replaced_when_its_lease_ends(deps: Deps) -> None:
    """It is killed while it reads: the same report a lease later, and nothing before."""
    uploaded(deps, BAD)
    dying = cast("S3Client", DyingClient(deps.store.client))
    with pytest.raises(Killed):
        app.handle({}, None, replace(deps, store=Store(dying, deps.store.bucket)))

    assert app.handle({}, None, deps)["validated"] == 0
    assert stored(deps).status == "validating"
    later = at(deps, seconds=LEASE_SECONDS)
    assert app.handle({}, None, later)["validated"] == 1
    body = deps.store.client.get_object(Bucket="storage", Key=stored(deps).report_path or "")
    whole = validate([BAD], max_sequence_tokens=4096).report
    assert stored(deps).status == "error"
    assert [Problem.model_validate_json(line) for line in body["Body"].read().splitlines()] == [
        *whole
    ]


def test_an_object_that_vanished_is_an_error_after_three_tries(deps: Deps) -> None:
    dataset = uploaded(deps, GOOD)
    deps.store.client.delete_object(Bucket="storage", Key=dataset.storage_path)
    for hours in range(3):
        app.handle({}, None, at(deps, hours=hours))

    assert stored(deps).status == "error"
    assert "could not be carried out" in (stored(deps).error_message or "")
    assert [kind for kind, _ in told(deps)] == ["dataset_failed"]


def test_a_dataset_deleted_while_it_was_read_stays_deleted(deps: Deps) -> None:
    dataset = uploaded(deps, GOOD)
    gone = dataset.model_copy(update={"deleted_at": NOON})
    deps.table.client.put_item(TableName="records", Item=item_of(gone, place(gone)))

    validate_file(deps, dataset)

    assert stored(deps).deleted_at == NOON
    assert told(deps) == []


def test_a_validator_that_breaks_on_a_file_is_counted_and_says_so(deps: Deps) -> None:
    """A bug of ours must not be met again each lease for ever, with nobody told."""
    uploaded(deps, GOOD)
    broken = replace(deps, catalog=Catalog(gpus=(), base_models=()))
    for hours in range(3):
        assert app.handle({}, None, at(broken, hours=hours))["broken"] == 1

    assert stored(deps).status == "error"
    assert "our validator broke (IndexError)" in (stored(deps).error_message or "")
