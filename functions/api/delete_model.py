"""A model is deleted: hidden at once, erased with its files some days later."""

from brightrun.accounts.erasure import ErasureKind, erasure_of
from brightrun.models.changing import deleted
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import models as stored
from brightrun.runtime import Deps


def delete_model(deps: Deps, model: ModelArtifact) -> None:
    """Mark a model deleted and make the appointment to erase it.

    Raises:
        Conflict: the model changed since it was read.
    """
    now, owner = deps.now(), model.user_id
    erasure = erasure_of(
        ErasureKind.MODEL, owner, model.id, by=owner, at=now, days=deps.settings.deleted_days
    )
    stored.delete_model(deps.table, model, deleted(model, at=now), erasure)
