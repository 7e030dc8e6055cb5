"""Models: listed, shown, downloaded, renamed, put away."""

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from brightrun.envelope import MAX_PAGE_SIZE, PageRequest, Pagination, Success
from brightrun.models.changing import DownloadRequest, ModelEdit, edited, wanted_files
from brightrun.models.record import ModelArtifact, ModelStatus
from brightrun.models.view import DownloadLinks, ModelDetail, ModelRow, detail_of, row_of
from brightrun.ports.dynamodb import models as stored
from brightrun.ports.s3.objects import sign_download, url_life_seconds
from brightrun.records import DeferredModel
from brightrun.runtime import Deps
from functions.api import delete_model as deletion
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
ModelId = Annotated[str, Path(min_length=1, max_length=64)]


class Models(DeferredModel):
    """One page; `counts` are of all models, whatever is searched."""

    models: tuple[ModelRow, ...]
    pagination: Pagination
    counts: dict[ModelStatus, int]


class Deleted(DeferredModel):
    """It is gone from every list."""

    id: str
    deleted: bool = True


@router.get("/api/models", tags=["models"])
def list_models(
    deps: Wires,
    user_id: Owner,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 12,
    sort: Annotated[stored.Sort, Query()] = stored.Sort.NEWEST,
    search: Annotated[str | None, Query(max_length=200)] = None,
    status: Annotated[ModelStatus | None, Query()] = None,
    stars: Annotated[int | None, Query(ge=1, le=5)] = None,
    dataset_id: Annotated[str | None, Query(max_length=64)] = None,
    base_model: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Models]:
    """List models, newest or best first; `search` looks for a part of the name."""
    wanted = stored.ModelFilter(status, stars, dataset_id, base_model)
    asked = PageRequest(page=page, limit=limit, cursor=cursor, search=search)
    counts = stored.counts_by_status(deps.table, user_id)
    total = sum(counts.values())
    found = stored.list_models(deps.table, user_id, asked, sort, total=total, wanted=wanted)
    rows = tuple(row_of(model) for model in found.records)
    return Success(data=Models(models=rows, pagination=found.pagination, counts=counts))


@router.get("/api/models/<model_id>", tags=["models"])
def read_model(deps: Wires, user_id: Owner, model_id: ModelId) -> Success[ModelDetail]:
    """Return one model with its files, and what base and adapter answered."""
    return Success(data=detail_of(stored.get_model(deps.table, user_id, model_id)))


@router.post("/api/models/<model_id>/download", tags=["models"])
def download_model(
    deps: Wires, user_id: Owner, model_id: ModelId, request: DownloadRequest | None = None
) -> Success[DownloadLinks]:
    """Sign a URL for each file, or for those named. Nothing changes; each call signs anew."""
    model = stored.get_model(deps.table, user_id, model_id)
    return Success(data=_links(deps, model, request.files if request else None))


@router.patch("/api/models/<model_id>", tags=["models"])
def edit_model(
    deps: Wires, user_id: Owner, model_id: ModelId, edit: ModelEdit
) -> Success[ModelDetail]:
    """Rename a model or move it to another status; asking for what it is changes nothing."""
    before = stored.get_model(deps.table, user_id, model_id)
    after = edited(before, edit, at=deps.now())
    stored.save_model(deps.table, before, after)
    return Success(data=detail_of(after))


@router.delete("/api/models/<model_id>", tags=["models"])
def delete_model(deps: Wires, user_id: Owner, model_id: ModelId) -> Success[Deleted]:
    """Delete a model; its files are erased some days later, or at once by an administrator."""
    deletion.delete_model(deps, stored.get_model(deps.table, user_id, model_id))
    return Success(data=Deleted(id=model_id))


def _links(deps: Deps, model: ModelArtifact, names: tuple[str, ...] | None) -> DownloadLinks:
    wanted = wanted_files(model, names)
    life = url_life_seconds(deps.store)
    return DownloadLinks(
        model_id=model.id,
        model_name=model.name,
        download_urls={
            name: sign_download(deps.store, key, file_name=name) for name, key in wanted.items()
        },
        expires_at=deps.now() + timedelta(seconds=life),
        expires_in_seconds=life,
    )
