"""What an owner may change of a published model: name, status, and that it is there. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from brightrun.errors import InvalidRequest, InvalidTransition
from brightrun.models.record import ModelArtifact, ModelStatus
from brightrun.names import Name
from brightrun.records import OwnersRequest

NEXT: Mapping[ModelStatus, frozenset[ModelStatus]] = MappingProxyType(
    {
        ModelStatus.STORED: frozenset({ModelStatus.TESTING, ModelStatus.ARCHIVED}),
        ModelStatus.TESTING: frozenset(
            {ModelStatus.STORED, ModelStatus.PRODUCTION, ModelStatus.ARCHIVED}
        ),
        ModelStatus.PRODUCTION: frozenset({ModelStatus.TESTING, ModelStatus.ARCHIVED}),
        ModelStatus.ARCHIVED: frozenset({ModelStatus.STORED}),
    }
)
"""Nothing goes to production untested; an archived model comes back as stored."""


class ModelEdit(OwnersRequest):
    """A new name, a new status, or both."""

    name: Name | None = None
    status: ModelStatus | None = None


class DownloadRequest(OwnersRequest):
    """Which files are wanted; all, when none is named."""

    files: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)] | None = None


def edited(model: ModelArtifact, edit: ModelEdit, *, at: datetime) -> ModelArtifact:
    """Return the model with what was asked for; asking for what it is changes nothing.

    Raises:
        InvalidTransition: the status does not follow the model's own in `NEXT`.
    """
    name, status = edit.name or model.name, edit.status or model.status
    if status is not model.status and status not in NEXT[model.status]:
        raise InvalidTransition("model", model.id, model.status, status)
    if (name, status) == (model.name, model.status):
        return model
    return model.model_copy(update={"name": name, "status": status, "updated_at": at})


def deleted(model: ModelArtifact, *, at: datetime) -> ModelArtifact:
    """Return the model marked deleted; its files stay until it is erased."""
    return model.model_copy(update={"deleted_at": at, "updated_at": at})


def wanted_files(model: ModelArtifact, names: Sequence[str] | None) -> dict[str, str]:
    """Return file name → key of the files asked for.

    Raises:
        InvalidRequest: a file the model does not have; the known ones are listed.
    """
    chosen = list(model.artifacts) if names is None else list(dict.fromkeys(names))
    unknown = sorted(set(chosen) - set(model.artifacts))
    if unknown:
        known = ", ".join(sorted(model.artifacts))
        raise InvalidRequest({"files": [f"unknown: {', '.join(unknown)}; known are {known}"]})
    return {name: model.artifacts[name] for name in chosen}
