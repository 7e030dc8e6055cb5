"""A file in parts from place to place inside the store, and read through once."""

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from brightrun.ports.s3 import objects, staging
from brightrun.ports.s3.objects import Store
from brightrun.ports.s3.verified_copy import copy_checked, sha256_of
from brightrun.training.protocol import StoredFile
from brightrun.training.uploading import CompleteRequest
from tests.support.datasets.large_files import PART_BYTES, declared

LARGE = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c" * 7
NAME = "adapter_model.safetensors"


def stored_in_parts(store: Store, body: bytes) -> StoredFile:
    file = declared(NAME, body, in_parts=True)
    upload = staging.grant(store, "staging/x", file)
    for part, digest in enumerate(file.parts, 1):
        at = (part - 1) * PART_BYTES
        store.client.upload_part(
            Bucket=store.bucket, Key="staging/x", UploadId=upload.upload_id or "",
            PartNumber=part, Body=body[at : at + PART_BYTES],
        )  # fmt: skip
        assert len(digest) == 64
    request = {**file.model_dump(), "upload_id": upload.upload_id}
    staging.join(store, "staging/x", CompleteRequest.model_validate(request))
    return StoredFile.model_validate(file.model_dump())


def test_a_large_file_is_copied_in_several_parts(store: Store) -> None:
    file = stored_in_parts(store, LARGE)

    copy_checked(store, "staging/x", "models/x", file, has_time=lambda: True, part_bytes=PART_BYTES)

    assert b"".join(objects.read_chunks(store, "models/x")) == LARGE
    found = objects.find_object(store, "models/x")
    assert found is not None
    assert found.etag.endswith("-3")


class BreakingClient:
    """Storage whose connection breaks after so many bytes of each answer."""

    def __init__(self, client: Any, after_bytes: int) -> None:
        self._client, self._after = client, after_bytes
        self.asked: list[str] = []

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked.get("Range", ""))
        body = self._client.get_object(**asked)["Body"].read()
        return {"Body": BreakingBody(body[: self._after], whole=len(body) <= self._after)}


class BreakingBody:
    def __init__(self, content: bytes, *, whole: bool) -> None:
        self._content, self._whole = content, whole

    def iter_chunks(self, _size: int) -> Any:
        if self._content:
            yield self._content
        if not self._whole:
            raise ReadTimeoutError(endpoint_url="https://s3.test")


def breaking_after(size_bytes: int, store: Store) -> tuple[Store, BreakingClient]:
    objects.write_whole(store, "k", b"0123456789", content_type="text/plain")
    client = BreakingClient(store.client, size_bytes)
    return Store(client, store.bucket), client  # type: ignore[arg-type]


def test_reading_goes_on_where_the_connection_broke(store: Store) -> None:
    breaking, client = breaking_after(4, store)

    digest = sha256_of(breaking, "k", 10, has_time=lambda: True)

    assert digest == hashlib.sha256(b"0123456789").hexdigest()
    assert client.asked == ["", "bytes=4-", "bytes=8-"]


def test_reading_gives_up_when_nothing_comes(store: Store) -> None:
    breaking, client = breaking_after(0, store)

    with pytest.raises(ReadTimeoutError):
        sha256_of(breaking, "k", 10, has_time=lambda: True)
    assert len(client.asked) == 4
