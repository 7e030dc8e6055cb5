"""Models: the catalogue's base models, and those that jobs have made."""

from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from brightrun.errors import InvalidRequest, ModelNotFound
from brightrun.models.record import ModelArtifact
from brightrun.openai import ids
from brightrun.openai.objects import base_model_of, listed, model_of
from brightrun.openai.shapes import DeletedModel, Listed, Model
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb import models as stored
from brightrun.ports.dynamodb.table import all_records
from brightrun.records import UserId
from brightrun.runtime import Deps
from functions.api import delete_model as deletion
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
ModelId = Annotated[str, Path(min_length=1, max_length=300)]


@router.get("/v1/models")
def list_models(deps: Wires, user_id: Owner) -> Listed[Model]:
    """List every model at once, as OpenAI does: tuned ones newest first, then the base models."""
    tuned = all_records(deps.table, keys.models(user_id), ModelArtifact)
    models = [model_of(model) for model in reversed(tuned) if model.deleted_at is None]
    models += [base_model_of(model) for model in deps.catalog.base_models]
    return listed(models, [model.id for model in models], has_more=False)


@router.get("/v1/models/<model_id>")
def read_model(deps: Wires, user_id: Owner, model_id: ModelId) -> Model:
    """Return one model; of a base model its whole name and that without its owner will do."""
    wanted = unquote(model_id)
    for base in deps.catalog.base_models:
        if wanted in {base.id, ids.alias_of(base.id)}:
            return base_model_of(base)
    return model_of(_tuned(deps, user_id, wanted))


@router.get("/v1/models/<owner>/<name>")
def read_base_model(deps: Wires, user_id: Owner, owner: ModelId, name: ModelId) -> Model:
    """Return a base model by its whole name, which clients of 1.x and 2.x send as it is."""
    return read_model(deps, user_id, f"{owner}/{name}")


@router.delete("/v1/models/<model_id>")
def delete_model(deps: Wires, user_id: Owner, model_id: ModelId) -> DeletedModel:
    """Delete a tuned model; its files are erased some days later."""
    wanted = unquote(model_id)
    if ids.artifact_of(wanted) is None:
        raise InvalidRequest({"model": ["only a tuned model can be deleted"]})
    deletion.delete_model(deps, _tuned(deps, user_id, wanted))
    return DeletedModel(id=wanted)


def _tuned(deps: Deps, user_id: UserId, wanted: str) -> ModelArtifact:
    artifact_id = ids.artifact_of(wanted)
    if artifact_id is None:
        raise ModelNotFound(wanted)
    try:
        return stored.get_model(deps.table, user_id, artifact_id)
    except ModelNotFound as error:
        raise ModelNotFound(wanted) from error
