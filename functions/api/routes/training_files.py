"""The library of training files: registered, listed, imported as datasets."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from brightrun.datasets.declaration import content_type
from brightrun.datasets.training_files import (
    ImportRequest,
    NewTrainingFile,
    StoredObject,
    TrainingFile,
    registered,
)
from brightrun.datasets.view import DatasetDetail, detail_of
from brightrun.envelope import PageRequest, Success
from brightrun.ports.dynamodb import training_files
from brightrun.ports.s3 import objects
from brightrun.ports.s3.uploads import UploadOffer
from brightrun.records import Moment, Record
from brightrun.runtime import Deps
from functions.api import create_dataset as creation
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]


class TrainingFileView(Record):
    """An entry of the library; `uploaded` is whether its lines have come."""

    id: str
    name: str
    description: str | None
    jsonl: StoredObject
    json_file: StoredObject | None
    conversation_count: int
    total_training_pairs: int
    quality_scores: dict[str, float]
    uploaded: bool
    created_at: Moment


class TrainingFileRegistered(BaseModel):
    """An entry, and where to send its files."""

    training_file: TrainingFileView
    jsonl_upload: UploadOffer
    json_upload: UploadOffer | None


class TrainingFilesPage(BaseModel):
    """One page of the files that are no dataset yet, newest first."""

    training_files: tuple[TrainingFileView, ...]
    cursor: str | None


class ImportedDataset(BaseModel):
    """The dataset a training file has become; it is validated like any other."""

    dataset: DatasetDetail


@router.post("/api/training-files", tags=["training files"], status_code=HTTPStatus.CREATED)
def register_training_file(
    deps: Wires, user_id: Owner, new: NewTrainingFile
) -> Success[TrainingFileRegistered]:
    """Register a training file and get URLs to upload it to."""
    file = registered(new, user_id=user_id, file_id=deps.new_id(), at=deps.now())
    training_files.register(deps.table, file)
    return Success(
        data=TrainingFileRegistered(
            training_file=_view(file, uploaded=False),
            jsonl_upload=_offer(deps, file.jsonl),
            json_upload=_offer(deps, file.json_file) if file.json_file else None,
        )
    )


@router.get("/api/training-files/available-for-import", tags=["training files"])
def list_importable(
    deps: Wires,
    user_id: Owner,
    limit: Annotated[int, Query(ge=1, le=50)] = 25,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[TrainingFilesPage]:
    """List the training files that are no dataset, or whose dataset was deleted."""
    asked = PageRequest(limit=limit, cursor=cursor)
    page = training_files.importable(deps.table, user_id, asked)
    found = tuple(
        _view(file, uploaded=objects.find_object(deps.store, file.jsonl.key) is not None)
        for file in page.records
    )
    return Success(data=TrainingFilesPage(training_files=found, cursor=page.cursor))


@router.post(
    "/api/datasets/import-from-training-file",
    tags=["training files"],
    status_code=HTTPStatus.CREATED,
)
def import_training_file(
    deps: Wires, user_id: Owner, wanted: ImportRequest
) -> Success[ImportedDataset]:
    """Make a dataset of a training file; a second time is refused with the dataset's id."""
    dataset = creation.import_training_file(deps, user_id, wanted)
    return Success(data=ImportedDataset(dataset=detail_of(dataset)))


def _offer(deps: Deps, declared: StoredObject) -> UploadOffer:
    life = objects.url_life_seconds(deps.store)
    signed = objects.sign_upload(
        deps.store,
        declared.key,
        size_bytes=declared.file_size,
        content_type=content_type(declared.file_name),
        sha256=declared.sha256,
    )
    return UploadOffer(url=signed.url, headers=signed.headers, expires_in_seconds=life)


def _view(file: TrainingFile, *, uploaded: bool) -> TrainingFileView:
    return TrainingFileView.model_validate({**dict(file), "uploaded": uploaded})
