"""The library of training files: registered, listed, read, deleted, imported as datasets."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from brightrun.datasets.training_files import ImportRequest, NewTrainingFile
from brightrun.datasets.view import DatasetDetail, detail_of
from brightrun.envelope import PageRequest, Success
from brightrun.ports.dynamodb import training_files as stored
from brightrun.records import DeferredModel
from functions.api.datasets import create_dataset as creation
from functions.api.datasets import training_library as library
from functions.api.datasets.training_library import TrainingFileRegistered, TrainingFileView
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
TrainingFileId = Annotated[str, Path(min_length=1, max_length=64)]
Limit = Annotated[int, Query(ge=1, le=50)]
Cursor = Annotated[str | None, Query(max_length=2000)]


class TrainingFilesPage(DeferredModel):
    """One page of training files, newest first; `cursor` leads on."""

    training_files: tuple[TrainingFileView, ...]
    cursor: str | None


class ImportedDataset(DeferredModel):
    """The dataset a training file has become; it is validated like any other."""

    dataset: DatasetDetail


class DeletedTrainingFile(DeferredModel):
    """It is gone from every list."""

    id: str
    deleted: bool = True


@router.post("/api/training-files", tags=["training files"], status_code=HTTPStatus.CREATED)
def register_training_file(
    deps: Wires, user_id: Owner, new: NewTrainingFile
) -> Success[TrainingFileRegistered]:
    """Register a training file and get URLs to upload it to."""
    return Success(data=library.register(deps, user_id, new))


@router.get("/api/training-files", tags=["training files"])
def list_training_files(
    deps: Wires, user_id: Owner, limit: Limit = 25, cursor: Cursor = None
) -> Success[TrainingFilesPage]:
    """List the whole library with the status of each file."""
    asked = PageRequest(limit=limit, cursor=cursor)
    page = stored.list_training_files(deps.table, user_id, asked)
    found = tuple(library.view(deps, file) for file in page.records)
    return Success(data=TrainingFilesPage(training_files=found, cursor=page.cursor))


@router.get("/api/training-files/available-for-import", tags=["training files"])
def list_importable(
    deps: Wires, user_id: Owner, limit: Limit = 25, cursor: Cursor = None
) -> Success[TrainingFilesPage]:
    """List the training files that are no dataset, or whose dataset was deleted."""
    page = stored.importable(deps.table, user_id, PageRequest(limit=limit, cursor=cursor))
    found = tuple(library.view(deps, file) for file in page.records)
    return Success(data=TrainingFilesPage(training_files=found, cursor=page.cursor))


@router.get("/api/training-files/<file_id>", tags=["training files"])
def read_training_file(
    deps: Wires, user_id: Owner, file_id: TrainingFileId
) -> Success[TrainingFileView]:
    """Return one training file with its status."""
    file = stored.get_training_file(deps.table, user_id, file_id)
    return Success(data=library.view(deps, file))


@router.delete("/api/training-files/<file_id>", tags=["training files"])
def delete_training_file(
    deps: Wires, user_id: Owner, file_id: TrainingFileId
) -> Success[DeletedTrainingFile]:
    """Delete a training file, unless there is a dataset of it: delete that first."""
    library.delete(deps, user_id, file_id)
    return Success(data=DeletedTrainingFile(id=file_id))


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
