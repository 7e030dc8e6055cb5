"""Training files: generated conversations kept beside the datasets, to be imported as one. Pure.

An imported file goes through the validator like any upload; nothing is ready by decree.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from brightrun.datasets.declaration import HowToRead, object_name
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.errors import InvalidTransition
from brightrun.names import Description, FileName, Name
from brightrun.records import Moment, OwnersRequest, Record, UserId
from brightrun.s3_keys import training_file_key
from brightrun.training.protocol import SHA256_HEX
from brightrun.work import Work, work_of

Count = Annotated[int, Field(ge=0, le=2**53)]
Score = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class LibraryObject(OwnersRequest):
    """One file to be stored; with a SHA-256 no other content can be uploaded."""

    file_name: FileName
    file_size: Annotated[int, Field(ge=1, le=5 * 1024**3)]
    sha256: Annotated[str, Field(pattern=SHA256_HEX)] | None = None


class NewTrainingFile(OwnersRequest):
    """A file for the library: its BrightRun v4 lines, and the raw JSON they were made from."""

    name: Name
    description: Description | None = None
    jsonl: LibraryObject
    json_file: LibraryObject | None = None
    conversation_count: Count = 0
    total_training_pairs: Count = 0
    quality_scores: Annotated[dict[Name, Score], Field(max_length=50)] = Field(default_factory=dict)


class ImportRequest(HowToRead):
    """Which file becomes a dataset, and what that is called; the file's own name by default."""

    training_file_id: Annotated[str, Field(min_length=1, max_length=64)]
    name: Name | None = None
    description: Description | None = None


class StoredObject(Record):
    """Where one of the files lies, and what was declared of it."""

    key: str
    file_name: str
    file_size: int
    sha256: str | None


class TrainingFileStatus(StrEnum):
    """Whether an entry's lines have come, and whether they are a dataset."""

    UPLOADING = "uploading"
    AVAILABLE = "available"
    IMPORTED = "imported"


class TrainingFile(Record):
    """One entry of the library.

    Attributes:
        dataset_id: the last import; it may have been deleted since, and then can be repeated.
    """

    id: str
    user_id: UserId
    version: int = 1
    name: str
    description: str | None
    jsonl: StoredObject
    json_file: StoredObject | None
    conversation_count: int
    total_training_pairs: int
    quality_scores: dict[str, float]
    dataset_id: str | None = None
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None = None

    @property
    def declared_bytes(self) -> int:
        """What its files take up once they have come."""
        return self.jsonl.file_size + (self.json_file.file_size if self.json_file else 0)


def deleted(file: TrainingFile, dataset: Dataset | None, *, at: datetime) -> TrainingFile:
    """Return the entry marked deleted.

    Raises:
        InvalidTransition: a dataset stands on its lines.
    """
    if dataset is not None:
        status = TrainingFileStatus.IMPORTED
        raise InvalidTransition("training file", file.id, status, "deleted")
    return file.model_copy(update={"deleted_at": at, "updated_at": at})


def registered(
    new: NewTrainingFile, *, user_id: UserId, file_id: str, at: datetime
) -> TrainingFile:
    """Return the entry that waits for its files."""
    return TrainingFile(
        id=file_id,
        user_id=user_id,
        name=new.name,
        description=new.description,
        jsonl=_stored(new.jsonl, user_id, file_id, "lines"),
        json_file=_stored(new.json_file, user_id, file_id, "raw") if new.json_file else None,
        conversation_count=new.conversation_count,
        total_training_pairs=new.total_training_pairs,
        quality_scores=new.quality_scores,
        created_at=at,
        updated_at=at,
    )


def _stored(declared: LibraryObject, user_id: UserId, file_id: str, kind: str) -> StoredObject:
    name = f"{kind}/{object_name(declared.file_name)}"
    return StoredObject(
        key=training_file_key(user_id, file_id, name),
        file_name=declared.file_name,
        file_size=declared.file_size,
        sha256=declared.sha256,
    )


def imported(  # noqa: PLR0913 - each is one fact about the object or the dataset
    file: TrainingFile,
    wanted: ImportRequest,
    *,
    bucket: str,
    size_bytes: int,
    dataset_id: str,
    at: datetime,
    version_id: str | None = None,
    etag: str | None = None,
) -> Dataset:
    """Return the dataset of a training file, waiting for validation like any other."""
    return Dataset(
        id=dataset_id,
        user_id=file.user_id,
        name=wanted.name or file.name,
        description=wanted.description or file.description,
        status=DatasetStatus.VALIDATING,
        storage_bucket=bucket,
        storage_path=file.jsonl.key,
        file_name=file.jsonl.file_name,
        file_size=size_bytes,
        version_id=version_id,
        etag=etag,
        training_file_id=file.id,
        base_model=wanted.base_model,
        over_length=wanted.over_length,
        find_near_duplicates=wanted.find_near_duplicates,
        waive=wanted.waive,
        work=work_of(Work.VALIDATE, dataset_id),
        due_at=at,
        created_at=at,
        updated_at=at,
    )
