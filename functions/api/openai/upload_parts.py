"""The parts of an upload: kept in staging, where what is left over is forgotten, and joined.

A part of a request is smaller than S3 takes for one of its own, so they pass through once more.
"""

import hashlib
from collections.abc import Iterator

from brightrun.datasets.declaration import content_type
from brightrun.datasets.record import Dataset
from brightrun.errors import InvalidRequest
from brightrun.multipart import DATASET_PART_BYTES
from brightrun.openai import ids
from brightrun.ports.s3 import multipart, objects
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from brightrun.s3_keys import staging_of_job

MOST_UPLOAD_BYTES = 512 * 1024**2
"""Joined within one call, which may take 29 seconds."""


def keep_part(deps: Deps, dataset: Dataset, body: bytes) -> str:
    """Store one part and return its id."""
    part_id = deps.new_id()
    kind = "application/octet-stream"
    objects.write_whole(deps.store, _key(dataset, part_id), body, content_type=kind)
    return ids.PART + ids.digits(part_id)


def join_parts(store: Store, dataset: Dataset, part_ids: tuple[str, ...], md5: str | None) -> None:
    """Lay the file together in the order of its parts; doing it again gives the same file.

    Raises:
        InvalidRequest: a part is unknown, or together they are not what was announced.
    """
    keys = [_named(dataset, part_id) for part_id in part_ids]
    _require_size(store, dataset, keys)
    if md5 is not None:
        _require_md5(_chunks(store, keys), md5)
    if dataset.multipart_upload_id is None:
        body, kind = b"".join(_chunks(store, keys)), content_type(dataset.file_name)
        objects.write_whole(store, dataset.storage_path, body, content_type=kind)
        return
    _send(store, dataset, dataset.multipart_upload_id, _chunks(store, keys))


def _key(dataset: Dataset, part_id: str) -> str:
    return f"{staging_of_job(f'upload-{dataset.id}')}{part_id}"


def _named(dataset: Dataset, part_id: str) -> str:
    found = ids.behind(ids.PART, part_id)
    if found is None or "/" in found:
        raise InvalidRequest({"part_ids": [f"{part_id} is no part of this upload"]})
    return _key(dataset, found)


def _require_size(store: Store, dataset: Dataset, keys: list[str]) -> None:
    found = [objects.find_object(store, key) for key in keys]
    if None in found:
        raise InvalidRequest({"part_ids": ["one of them is no part of this upload"]})
    total = sum(part.size_bytes for part in found if part)
    if total != dataset.file_size:
        told = f"they have {total} bytes together, {dataset.file_size} were announced"
        raise InvalidRequest({"part_ids": [told]})


def _require_md5(chunks: Iterator[bytes], md5: str) -> None:
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    if digest.hexdigest() != md5.lower():
        raise InvalidRequest({"md5": [f"the parts have {digest.hexdigest()}"]})


def _chunks(store: Store, keys: list[str]) -> Iterator[bytes]:
    for key in keys:
        yield from objects.read_chunks(store, key)


def _send(store: Store, dataset: Dataset, upload_id: str, chunks: Iterator[bytes]) -> None:
    number, waiting = 1, bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= DATASET_PART_BYTES:
            body = bytes(waiting[:DATASET_PART_BYTES])
            multipart.send_part(store, dataset.storage_path, upload_id, number, body)
            del waiting[:DATASET_PART_BYTES]
            number += 1
    if waiting:
        multipart.send_part(store, dataset.storage_path, upload_id, number, bytes(waiting))
