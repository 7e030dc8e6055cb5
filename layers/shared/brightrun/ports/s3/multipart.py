"""Large uploads in parts, so that a break costs one part and not the whole file.

Parts are listed, and only missing ones are sent again. An upload nobody completes is aborted by
us, and by a lifecycle rule. How large a part is, is said in `brightrun.multipart`.
"""

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from brightrun.errors import UploadIncomplete
from brightrun.ports.s3.objects import SignedUpload, Store, signed

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_NOT_OPEN = "this upload is not open any more; begin again"


@dataclass(frozen=True)
class Part:
    """One part that has arrived; `sha256` (hex) only if its upload asks for checksums."""

    number: int
    size_bytes: int
    etag: str
    sha256: str | None = None


def begin_parts(store: Store, key: str, *, content_type: str, checksums: bool = False) -> str:
    """Open an upload in parts and return its id.

    With `checksums` the store wants and keeps the SHA-256 of each part, and one of all of them.
    """
    asked: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if checksums else {}
    opened = store.client.create_multipart_upload(
        Bucket=store.bucket, Key=key, ContentType=content_type, **asked
    )
    return opened["UploadId"]


def sign_part(
    store: Store,
    key: str,
    upload_id: str,
    *,
    number: int,
    size_bytes: int,
    sha256: str | None = None,
) -> SignedUpload:
    """Return a presigned PUT for one part, bound to its size and, when given, SHA-256 (hex)."""
    headers = {"Content-Length": str(size_bytes)}
    asked: dict[str, Any] = {
        "Bucket": store.bucket,
        "Key": key,
        "UploadId": upload_id,
        "PartNumber": number,
        "ContentLength": size_bytes,
    }
    if sha256 is not None:
        asked["ChecksumSHA256"] = headers["x-amz-checksum-sha256"] = _base64(sha256)
    return SignedUpload(signed(store, "upload_part", asked), headers)


def arrived_parts(store: Store, key: str, upload_id: str) -> list[Part]:
    """Return the parts that are there, in order.

    Raises:
        UploadIncomplete: the upload was completed, aborted or has expired.
    """
    pages = store.client.get_paginator("list_parts").paginate(
        Bucket=store.bucket, Key=key, UploadId=upload_id
    )
    try:
        return [
            Part(part["PartNumber"], part["Size"], part["ETag"], _hex(part.get("ChecksumSHA256")))
            for page in pages
            for part in page.get("Parts", [])
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
        raise UploadIncomplete(_NOT_OPEN) from error


def open_uploads(store: Store, key: str) -> list[str]:
    """Return the ids of uploads in parts that are open for a key, the newest last."""
    pages = store.client.get_paginator("list_multipart_uploads").paginate(
        Bucket=store.bucket, Prefix=key
    )
    found = [each for page in pages for each in page.get("Uploads", []) if each["Key"] == key]
    return [each["UploadId"] for each in sorted(found, key=lambda each: each["Initiated"])]


def send_part(
    store: Store, key: str, upload_id: str, number: int, body: bytes, *, sha256: str | None = None
) -> Part:
    """Store one part, bound to its SHA-256 (hex) when given; one of the same number is replaced.

    Raises:
        UploadIncomplete: the upload was completed, aborted or has expired.
    """
    bound: dict[str, Any] = {"ChecksumSHA256": _base64(sha256)} if sha256 else {}
    try:
        sent = store.client.upload_part(
            Bucket=store.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body, **bound
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
        raise UploadIncomplete(_NOT_OPEN) from error
    return Part(number, len(body), sent["ETag"], sha256)


def complete_parts(store: Store, key: str, upload_id: str, parts: list[Part]) -> None:
    """Join the parts into the object.

    Raises:
        UploadIncomplete: the upload was completed, aborted or has expired.
    """
    try:
        store.client.complete_multipart_upload(
            Bucket=store.bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": [_named(part) for part in parts]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
        raise UploadIncomplete(_NOT_OPEN) from error


def copy_part(
    store: Store, source: str, target: str, upload_id: str, *, number: int, span: tuple[int, int]
) -> Part:
    """Copy the bytes from first to last of `source` as one part of `target`, inside the store."""
    first, last = span
    copied = store.client.upload_part_copy(
        Bucket=store.bucket,
        Key=target,
        UploadId=upload_id,
        PartNumber=number,
        CopySource={"Bucket": store.bucket, "Key": source},
        CopySourceRange=f"bytes={first}-{last}",
    )["CopyPartResult"]
    return Part(number, last - first + 1, copied["ETag"], _hex(copied.get("ChecksumSHA256")))


def abort_parts(store: Store, key: str, upload_id: str) -> None:
    """Throw the parts away; an upload that is not open any more is left as it is."""
    try:
        store.client.abort_multipart_upload(Bucket=store.bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise


def _named(part: Part) -> "CompletedPartTypeDef":
    """S3 wants the checksum again where there is one."""
    named: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": part.etag}
    if part.sha256 is not None:
        named["ChecksumSHA256"] = _base64(part.sha256)
    return named


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _hex(checksum: str | None) -> str | None:
    return None if checksum is None else base64.b64decode(checksum).hex()
