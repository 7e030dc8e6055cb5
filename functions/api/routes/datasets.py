"""Datasets: declared, uploaded, confirmed, read, deleted."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from brightrun.datasets.declaration import DatasetEdit, NewDataset
from brightrun.datasets.record import DatasetStatus
from brightrun.datasets.view import DatasetDetail, DatasetRow, detail_of, row_of
from brightrun.envelope import MAX_PAGE_SIZE, PageRequest, Pagination, Success
from brightrun.errors import InvalidTransition
from brightrun.ports.dynamodb import datasets as stored
from brightrun.ports.s3.uploads import UploadOffer, offer
from brightrun.ports.s3.validation_reports import ReportPage, ReportQuery, report_lines, report_page
from brightrun.records import DeferredModel
from functions.api.datasets import create_dataset as creation
from functions.api.datasets.create_dataset import CreatedDataset, DatasetDownload
from functions.api.datasets.preview_dataset import PreviewPage, preview_page
from functions.api.dependencies import Owner, Wires
from functions.api.errors import JSON
from functions.api.long_answers import as_much_as_fits

router = Router()  # type: ignore[no-untyped-call]
_CUT = '{"cut": true}'
DatasetId = Annotated[str, Path(min_length=1, max_length=64)]


class Datasets(DeferredModel):
    """One page, newest first; `counts` are of all datasets, whatever is filtered."""

    datasets: tuple[DatasetRow, ...]
    pagination: Pagination
    counts: dict[DatasetStatus, int]


class Deleted(DeferredModel):
    """It is gone from every list."""

    id: str
    deleted: bool = True


@router.post("/api/datasets", tags=["datasets"], status_code=HTTPStatus.CREATED)
def create_dataset(deps: Wires, user_id: Owner, new: NewDataset) -> Success[CreatedDataset]:
    """Declare a dataset and get a URL to upload it to. An upload that never comes expires."""
    return Success(data=creation.create_dataset(deps, user_id, new))


@router.get("/api/datasets/<dataset_id>/upload", tags=["datasets"])
def resume_upload(deps: Wires, user_id: Owner, dataset_id: DatasetId) -> Success[UploadOffer]:
    """Return fresh URLs for what has not come yet, after a break or an hour."""
    dataset = stored.get_dataset(deps.table, user_id, dataset_id)
    if dataset.status is not DatasetStatus.UPLOADING:
        raise InvalidTransition("dataset", dataset.id, dataset.status, "uploaded")
    return Success(data=offer(deps.store, dataset))


@router.post("/api/datasets/<dataset_id>/confirm", tags=["datasets"])
def confirm_dataset(deps: Wires, user_id: Owner, dataset_id: DatasetId) -> Success[DatasetDetail]:
    """Start the validation of what was uploaded; doing it again changes nothing."""
    dataset = stored.get_dataset(deps.table, user_id, dataset_id)
    return Success(data=detail_of(creation.confirm_dataset(deps, dataset)))


@router.get("/api/datasets", tags=["datasets"])
def list_datasets(
    deps: Wires,
    user_id: Owner,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 25,
    status: Annotated[DatasetStatus | None, Query()] = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Datasets]:
    """List datasets, newest first; `search` looks for a part of the name."""
    asked = PageRequest(page=page, limit=limit, cursor=cursor, search=search)
    counts = stored.counts_by_status(deps.table, user_id)
    found = stored.list_datasets(deps.table, user_id, asked, status, counts)
    rows = tuple(row_of(dataset) for dataset in found.records)
    return Success(data=Datasets(datasets=rows, pagination=found.pagination, counts=counts))


@router.get("/api/datasets/<dataset_id>", tags=["datasets"])
def read_dataset(deps: Wires, user_id: Owner, dataset_id: DatasetId) -> Success[DatasetDetail]:
    """Return one dataset with its whole verdict."""
    return Success(data=detail_of(stored.get_dataset(deps.table, user_id, dataset_id)))


@router.get("/api/datasets/<dataset_id>/errors", tags=["datasets"])
def read_errors(
    deps: Wires, user_id: Owner, dataset_id: DatasetId, wanted: Annotated[ReportQuery, Query()]
) -> Response[Success[ReportPage] | str]:
    """Page through every problem found in the file; `format=jsonl` gives the whole report."""
    dataset = stored.get_dataset(deps.table, user_id, dataset_id)
    lines = report_lines(deps.store, dataset)
    if wanted.format == "jsonl":
        saved_as = {"Content-Disposition": f'attachment; filename="{dataset_id}-report.jsonl"'}
        return Response(
            HTTPStatus.OK, "application/x-ndjson", as_much_as_fits(lines, _CUT), saved_as
        )
    page = report_page(dataset, lines, wanted)
    return Response(HTTPStatus.OK, JSON, Success(data=page))


@router.get("/api/datasets/<dataset_id>/preview", tags=["datasets"])
def preview_row(
    deps: Wires,
    user_id: Owner,
    dataset_id: DatasetId,
    row: Annotated[int, Query(ge=1, le=2**40)] = 1,
    base_model: Annotated[str | None, Query(max_length=200)] = None,
) -> Success[PreviewPage]:
    """Show one line of the file as the trainer will see it: its tokens, and which of them train.

    The labels are made by the trainer's own code. Rows count from 1, as lines do in the report.
    """
    dataset = stored.get_dataset(deps.table, user_id, dataset_id)
    return Success(data=preview_page(deps, dataset, row, base_model))


@router.patch("/api/datasets/<dataset_id>", tags=["datasets"])
def edit_dataset(
    deps: Wires, user_id: Owner, dataset_id: DatasetId, edit: DatasetEdit
) -> Success[DatasetDetail]:
    """Correct a dataset's name and description; asking for what it is changes nothing."""
    return Success(data=detail_of(creation.edit_dataset(deps, user_id, dataset_id, edit)))


@router.post("/api/datasets/<dataset_id>/download", tags=["datasets"])
def download_dataset(
    deps: Wires, user_id: Owner, dataset_id: DatasetId
) -> Success[DatasetDownload]:
    """Sign an address of a dataset's own file, as it was uploaded. Each call signs anew."""
    dataset = stored.get_dataset(deps.table, user_id, dataset_id)
    return Success(data=creation.download_dataset(deps, dataset))


@router.delete("/api/datasets/<dataset_id>", tags=["datasets"])
def delete_dataset(deps: Wires, user_id: Owner, dataset_id: DatasetId) -> Success[Deleted]:
    """Delete a dataset, unless a job that has not ended uses it. Models made of it stay."""
    dataset = stored.get_dataset(deps.table, user_id, dataset_id)
    creation.delete_dataset(deps, dataset)
    return Success(data=Deleted(id=dataset_id))
