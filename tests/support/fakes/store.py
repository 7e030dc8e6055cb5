"""An S3 bucket in memory behind the same client methods, and a bus that only remembers.

Uploads in parts are as strict as S3's: closed once joined, a checksum for each part, and of a
file in parts no checksum but that of the parts.
"""

# ruff: noqa: N803 - the arguments have AWS's own names
import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

S3_LEAST_PART_BYTES = 5 * 1024**2


@dataclass(frozen=True)
class MemoryBody:
    """What `get_object` hands out."""

    content: bytes

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self.content), size):
            yield self.content[start : start + size]


@dataclass
class MemoryStore:
    """One bucket; every object has its SHA-256, or that of its parts."""

    objects: dict[str, bytes] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)
    uploads: dict[tuple[str, str], dict[int, bytes]] = field(default_factory=dict)
    opened: int = 0

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        self.objects[Key] = Body
        self.joined.pop(Key, None)
        return {}

    def head_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        body = self._found(Key, "404", "HeadObject")
        checksum = self.joined.get(Key) or _checksum(body)
        return {"ContentLength": len(body), "ETag": '"etag"', "ChecksumSHA256": checksum}

    def get_object(self, *, Key: str, Range: str = "bytes=0-", **_: Any) -> dict[str, Any]:
        body = self._found(Key, "NoSuchKey", "GetObject")
        first = int(Range.removeprefix("bytes=").removesuffix("-"))
        return {"Body": MemoryBody(body[first:])}

    def copy_object(self, *, Key: str, CopySource: dict[str, str], **_: Any) -> dict[str, Any]:
        body = self._found(CopySource["Key"], "NoSuchKey", "CopyObject")
        return self.put_object(Key=Key, Body=body)

    def create_multipart_upload(self, *, Key: str, **_: Any) -> dict[str, Any]:
        self.opened += 1
        upload_id = f"upload-{self.opened}"
        self.uploads[Key, upload_id] = {}
        return {"UploadId": upload_id}

    def upload_part(
        self,
        *,
        Key: str,
        UploadId: str,
        PartNumber: int,
        Body: bytes,
        **_: Any,
    ) -> dict[str, Any]:
        self._open(Key, UploadId)[PartNumber] = Body
        return {"ETag": _checksum(Body), "ChecksumSHA256": _checksum(Body)}

    def upload_part_copy(
        self, *, Key: str, UploadId: str, PartNumber: int, CopySource: dict[str, str],
        CopySourceRange: str, **_: Any,
    ) -> dict[str, Any]:  # fmt: skip
        first, last = CopySourceRange.removeprefix("bytes=").split("-")
        body = self._found(CopySource["Key"], "NoSuchKey", "UploadPartCopy")
        part = body[int(first) : int(last) + 1]
        copied = self.upload_part(Key=Key, UploadId=UploadId, PartNumber=PartNumber, Body=part)
        return {"CopyPartResult": copied}

    def list_multipart_uploads(self, *, Prefix: str = "", **_: Any) -> dict[str, Any]:
        """As they were opened: that is their order."""
        keys = [(key, upload_id) for key, upload_id in self.uploads if key.startswith(Prefix)]
        return {
            "Uploads": [
                {"Key": key, "UploadId": upload_id, "Initiated": number}
                for number, (key, upload_id) in enumerate(keys)
            ]
        }

    def list_parts(self, *, Key: str, UploadId: str, **_: Any) -> dict[str, Any]:
        parts = self._open(Key, UploadId)
        return {"Parts": [_listed(number, parts[number]) for number in sorted(parts)]}

    def complete_multipart_upload(
        self,
        *,
        Key: str,
        UploadId: str,
        MultipartUpload: dict[str, Any],
        **_: Any,
    ) -> dict[str, Any]:
        parts = self._open(Key, UploadId)
        named = MultipartUpload["Parts"]
        for part in named:
            there = _listed(part["PartNumber"], parts[part["PartNumber"]])
            if part["ChecksumSHA256"] != there["ChecksumSHA256"]:
                raise _refusal("InvalidPart", "CompleteMultipartUpload")
        bodies = [parts[part["PartNumber"]] for part in named]
        if any(len(body) < S3_LEAST_PART_BYTES for body in bodies[:-1]):
            raise _refusal("EntityTooSmall", "CompleteMultipartUpload")
        del self.uploads[Key, UploadId]
        self.objects[Key] = b"".join(bodies)
        digests = b"".join(hashlib.sha256(body).digest() for body in bodies)
        self.joined[Key] = f"{_checksum(digests)}-{len(bodies)}"
        return {}

    def delete_objects(self, *, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:
        for entry in Delete["Objects"]:
            self.objects.pop(entry["Key"], None)
        return {}

    def generate_presigned_url(self, method: str, *, Params: dict[str, Any], **_: Any) -> str:
        part = f"&uploadId={Params.get('UploadId')}&partNumber={Params.get('PartNumber')}"
        return f"https://storage.test/{Params['Bucket']}/{Params['Key']}?{method}{part}"

    def list_objects_v2(self, *, Prefix: str = "", **_: Any) -> dict[str, Any]:
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        return {"Contents": [{"Key": key} for key in keys]} if keys else {}

    def get_paginator(self, method: str) -> "MemoryListing":
        return MemoryListing(
            {
                "list_objects_v2": self.list_objects_v2,
                "list_parts": self.list_parts,
                "list_multipart_uploads": self.list_multipart_uploads,
            }[method]
        )

    def _found(self, key: str, code: str, operation: str) -> bytes:
        if key not in self.objects:
            raise _refusal(code, operation)
        return self.objects[key]

    def _open(self, key: str, upload_id: str) -> dict[int, bytes]:
        if (key, upload_id) not in self.uploads:
            raise _refusal("NoSuchUpload", "UploadPart")
        return self.uploads[key, upload_id]


def _listed(number: int, body: bytes) -> dict[str, Any]:
    checksum = _checksum(body)
    return {
        "PartNumber": number, "Size": len(body), "ETag": checksum, "ChecksumSHA256": checksum,
    }  # fmt: skip


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@dataclass(frozen=True)
class MemoryListing:
    """A paginator of one page."""

    listed: Callable[..., dict[str, Any]]

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        yield self.listed(**asked)


@dataclass
class MemoryBus:
    """A bus nobody listens to: events may be lost."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.entries += Entries
        return {}
