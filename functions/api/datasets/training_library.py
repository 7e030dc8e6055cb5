"""The library of training files: registered, told with their status, deleted."""

from brightrun.accounts.erasure import ErasureKind, erasure_of
from brightrun.datasets.declaration import content_type
from brightrun.datasets.training_files import (
    NewTrainingFile,
    StoredObject,
    TrainingFile,
    TrainingFileStatus,
    deleted,
    registered,
)
from brightrun.ports.dynamodb import training_files as stored
from brightrun.ports.dynamodb.retrying import on_conflict
from brightrun.ports.s3 import objects
from brightrun.ports.s3.uploads import UploadOffer
from brightrun.records import DeferredModel, Moment, Record, UserId
from brightrun.runtime import Deps
from functions.api.datasets.storage_room import room_beside


class TrainingFileView(Record):
    """An entry of the library.

    Attributes:
        status: `uploading` until its lines have come, then `available`; `imported` while there is a
            dataset of it.
        uploaded: whether its lines have come.
        dataset_id: the dataset it was imported as, while that is there.
    """

    id: str
    name: str
    description: str | None
    status: TrainingFileStatus
    jsonl: StoredObject
    json_file: StoredObject | None
    conversation_count: int
    total_training_pairs: int
    quality_scores: dict[str, float]
    uploaded: bool
    dataset_id: str | None
    created_at: Moment


class TrainingFileRegistered(DeferredModel):
    """An entry, and where to send its files."""

    training_file: TrainingFileView
    jsonl_upload: UploadOffer
    json_upload: UploadOffer | None


def register(deps: Deps, user_id: UserId, new: NewTrainingFile) -> TrainingFileRegistered:
    """Write an entry and return where to send its files.

    Raises:
        QuotaExceeded: they do not fit beside what is stored.
    """
    file = registered(new, user_id=user_id, file_id=deps.new_id(), at=deps.now())
    on_conflict(deps.table)(_register, deps, file)
    return TrainingFileRegistered(
        training_file=view(deps, file),
        jsonl_upload=_offer(deps, file.jsonl),
        json_upload=_offer(deps, file.json_file) if file.json_file else None,
    )


def _register(deps: Deps, file: TrainingFile) -> None:
    """Write an entry into the room there is now. Raises Conflict if another took it meanwhile."""
    most = room_beside(deps, file.user_id, file.declared_bytes, stored.LIBRARY)
    stored.register(deps.table, file, most_bytes=most)


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


def view(deps: Deps, file: TrainingFile) -> TrainingFileView:
    """Return an entry with its status."""
    dataset = stored.find_import(deps.table, file)
    uploaded = dataset is not None or objects.find_object(deps.store, file.jsonl.key) is not None
    status = TrainingFileStatus.AVAILABLE if uploaded else TrainingFileStatus.UPLOADING
    facts = {
        "uploaded": uploaded,
        "status": TrainingFileStatus.IMPORTED if dataset else status,
        "dataset_id": dataset.id if dataset else None,
    }
    return TrainingFileView.model_validate({**dict(file), **facts})


def delete(deps: Deps, user_id: UserId, file_id: str) -> None:
    """Mark an entry deleted; it is erased with its files some days later.

    Raises:
        TrainingFileNotFound: no such entry of this user.
        InvalidTransition: a dataset stands on its lines.
        Conflict: it was imported just now.
    """
    file, now = stored.get_training_file(deps.table, user_id, file_id), deps.now()
    after = deleted(file, stored.find_import(deps.table, file), at=now)
    kind, days = ErasureKind.TRAINING_FILE, deps.settings.deleted_days
    erasure = erasure_of(kind, user_id, file_id, by=user_id, at=now, days=days)
    stored.delete_training_file(deps.table, file, after, erasure)
