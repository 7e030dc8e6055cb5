"""Large uploads in parts, so that a break costs one part and not the whole file.

Parts are listed, and only missing ones are sent again. An upload nobody completes is aborted by
us, and by a lifecycle rule.
"""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from brightrun.errors import UploadIncomplete
from brightrun.ports.objects import URL_LIFE_SECONDS, Store

PART_BYTES = 16 * 1024**2
"""S3 takes 5 MB to 5 GB a part and 10,000 parts.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""


@dataclass(frozen=True)
class Part:
    """One part that has arrived."""

    number: int
    size_bytes: int
    etag: str


def begin_parts(store: Store, key: str, *, content_type: str) -> str:
    """Open an upload in parts and return its id."""
    opened = store.client.create_multipart_upload(
        Bucket=store.bucket, Key=key, ContentType=content_type
    )
    return opened["UploadId"]


def part_sizes(size_bytes: int) -> dict[int, int]:
    """Return part number → size in bytes for a whole file; only the last one may be shorter."""
    whole, rest = divmod(size_bytes, PART_BYTES)
    sizes = [PART_BYTES] * whole + ([rest] if rest else [])
    return dict(enumerate(sizes, start=1))


def sign_part(store: Store, key: str, upload_id: str, *, number: int, size_bytes: int) -> str:
    """Return a presigned PUT for one part, bound to its size."""
    return store.client.generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": store.bucket,
            "Key": key,
            "UploadId": upload_id,
            "PartNumber": number,
            "ContentLength": size_bytes,
        },
        ExpiresIn=URL_LIFE_SECONDS,
    )


def arrived_parts(store: Store, key: str, upload_id: str) -> list[Part]:
    """Return the parts that are there.

    Raises:
        UploadIncomplete: the upload was completed, aborted or has expired.
    """
    pages = store.client.get_paginator("list_parts").paginate(
        Bucket=store.bucket, Key=key, UploadId=upload_id
    )
    try:
        return [
            Part(part["PartNumber"], part["Size"], part["ETag"])
            for page in pages
            for part in page.get("Parts", [])
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchUpload":
            raise UploadIncomplete("this upload is not open any more; begin again") from error
        raise


def complete_parts(store: Store, key: str, upload_id: str, parts: list[Part]) -> None:
    """Join the parts into the object."""
    joined = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
    store.client.complete_multipart_upload(
        Bucket=store.bucket,
        Key=key,
        UploadId=upload_id,
        MultipartUpload={"Parts": joined},  # type: ignore[typeddict-item]
    )


def abort_parts(store: Store, key: str, upload_id: str) -> None:
    """Throw the parts away; an upload that is not open any more is left as it is."""
    try:
        store.client.abort_multipart_upload(Bucket=store.bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
