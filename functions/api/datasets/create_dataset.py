"""A dataset comes into being: declared and uploaded, or imported from the library."""

from datetime import timedelta
from functools import partial

from brightrun.accounts.erasure import ErasureKind, erasure_of
from brightrun.datasets.declaration import (
    DatasetEdit,
    Intake,
    NewDataset,
    comes_in_parts,
    content_type,
    declared,
    deleted,
    edited,
)
from brightrun.datasets.lifecycle import confirmed
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.datasets.training_files import (
    ImportRequest,
    imported,
)
from brightrun.datasets.view import DatasetDetail, detail_of
from brightrun.errors import UploadIncomplete
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import datasets as stored
from brightrun.ports.dynamodb import training_files
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.s3 import multipart, objects, uploads
from brightrun.records import DeferredModel, Moment, UserId
from brightrun.runtime import Deps
from functions.api.datasets.storage_room import require_few, require_room


class CreatedDataset(DeferredModel):
    """A dataset that waits for its file, and where to send that.

    Attributes:
        duplicate_of: a dataset of the same SHA-256 that is still there. Of a file whose SHA-256 was
            not declared it is found while it is validated, and told on the dataset.
    """

    dataset: DatasetDetail
    upload: uploads.UploadOffer
    duplicate_of: str | None = None


class DatasetDownload(DeferredModel):
    """Where a dataset's own file can be fetched for a while.

    Attributes:
        url: of the very version that was validated.
    """

    dataset_id: str
    file_name: str
    url: str
    expires_at: Moment
    expires_in_seconds: int


def create_dataset(deps: Deps, user_id: UserId, new: NewDataset) -> CreatedDataset:
    """Write a declared dataset and return where to send its file.

    Raises:
        InvalidRequest: an unknown base model.
        TooLarge: the file is larger than this stage takes.
        QuotaExceeded: see `require_room`.
    """
    if new.base_model is not None:
        deps.catalog.base_model(new.base_model)
    intake = Intake(deps.store.bucket, deps.settings.max_dataset_size_bytes)
    dataset = declared(new, intake, user_id=user_id, dataset_id=deps.new_id(), at=deps.now())
    require_room(deps, user_id, new.file_size)
    if comes_in_parts(dataset):
        kind = content_type(dataset.file_name)
        opened = multipart.begin_parts(deps.store, dataset.storage_path, content_type=kind)
        dataset = dataset.model_copy(update={"multipart_upload_id": opened})
    twin = stored.find_duplicate(deps.table, user_id, new.sha256)
    if twin is not None:
        dataset = dataset.model_copy(update={"duplicate_of": twin.id})
    on_conflict(deps.table)(_created, deps, dataset)
    return CreatedDataset(
        dataset=detail_of(dataset),
        upload=uploads.offer(deps.store, dataset),
        duplicate_of=dataset.duplicate_of,
    )


def _created(deps: Deps, dataset: Dataset) -> None:
    """Write a dataset into the room there is now. Raises Conflict if another took it meanwhile."""
    room = require_room(deps, dataset.user_id, dataset.file_size)
    stored.create_dataset(deps.table, dataset, room=room)


def confirm_dataset(deps: Deps, dataset: Dataset) -> Dataset:
    """Let the validation of what was uploaded begin; confirming it again changes nothing.

    Raises:
        UploadIncomplete: not all of it has come.
    """
    if dataset.status is not DatasetStatus.UPLOADING:
        return dataset
    found = uploads.received(deps.store, dataset)
    arrived = partial(confirmed, **uploads.facts_of(found), at=deps.now())
    after = stored.change_dataset(
        deps.table, dataset.user_id, dataset.id, lambda now: stored.DatasetChange(arrived(now))
    )
    eventbridge.announce(deps.bus, eventbridge.EventType.DATASET_CONFIRMED, dataset.id)
    return after


def delete_dataset(deps: Deps, dataset: Dataset) -> None:
    """Mark a dataset deleted and take its file out of storage; all of it is erased some days later.

    What was imported stays: it is the library's. Where the second step was lost, an upload that
    comes later is removed all the same, and the first step cannot be repeated.

    Raises:
        DatasetInUse: a job that has not ended needs it.
    """
    now, owner = deps.now(), dataset.user_id
    erasure = erasure_of(
        ErasureKind.DATASET, owner, dataset.id, by=owner, at=now, days=deps.settings.deleted_days
    )
    stored.delete_dataset(deps.table, dataset, deleted(dataset, at=now), erasure)
    if dataset.training_file_id is None:
        objects.remove_object(deps.store, dataset.storage_path)


def download_dataset(deps: Deps, dataset: Dataset) -> DatasetDownload:
    """Return where a dataset's file can be fetched.

    Raises:
        UploadIncomplete: it has not come.
    """
    if stored.held_as(dataset) == stored.UPLOADING:
        raise UploadIncomplete(f"nothing was uploaded for {dataset.file_name} yet")
    key, version = dataset.storage_path, dataset.version_id
    life = objects.url_life_seconds(deps.store)  # before: a fresher session only lives longer
    url = objects.sign_download(deps.store, key, file_name=dataset.file_name, version_id=version)
    return DatasetDownload(
        dataset_id=dataset.id,
        file_name=dataset.file_name,
        url=url,
        expires_at=deps.now() + timedelta(seconds=life),
        expires_in_seconds=life,
    )


def edit_dataset(deps: Deps, user_id: UserId, dataset_id: str, edit: DatasetEdit) -> Dataset:
    """Return a dataset as it is called now.

    Raises:
        DatasetNotFound: no such dataset of this user.
    """
    called = partial(edited, edit=edit, at=deps.now())
    return stored.change_dataset(
        deps.table, user_id, dataset_id, lambda now: stored.DatasetChange(called(now))
    )


def import_training_file(deps: Deps, user_id: UserId, request: ImportRequest) -> Dataset:
    """Return the dataset a training file has become.

    Raises:
        InvalidRequest: an unknown base model.
        TrainingFileNotFound: no such entry of this user.
        UploadIncomplete: its lines have not come.
        AlreadyExists: it is a dataset already; the id is named.
        QuotaExceeded: too many datasets are on their way.
    """
    if request.base_model is not None:
        deps.catalog.base_model(request.base_model)
    require_few(deps, user_id)
    file = training_files.get_training_file(deps.table, user_id, request.training_file_id)
    found = objects.find_object(deps.store, file.jsonl.key)
    if found is None:
        raise UploadIncomplete(f"nothing was uploaded for {file.jsonl.file_name} yet")
    dataset = imported(
        file,
        request,
        bucket=deps.store.bucket,
        size_bytes=found.size_bytes,
        version_id=found.version_id,
        etag=found.etag,
        dataset_id=deps.new_id(),
        at=deps.now(),
    )
    training_files.import_file(deps.table, file, dataset)
    eventbridge.announce(deps.bus, eventbridge.EventType.DATASET_CONFIRMED, dataset.id)
    return dataset
