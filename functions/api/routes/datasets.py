"""Datasets: declared, uploaded, confirmed, read, deleted."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel

from brightrun.accounts.access import owner_of
from brightrun.datasets.declaration import (
    Intake,
    NewDataset,
    comes_in_parts,
    content_type,
    declared,
    deleted,
)
from brightrun.datasets.lifecycle import confirmed
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.preview import Preview, preview
from brightrun.datasets.view import DatasetDetail, DatasetRow, detail_of, row_of
from brightrun.envelope import MAX_PAGE_SIZE, PageRequest, Pagination, Success
from brightrun.errors import InvalidRequest, InvalidTransition
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import datasets as stored
from brightrun.ports.s3 import multipart, uploads
from brightrun.ports.s3.objects import read_chunks
from brightrun.ports.s3.tokenizers import find_encoder
from brightrun.ports.s3.validation_reports import ReportPage, ReportQuery, report_lines, report_page
from brightrun.runtime import Deps
from brightrun.training.catalog import TrainableModel
from brightrun.training.configuration import Hyperparameters

router = Router()  # type: ignore[no-untyped-call]
DatasetId = Annotated[str, Path(min_length=1, max_length=64)]


class CreatedDataset(BaseModel):
    """A dataset that waits for its file, and where to send that.

    Attributes:
        duplicate_of: a dataset of the same SHA-256 that is still there. Of a file whose SHA-256 was
            not declared it is found while it is validated, and told on the dataset.
    """

    dataset: DatasetDetail
    upload: uploads.UploadOffer
    duplicate_of: str | None = None


class Datasets(BaseModel):
    """One page, newest first; `counts` are of all datasets, whatever is filtered."""

    datasets: tuple[DatasetRow, ...]
    pagination: Pagination
    counts: dict[DatasetStatus, int]


class PreviewPage(BaseModel):
    """A row as it will be trained; without the base model's tokenizer at hand, its turns only."""

    preview: Preview
    base_model: str
    tokenized: bool


class Deleted(BaseModel):
    """It is gone from every list."""

    id: str
    deleted: bool = True


@router.post("/api/datasets", tags=["datasets"], status_code=HTTPStatus.CREATED)
def create_dataset(new: NewDataset) -> Success[CreatedDataset]:
    """Declare a dataset and get a URL to upload it to. An upload that never comes expires."""
    deps: Deps = router.context["deps"]
    if new.base_model is not None:
        deps.catalog.base_model(new.base_model)
    intake = Intake(deps.store.bucket, deps.settings.max_dataset_size_bytes)
    user_id = owner_of(router.context["principal"])
    dataset = declared(new, intake, user_id=user_id, dataset_id=deps.new_id(), at=deps.now())
    if comes_in_parts(dataset):
        kind = content_type(dataset.file_name)
        opened = multipart.begin_parts(deps.store, dataset.storage_path, content_type=kind)
        dataset = dataset.model_copy(update={"multipart_upload_id": opened})
    twin = stored.find_duplicate(deps.table, user_id, new.sha256)
    if twin is not None:
        dataset = dataset.model_copy(update={"duplicate_of": twin.id})
    stored.create_dataset(deps.table, dataset)
    created = CreatedDataset(
        dataset=detail_of(dataset),
        upload=uploads.offer(deps.store, dataset),
        duplicate_of=dataset.duplicate_of,
    )
    return Success(data=created)


@router.get("/api/datasets/<dataset_id>/upload", tags=["datasets"])
def resume_upload(dataset_id: DatasetId) -> Success[uploads.UploadOffer]:
    """Return fresh URLs for what has not come yet, after a break or an hour."""
    deps: Deps = router.context["deps"]
    dataset = _owned(deps, dataset_id)
    if dataset.status is not DatasetStatus.UPLOADING:
        raise InvalidTransition("dataset", dataset.id, dataset.status, "uploaded")
    return Success(data=uploads.offer(deps.store, dataset))


@router.post("/api/datasets/<dataset_id>/confirm", tags=["datasets"])
def confirm_dataset(dataset_id: DatasetId) -> Success[DatasetDetail]:
    """Start the validation of what was uploaded; doing it again changes nothing."""
    deps: Deps = router.context["deps"]
    dataset = _owned(deps, dataset_id)
    if dataset.status is not DatasetStatus.UPLOADING:
        return Success(data=detail_of(dataset))
    found = uploads.received(deps.store, dataset)
    arrived = partial(confirmed, size_bytes=found.size_bytes, sha256=found.sha256, at=deps.now())
    after = stored.change_dataset(
        deps.table, dataset.user_id, dataset_id, lambda now: stored.DatasetChange(arrived(now))
    )
    eventbridge.announce(deps.bus, eventbridge.EventType.DATASET_CONFIRMED, dataset_id)
    return Success(data=detail_of(after))


@router.get("/api/datasets", tags=["datasets"])
def list_datasets(
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 25,
    status: Annotated[DatasetStatus | None, Query()] = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Datasets]:
    """List datasets, newest first; `search` looks for a part of the name."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    asked = PageRequest(page=page, limit=limit, cursor=cursor, search=search)
    counts = stored.counts_by_status(deps.table, user_id)
    found = stored.list_datasets(deps.table, user_id, asked, status, counts)
    rows = tuple(row_of(dataset) for dataset in found.records)
    return Success(data=Datasets(datasets=rows, pagination=found.pagination, counts=counts))


@router.get("/api/datasets/<dataset_id>", tags=["datasets"])
def read_dataset(dataset_id: DatasetId) -> Success[DatasetDetail]:
    """Return one dataset with its whole verdict."""
    return Success(data=detail_of(_owned(router.context["deps"], dataset_id)))


@router.get("/api/datasets/<dataset_id>/errors", tags=["datasets"])
def read_errors(
    dataset_id: DatasetId, wanted: Annotated[ReportQuery, Query()]
) -> Response[Success[ReportPage] | str]:
    """Page through every problem found in the file; `format=jsonl` gives the whole report."""
    deps: Deps = router.context["deps"]
    dataset = _owned(deps, dataset_id)
    lines = report_lines(deps.store, dataset)
    if wanted.format == "jsonl":
        saved_as = {"Content-Disposition": f'attachment; filename="{dataset_id}-report.jsonl"'}
        return Response(HTTPStatus.OK, "application/x-ndjson", "".join(lines), saved_as)
    page = report_page(dataset, lines, wanted)
    return Response(HTTPStatus.OK, "application/json", Success(data=page))


@router.get("/api/datasets/<dataset_id>/preview", tags=["datasets"])
def preview_row(
    dataset_id: DatasetId,
    row: Annotated[int, Query(ge=1, le=2**40)] = 1,
    base_model: Annotated[str | None, Query(max_length=200)] = None,
) -> Success[PreviewPage]:
    """Show one line of the file as the trainer will see it: its tokens, and which of them train.

    The labels are made by the trainer's own code. Rows count from 1, as lines do in the report.
    """
    deps: Deps = router.context["deps"]
    dataset = _owned(deps, dataset_id)
    chosen = base_model or dataset.base_model or deps.settings.default_base_model
    model = deps.catalog.base_model(chosen or deps.catalog.base_models[0].id)
    encoder = _encoder(deps, model)
    chunks = read_chunks(deps.store, dataset.storage_path)
    limit = min(model.context_tokens, Hyperparameters().max_sequence_tokens)
    found = preview(
        chunks, row, encoder, max_sequence_tokens=limit, over_length=dataset.over_length
    )
    if found is None:
        raise InvalidRequest({"row": ["the file has no such line"]})
    page = PreviewPage(preview=found, base_model=model.id, tokenized=encoder is not None)
    return Success(data=page)


def _encoder(deps: Deps, model: TrainableModel) -> ChatEncoder | None:
    try:
        return find_encoder(deps.store, model.id, model.revision)
    except EncodingRefused as refusal:
        raise InvalidRequest({"base_model": [str(refusal)]}) from refusal


@router.delete("/api/datasets/<dataset_id>", tags=["datasets"])
def delete_dataset(dataset_id: DatasetId) -> Success[Deleted]:
    """Delete a dataset, unless a job that has not ended uses it. Models made of it stay."""
    deps: Deps = router.context["deps"]
    dataset = _owned(deps, dataset_id)
    stored.delete_dataset(deps.table, dataset, deleted(dataset, at=deps.now()))
    return Success(data=Deleted(id=dataset_id))


def _owned(deps: Deps, dataset_id: str) -> Dataset:
    """Return the caller's own dataset. Raises DatasetNotFound, also for another user's."""
    return stored.get_dataset(deps.table, owner_of(router.context["principal"]), dataset_id)
