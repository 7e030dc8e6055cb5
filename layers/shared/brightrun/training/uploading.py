"""The worker protocol, where it speaks of storing files: whole, or in parts. Pure.

What a worker or an API of an earlier version does not know is left out where it is not needed.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from brightrun.multipart import LEAST_PART_BYTES, MOST_PART_BYTES, MOST_PARTS, part_sizes
from brightrun.records import Request
from brightrun.training.bounds import Step, WorkerMessage
from brightrun.training.protocol import SHA256_HEX, StoredFile


def _absent(value: object) -> bool:
    return not value


class UploadFile(StoredFile):
    """A file the worker wants to store; a checkpoint names its step.

    Attributes:
        part_size_bytes: of each part but the last, when the file goes up in parts.
        parts: SHA-256 of each part, in order.
        upload_id: of an upload in parts that was begun: only what is missing is signed again.
    """

    kind: Literal["artifact", "checkpoint"]
    step: Step | None = None
    part_size_bytes: Annotated[
        int | None, Field(ge=LEAST_PART_BYTES, le=MOST_PART_BYTES, exclude_if=_absent)
    ] = None
    parts: Annotated[
        tuple[Annotated[str, Field(pattern=SHA256_HEX)], ...],
        Field(max_length=MOST_PARTS, exclude_if=_absent),
    ] = ()
    upload_id: Annotated[str | None, Field(max_length=1024, exclude_if=_absent)] = None

    @model_validator(mode="after")
    def _parts_make_the_file(self) -> Self:
        size = self.part_size_bytes
        wanted = 0 if size is None else -(-self.size_bytes // size)
        if wanted != len(self.parts):
            raise ValueError(f"{len(self.parts)} parts were declared, {wanted} make this file")
        return self

    def part_sizes(self) -> dict[int, int]:
        """Return part number → size in bytes; nothing for a file that goes up whole."""
        return part_sizes(self.size_bytes, self.part_size_bytes) if self.part_size_bytes else {}


class UploadsRequest(WorkerMessage):
    """Ask for permission to store files."""

    files: Annotated[tuple[UploadFile, ...], Field(min_length=1, max_length=50)]


class PartUpload(Request):
    """One presigned PUT for one part, numbered from 1; send every header as given."""

    number: int
    url: str
    headers: dict[str, str]


class Upload(Request):
    """One presigned PUT; every header must be sent as given, size and checksum are signed.

    Attributes:
        url: null for a file in parts.
        upload_id: names the upload in parts when asking again, and when completing it.
        parts: the first of those still missing; none when all have come. Null for a whole file.
    """

    name: str
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    upload_id: Annotated[str | None, Field(exclude_if=_absent)] = None
    parts: Annotated[
        tuple[PartUpload, ...] | None, Field(exclude_if=lambda parts: parts is None)
    ] = None


class UploadsAnswer(Request):
    """Permissions in the order asked."""

    uploads: tuple[Upload, ...]


class CompleteRequest(UploadFile):
    """Every part of a file is stored: join them. The same call again finds the file joined."""

    upload_id: Annotated[str, Field(min_length=1, max_length=1024)]
    part_size_bytes: Annotated[int, Field(ge=LEAST_PART_BYTES, le=MOST_PART_BYTES)]
