"""An S3 bucket in memory behind the same client methods, and a bus that only remembers."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class MemoryBody:
    """What `get_object` hands out."""

    content: bytes

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self.content), size):
            yield self.content[start : start + size]


@dataclass
class MemoryStore:
    """One bucket; every object has its SHA-256."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's own names, here and below
        self.objects[Key] = Body
        return {}

    def head_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        body = self._found(Key, "404", "HeadObject")
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        return {"ContentLength": len(body), "ETag": '"etag"', "ChecksumSHA256": checksum}

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"Body": MemoryBody(self._found(Key, "NoSuchKey", "GetObject"))}

    def copy_object(self, *, Key: str, CopySource: dict[str, str], **_: Any) -> dict[str, Any]:  # noqa: N803
        self.objects[Key] = self._found(CopySource["Key"], "NoSuchKey", "CopyObject")
        return {}

    def delete_objects(self, *, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        for entry in Delete["Objects"]:
            self.objects.pop(entry["Key"], None)
        return {}

    def generate_presigned_url(self, method: str, *, Params: dict[str, Any], **_: Any) -> str:  # noqa: N803
        return f"https://storage.test/{Params['Bucket']}/{Params['Key']}?{method}"

    def list_objects_v2(self, *, Prefix: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        return {"Contents": [{"Key": key} for key in keys]} if keys else {}

    def get_paginator(self, method: str) -> "MemoryListing":
        if method != "list_objects_v2":
            raise NotImplementedError(method)
        return MemoryListing(self)

    def _found(self, key: str, code: str, operation: str) -> bytes:
        if key not in self.objects:
            raise ClientError({"Error": {"Code": code, "Message": key}}, operation)
        return self.objects[key]


@dataclass(frozen=True)
class MemoryListing:
    """A paginator of one page."""

    store: MemoryStore

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        yield self.store.list_objects_v2(**asked)


@dataclass
class MemoryBus:
    """A bus nobody listens to: events may be lost."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.entries += Entries
        return {}
