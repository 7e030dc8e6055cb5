"""Files: what is trained on is a dataset; what a job measured is its result file."""

import hashlib
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import ValidationError

from brightrun.datasets.declaration import NewDataset, content_type
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.errors import DatasetNotFound, InvalidRequest, JobNotFound, UploadIncomplete
from brightrun.jobs.record import Job, JobStatus
from brightrun.openai import ids
from brightrun.openai.objects import file_of, listed, result_file_of
from brightrun.openai.result_file import FILE_NAME, result_csv
from brightrun.openai.shapes import DeletedFile, File, Listed
from brightrun.ports.dynamodb import datasets as stored
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.job_history import whole_curve
from brightrun.ports.dynamodb.jobs import read_state
from brightrun.ports.dynamodb.pagination import Seek, seek
from brightrun.ports.s3 import objects
from brightrun.records import UserId
from brightrun.runtime import Deps
from functions.api.datasets import create_dataset as creation
from functions.api.dependencies import Owner, Wires
from functions.api.openai.bodies import MOST_FILE_BYTES, Form, SentForm
from functions.api.openai.paging import MOST_PER_PAGE, After, Limit, Order, at_most, place
from functions.api.openai.retries import REMEMBERED, IsRetry

router = Router()  # type: ignore[no-untyped-call]
FileId = Annotated[str, Path(min_length=1, max_length=100)]
PURPOSE, RESULTS, EXPIRY = "fine-tune", "fine-tune-results", "expires_after"
_RESULTS_PER_PAGE = 10
"""Each is made of its job's curve to be measured."""


@router.post("/v1/files")
def create_file(deps: Wires, user_id: Owner, form: SentForm, is_retry: IsRetry) -> File:
    """Store a file and let its validation begin; it is `uploaded` until that has ended.

    A client's own repetition finds the file of the same bytes that is there already.
    """
    name, body = require_file(form)
    sha256 = hashlib.sha256(body).hexdigest()
    known = stored.find_duplicate(deps.table, user_id, sha256) if is_retry else None
    if known and known.file_name == name and _has_just_come(deps, known):
        return file_of(known)
    return file_of(_created(deps, user_id, name, body, sha256))


def require_file(form: Form) -> tuple[str, bytes]:
    """Return a form's file. Raises InvalidRequest for a purpose or an expiry that is not here."""
    require_purpose(form.fields.get("purpose"))
    if any(name.startswith(EXPIRY) for name in form.fields):
        raise InvalidRequest({EXPIRY: ["files here do not expire; leave it out"]})
    name, body = form.file("file")
    if len(body) > MOST_FILE_BYTES:
        raise InvalidRequest({"file": [f"may have {MOST_FILE_BYTES} bytes; use client.uploads"]})
    return name, body


def require_purpose(purpose: str | None) -> None:
    """Return if a file is for fine-tuning. Raises InvalidRequest for any other purpose."""
    if purpose != PURPOSE:
        raise InvalidRequest({"purpose": [f"must be {PURPOSE}: nothing else is done here"]})


def declare(deps: Deps, user_id: UserId, name: str, size: int, sha256: str | None) -> Dataset:
    """Write a dataset that waits for its bytes. Raises InvalidRequest for a name it cannot have."""
    try:
        new = NewDataset(name=name[:200], file_name=name, file_size=size, sha256=sha256)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRequest({"file": [f"{first['loc'][0]}: {first['msg']}"]}) from error
    made = creation.create_dataset(deps, user_id, new).dataset
    return stored.get_dataset(deps.table, user_id, made.id)


def _created(deps: Deps, user_id: UserId, name: str, body: bytes, sha256: str) -> Dataset:
    dataset = declare(deps, user_id, name, len(body), sha256)
    kind = content_type(name)
    objects.write_whole(deps.store, dataset.storage_path, body, content_type=kind)
    return creation.confirm_dataset(deps, dataset)


def _has_just_come(deps: Deps, dataset: Dataset) -> bool:
    young = deps.now() - dataset.created_at < timedelta(seconds=REMEMBERED)
    return young and dataset.status is not DatasetStatus.UPLOADING


@router.get("/v1/files")
def list_files(
    deps: Wires,
    user_id: Owner,
    after: After = None,
    limit: Limit = None,
    order: Order = "desc",
    purpose: Annotated[str | None, Query(max_length=100)] = None,
) -> Listed[File]:
    """List training files, or with `purpose=fine-tune-results` the result files."""
    if purpose == RESULTS:
        return _results(deps, user_id, after, order)
    if purpose not in {None, PURPOSE}:
        return Listed(data=[])
    wanted = Seek(at_most(limit, MOST_PER_PAGE), place(after, ids.FILE), order == "asc")
    found, more = seek(deps.table, keys.datasets(user_id), Dataset, _is_file, wanted)
    files = [file_of(dataset) for dataset in found]
    return listed(files, [file.id for file in files], has_more=more)


def _is_file(dataset: Dataset) -> bool:
    return dataset.deleted_at is None


def _results(deps: Deps, user_id: UserId, after: str | None, order: str) -> Listed[File]:
    wanted = Seek(_RESULTS_PER_PAGE, place(after, ids.RESULTS), order == "asc")
    found, more = seek(deps.table, keys.jobs(user_id), Job, _has_results, wanted)
    files = [result_file_of(job, len(_csv(deps, job))) for job in found]
    return listed(files, [file.id for file in files], has_more=more)


def _has_results(job: Job) -> bool:
    return job.status is JobStatus.COMPLETED


@router.get("/v1/files/<file_id>")
def read_file(deps: Wires, user_id: Owner, file_id: FileId) -> File:
    """Return one file; `status_details` says what was wrong with it."""
    job = _job_of(deps, user_id, file_id)
    if job is not None:
        return result_file_of(job, len(_csv(deps, job)))
    return file_of(dataset_named(deps, user_id, file_id))


@router.get("/v1/files/<file_id>/content")
def read_content(deps: Wires, user_id: Owner, file_id: FileId) -> Response[str]:
    """Lead to a file's bytes by a signed address; a result file is answered at once, as CSV."""
    job = _job_of(deps, user_id, file_id)
    if job is not None:
        saved_as = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        return Response(HTTPStatus.OK, "text/csv; charset=utf-8", _csv(deps, job), saved_as)
    dataset = dataset_named(deps, user_id, file_id)
    if dataset.status is DatasetStatus.UPLOADING:
        raise UploadIncomplete(f"nothing was uploaded for {dataset.file_name} yet")
    url = objects.sign_download(deps.store, dataset.storage_path, file_name=dataset.file_name)
    return Response(HTTPStatus.FOUND, "text/plain", "", {"Location": url})


@router.delete("/v1/files/<file_id>")
def delete_file(deps: Wires, user_id: Owner, file_id: FileId) -> DeletedFile:
    """Delete a file, unless a job that has not ended uses it."""
    if file_id.startswith(ids.RESULTS):
        raise InvalidRequest({"file_id": ["a result file belongs to its job and stays"]})
    dataset = dataset_named(deps, user_id, file_id)
    creation.delete_dataset(deps, dataset)
    return DeletedFile(id=file_id)


def dataset_named(deps: Deps, user_id: UserId, file_id: str) -> Dataset:
    """Return the dataset of a file id. Raises DatasetNotFound for what names none of this user."""
    dataset_id = ids.behind(ids.FILE, file_id)
    if dataset_id is None:
        raise DatasetNotFound(file_id)
    return stored.get_dataset(deps.table, user_id, dataset_id)


def _job_of(deps: Deps, user_id: UserId, file_id: str) -> Job | None:
    """Return the job a result file is of; None for any other file."""
    job_id = ids.behind(ids.RESULTS, file_id)
    if job_id is None:
        return None
    try:
        job = read_state(deps.table, user_id, job_id).job
    except JobNotFound as error:
        raise DatasetNotFound(file_id) from error
    if not _has_results(job):
        raise DatasetNotFound(file_id)
    return job


def _csv(deps: Deps, job: Job) -> str:
    return result_csv(whole_curve(deps.table, job.id))
