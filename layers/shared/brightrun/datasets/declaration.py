"""A new dataset, as it is declared before a single byte has come. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from brightrun.datasets.record import Dataset, DatasetFormat
from brightrun.errors import TooLarge
from brightrun.names import Description, FileName, Name
from brightrun.records import OwnersRequest, UserId
from brightrun.s3_keys import dataset_key
from brightrun.training.configuration import OverLength
from brightrun.training.protocol import SHA256_HEX
from brightrun.work import Work, work_of

UPLOAD_LIFE = timedelta(hours=24)
"""How long an upload may take, breaks included; the parts themselves are kept for two days."""
PARTS_ABOVE_BYTES = 64 * 1024**2

_CONTENT_TYPES = {".gz": "application/gzip", ".json": "application/json"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME = 128


class HowToRead(OwnersRequest):
    """What the owner chooses about the reading of a file, before it is read.

    Attributes:
        over_length: rows over the maximum sequence length are rejected, or lose their oldest turns.
        find_near_duplicates: read the file a second time, for rows that are almost the same.
        waive: errors that the owner has looked at and accepts; they become warnings.
        base_model: whose tokenizer counts the tokens; the default one when none is named.
    """

    base_model: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    over_length: OverLength = OverLength.REJECT
    find_near_duplicates: bool = False
    waive: Annotated[tuple[Literal["secret_suspect"], ...], Field(max_length=1)] = ()


class NewDataset(HowToRead):
    """What is going to be uploaded.

    Attributes:
        format: a label, for people; what the file is, is found out from its content.
        sha256: of the whole file (hex); when it is given, no other content can be uploaded.
    """

    name: Name
    description: Description | None = None
    file_name: FileName
    file_size: Annotated[int, Field(ge=1, le=2**53)]
    format: DatasetFormat | None = None
    sha256: Annotated[str, Field(pattern=SHA256_HEX)] | None = None


class DatasetEdit(OwnersRequest):
    """A new name, a new description, or both; a description of null is none.

    Jobs and models keep the name they were made under.
    """

    name: Name | None = None
    description: Description | None = None


@dataclass(frozen=True)
class Intake:
    """Where a stage keeps datasets, and how large they may be."""

    bucket: str
    max_bytes: int


def declared(
    new: NewDataset, intake: Intake, *, user_id: UserId, dataset_id: str, at: datetime
) -> Dataset:
    """Return the dataset that waits for its file, and expires when none comes.

    Raises:
        TooLarge: it is over the upload limit.
    """
    if new.file_size > intake.max_bytes:
        raise TooLarge(
            f"{new.file_name} has {new.file_size} bytes; {intake.max_bytes} are allowed",
            {"file_size": new.file_size, "max_file_size": intake.max_bytes},
        )
    return Dataset(
        id=dataset_id,
        user_id=user_id,
        name=new.name,
        description=new.description,
        storage_bucket=intake.bucket,
        storage_path=dataset_key(user_id, dataset_id, object_name(new.file_name)),
        file_name=new.file_name,
        file_size=new.file_size,
        sha256=new.sha256,
        base_model=new.base_model,
        over_length=new.over_length,
        find_near_duplicates=new.find_near_duplicates,
        waive=new.waive,
        work=work_of(Work.EXPIRE_UPLOAD, dataset_id),
        due_at=at + UPLOAD_LIFE,
        created_at=at,
        updated_at=at,
    )


def object_name(file_name: str) -> str:
    """Return a file's name as it is stored: letters, digits, dots, dashes; the end is kept."""
    safe = _UNSAFE.sub("-", file_name).lstrip("._-")[-_MAX_NAME:].lstrip("._-")
    return safe or "dataset"


def content_type(file_name: str) -> str:
    """Return the type an upload is signed for."""
    for ending, kind in _CONTENT_TYPES.items():
        if file_name.lower().endswith(ending):
            return kind
    return "application/jsonl"


def comes_in_parts(dataset: Dataset) -> bool:
    """Whether a file is so large that a break should not cost all of it."""
    return dataset.file_size > PARTS_ABOVE_BYTES


def edited(dataset: Dataset, edit: DatasetEdit, *, at: datetime) -> Dataset:
    """Return the dataset as it is called now; asking for what it is changes nothing."""
    name = edit.name or dataset.name
    told = "description" in edit.model_fields_set
    description = edit.description if told else dataset.description
    if (name, description) == (dataset.name, dataset.description):
        return dataset
    return dataset.model_copy(update={"name": name, "description": description, "updated_at": at})


def deleted(dataset: Dataset, *, at: datetime) -> Dataset:
    """Return the dataset marked deleted: nothing is done with it any more."""
    return dataset.model_copy(
        update={"deleted_at": at, "work": None, "due_at": None, "updated_at": at}
    )
