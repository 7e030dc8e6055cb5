"""Uploads: a file in parts of 4 MiB, for what is too large for one request."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.errors import DatasetNotFound, InvalidRequest, InvalidTransition, TooLarge
from brightrun.openai import ids
from brightrun.openai.objects import upload_of
from brightrun.openai.shapes import Upload, UploadPart
from brightrun.ports.dynamodb import datasets as stored
from brightrun.ports.s3.multipart import abort_parts
from brightrun.records import Request, UserId
from brightrun.runtime import Deps
from functions.api.datasets import create_dataset as creation
from functions.api.dependencies import Owner, Wires
from functions.api.openai.bodies import SentForm
from functions.api.openai.files import declare, require_purpose
from functions.api.openai.upload_parts import MOST_UPLOAD_BYTES, join_parts, keep_part

router = Router()  # type: ignore[no-untyped-call]
UploadId = Annotated[str, Path(min_length=1, max_length=100)]
_MOST_PARTS = 1000


class NewUpload(Request):
    """What is going to be sent in parts."""

    bytes: Annotated[int, Field(ge=1, le=2**53)]
    filename: Annotated[str, Field(min_length=1, max_length=255)]
    mime_type: Annotated[str, Field(max_length=255)]
    purpose: Annotated[str, Field(max_length=100)]
    expires_after: dict[str, object] | None = None


class Completion(Request):
    """Every part in its order, and the MD5 of the whole where the client knows it."""

    part_ids: Annotated[
        tuple[Annotated[str, Field(max_length=100)], ...],
        Field(min_length=1, max_length=_MOST_PARTS),
    ]
    md5: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{32}$")] | None = None


@router.post("/v1/uploads", status_code=HTTPStatus.OK)
def create_upload(deps: Wires, user_id: Owner, new: NewUpload) -> Upload:
    """Announce a file; what has not come within a day expires."""
    require_purpose(new.purpose)
    if new.expires_after is not None:
        raise InvalidRequest({"expires_after": ["files here do not expire; leave it out"]})
    if new.bytes > MOST_UPLOAD_BYTES:
        raise TooLarge(
            f"uploads take {MOST_UPLOAD_BYTES} bytes here; write instead: POST /api/datasets,"
            " whose parts go to signed addresses"
        )
    return upload_of(declare(deps, user_id, new.filename, new.bytes, None))


@router.post("/v1/uploads/<upload_id>/parts")
def create_part(deps: Wires, user_id: Owner, upload_id: UploadId, form: SentForm) -> UploadPart:
    """Keep one part; which comes where is said when the upload is completed."""
    dataset = _open(deps, user_id, upload_id, "sent")
    _, body = form.file("data")
    part_id = keep_part(deps, dataset, body)
    return UploadPart(id=part_id, created_at=int(deps.now().timestamp()), upload_id=upload_id)


@router.post("/v1/uploads/<upload_id>/complete")
def complete_upload(deps: Wires, user_id: Owner, upload_id: UploadId, asked: Completion) -> Upload:
    """Join the parts and let the validation begin; doing it again changes nothing."""
    dataset = _named(deps, user_id, upload_id)
    if dataset.status is DatasetStatus.UPLOADING:
        join_parts(deps.store, dataset, asked.part_ids, asked.md5)
        dataset = creation.confirm_dataset(deps, dataset)
    return upload_of(dataset)


@router.post("/v1/uploads/<upload_id>/cancel")
def cancel_upload(deps: Wires, user_id: Owner, upload_id: UploadId) -> Upload:
    """Give an upload up; nothing of it is kept."""
    dataset = _open(deps, user_id, upload_id, "cancelled")
    if dataset.multipart_upload_id is not None:
        abort_parts(deps.store, dataset.storage_path, dataset.multipart_upload_id)
    creation.delete_dataset(deps, dataset)
    return upload_of(dataset).model_copy(update={"status": "cancelled"})


def _named(deps: Deps, user_id: UserId, upload_id: str) -> Dataset:
    dataset_id = ids.behind(ids.UPLOAD, upload_id)
    if dataset_id is None:
        raise DatasetNotFound(upload_id)
    return stored.get_dataset(deps.table, user_id, dataset_id)


def _open(deps: Deps, user_id: UserId, upload_id: str, asked: str) -> Dataset:
    """Return the dataset that waits for its file. Raises InvalidTransition when none does."""
    dataset = _named(deps, user_id, upload_id)
    if dataset.status is not DatasetStatus.UPLOADING:
        raise InvalidTransition("upload", upload_id, dataset.status, asked)
    return dataset
