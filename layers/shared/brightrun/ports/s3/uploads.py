"""What the owner of a dataset may send, and whether it has come: one PUT, or many parts."""

from typing import Literal, TypedDict

from pydantic import Field

from brightrun.datasets.declaration import content_type
from brightrun.datasets.record import Dataset
from brightrun.errors import UploadIncomplete
from brightrun.multipart import DATASET_PART_BYTES, part_sizes
from brightrun.ports.s3 import multipart, objects
from brightrun.ports.s3.objects import Store, Stored, url_life_seconds
from brightrun.records import Record


class PartOffer(Record):
    """One part that is missing, and where to PUT it; no header is needed."""

    number: int
    size_bytes: int
    url: str


class UploadOffer(Record):
    """Where to send a dataset's file.

    Attributes:
        url: for the whole file, with exactly `headers`; null when it goes up in parts.
        parts: those still missing, in order; null when it goes up whole.
        arrived_parts: numbers of the parts that need not be sent again.
        expires_in_seconds: how long the URLs hold; then ask again.
    """

    method: Literal["PUT"] = "PUT"
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    parts: tuple[PartOffer, ...] | None = None
    part_size_bytes: int | None = None
    arrived_parts: tuple[int, ...] = ()
    expires_in_seconds: int


def offer(store: Store, dataset: Dataset) -> UploadOffer:
    """Return what may still be sent; asking again signs again.

    Raises:
        UploadIncomplete: the upload in parts is not open any more.
    """
    life = url_life_seconds(store)
    if dataset.multipart_upload_id is not None:
        return _offer_parts(store, dataset, dataset.multipart_upload_id, life)
    signed = objects.sign_upload(
        store,
        dataset.storage_path,
        size_bytes=dataset.file_size,
        content_type=content_type(dataset.file_name),
        sha256=dataset.sha256,
    )
    return UploadOffer(url=signed.url, headers=signed.headers, expires_in_seconds=life)


def _offer_parts(store: Store, dataset: Dataset, upload_id: str, life_seconds: int) -> UploadOffer:
    key = dataset.storage_path
    arrived = {part.number for part in multipart.arrived_parts(store, key, upload_id)}
    parts = tuple(
        PartOffer(
            number=number,
            size_bytes=size,
            url=multipart.sign_part(store, key, upload_id, number=number, size_bytes=size).url,
        )
        for number, size in part_sizes(dataset.file_size, DATASET_PART_BYTES).items()
        if number not in arrived
    )
    return UploadOffer(
        parts=parts,
        part_size_bytes=DATASET_PART_BYTES,
        arrived_parts=tuple(sorted(arrived)),
        expires_in_seconds=life_seconds,
    )


class ArrivedFacts(TypedDict):
    """What is kept of an object that has come."""

    size_bytes: int
    sha256: str | None
    version_id: str | None
    etag: str


def facts_of(found: Stored) -> ArrivedFacts:
    """Return what is kept of an object that has come."""
    return {
        "size_bytes": found.size_bytes,
        "sha256": found.sha256,
        "version_id": found.version_id,
        "etag": found.etag,
    }


def received(store: Store, dataset: Dataset) -> Stored:
    """Return the object that has come; parts are joined first. Repeating it is harmless.

    Raises:
        UploadIncomplete: nothing has come, or parts are missing.
    """
    found = objects.find_object(store, dataset.storage_path)
    if found is None and dataset.multipart_upload_id is not None:
        _join(store, dataset, dataset.multipart_upload_id)
        found = objects.find_object(store, dataset.storage_path)
    if found is None:
        raise UploadIncomplete(f"nothing was uploaded for {dataset.file_name} yet")
    return found


def _join(store: Store, dataset: Dataset, upload_id: str) -> None:
    parts = multipart.arrived_parts(store, dataset.storage_path, upload_id)
    wanted = part_sizes(dataset.file_size, DATASET_PART_BYTES)
    missing = sorted(set(wanted) - {part.number for part in parts})
    if missing:
        raise UploadIncomplete(
            f"{len(missing)} of {len(wanted)} parts are missing", {"missing_parts": missing}
        )
    multipart.complete_parts(store, dataset.storage_path, upload_id, parts)
