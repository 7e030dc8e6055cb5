"""Published models in the table; deleted ones are counted apart and no longer found."""

from dataclasses import dataclass
from enum import StrEnum

from brightrun.accounts.erasure import Erasure
from brightrun.envelope import PageRequest
from brightrun.errors import ModelNotFound
from brightrun.models.record import ModelArtifact, ModelStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.erasures import appointment
from brightrun.ports.dynamodb.accounts.usage_totals import stored_bytes
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.pagination import Found, page_of, search_of
from brightrun.ports.dynamodb.table import Page, Table, find, listed, newest, numbers
from brightrun.ports.dynamodb.writes import add, commit, replace
from brightrun.records import UserId

DELETED = "deleted"


class Sort(StrEnum):
    """What comes first in a list of models."""

    NEWEST = "created_at"
    BEST = "quality"


def counts_by_status(table: Table, user_id: UserId) -> dict[ModelStatus, int]:
    """Return how many models of a user are in each status; deleted ones are in none."""
    sums = numbers(table, keys.counts(user_id, Kind.MODEL))
    return {status: int(sums.get(status, 0)) for status in ModelStatus}


@dataclass(frozen=True)
class ModelFilter:
    """Which models are wanted; None: all."""

    status: ModelStatus | None = None
    stars: int | None = None
    dataset_id: str | None = None
    base_model: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lets every model through."""
        return self == ModelFilter()

    def takes(self, model: ModelArtifact) -> bool:
        """Whether it lets this one through."""
        seen = {
            "status": model.status,
            "stars": model.quality_metrics.overall_score,
            "dataset_id": model.dataset_id,
            "base_model": model.base_model,
        }
        return all(getattr(self, name) in {None, value} for name, value in seen.items())


_ALL = ModelFilter()


def list_models(
    table: Table,
    user_id: UserId,
    asked: PageRequest,
    sort: Sort,
    *,
    total: int,
    wanted: ModelFilter = _ALL,
) -> Found[ModelArtifact]:
    """Return one page of a user's models, newest or best first; `total` is of all of them."""

    def keep(model: ModelArtifact) -> bool:
        return _is_there(model) and wanted.takes(model)

    def fetch(limit: int, cursor: str | None) -> Page[ModelArtifact]:
        if sort is Sort.BEST:
            pk = keys.models_by_quality(user_id)
            return listed(table, pk, ModelArtifact, limit=limit, cursor=cursor)
        return newest(table, keys.models(user_id), ModelArtifact, limit=limit, cursor=cursor)

    if asked.search or not wanted.is_open:
        return search_of(fetch, keep, lambda model: model.name, asked)
    return page_of(fetch, _is_there, asked, total=total)


def _is_there(model: ModelArtifact) -> bool:
    return model.deleted_at is None


def get_model(table: Table, user_id: UserId, model_id: str) -> ModelArtifact:
    """Return a model as of the last commit.

    Raises:
        ModelNotFound: no such model of this user, or it was deleted.
    """
    model = find(table, keys.model(user_id, model_id), ModelArtifact)
    if model is None or model.deleted_at is not None:
        raise ModelNotFound(model_id)
    return model


def save_model(table: Table, before: ModelArtifact, after: ModelArtifact) -> None:
    """Write what a model has become, and its count by status, or nothing.

    Raises:
        Conflict: the model changed since `before` was read.
    """
    if before == after:
        return
    was, now = _counted_as(before), _counted_as(after)
    amounts = {} if was == now else {was: -1, now: 1}
    counted = add(table, keys.counts(after.user_id, Kind.MODEL), amounts)
    commit(table, [replace(table, before, after, version="version_number"), counted])


def delete_model(
    table: Table, before: ModelArtifact, after: ModelArtifact, erasure: Erasure
) -> None:
    """Mark a model deleted, to be erased later; its files no longer count as its owner's.

    Raises:
        Conflict: the model changed since `before` was read.
    """
    counted = add(
        table, keys.counts(after.user_id, Kind.MODEL), {_counted_as(before): -1, DELETED: 1}
    )
    size_bytes = sum(file.size_bytes for file in before.manifest)
    commit(
        table,
        [
            replace(table, before, after, version="version_number"),
            counted,
            stored_bytes(table, after.user_id, "models", -size_bytes),
            appointment(table, erasure),
        ],
    )


def _counted_as(model: ModelArtifact) -> str:
    return DELETED if model.deleted_at else model.status.value
