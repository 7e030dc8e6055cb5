"""The object store: presigned uploads and downloads, checks by checksum, server-side copies.

No byte of a model passes through a function. What is signed is exactly what may be done: key,
size, type and, where it is known, SHA-256.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from brightrun.errors import ArtifactCorrupt, UploadIncomplete
from brightrun.ports.s3.signing import SigningSession
from brightrun.s3_keys import COPY_LIMIT_BYTES
from brightrun.training.protocol import StoredFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

URL_LIFE_SECONDS = 3600
_READ_BYTES = 1024**2
_MISSING = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})


@dataclass(frozen=True)
class Store:
    """The bucket and a client for it.

    Attributes:
        sessions: gives the session that signs URLs; None: the client's own, which does not end.
        now: the present moment, for what is left of a session.
    """

    client: "S3Client"
    bucket: str
    sessions: Callable[[], SigningSession] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class Stored:
    """What lies under a key; `sha256` (hex) only if it was uploaded whole, and with one.

    Attributes:
        parts_sha256: if it was uploaded in parts with checksums: of their digests, and the count.
        version_id: names this very content; None where the bucket keeps no versions.
    """

    key: str
    size_bytes: int
    sha256: str | None
    etag: str
    parts_sha256: str | None = None
    version_id: str | None = None


@dataclass(frozen=True)
class SignedUpload:
    """A PUT that may be made as long as its URL holds, with exactly these headers.

    Made again it stores another version; what was confirmed is the version that was there then.
    """

    url: str
    headers: dict[str, str]


def url_life_seconds(store: Store) -> int:
    """Return how long a URL that is signed now holds: an hour, or as long as who signs it."""
    return _left(store, _signer(store))


def signed(store: Store, operation: str, asked: dict[str, Any]) -> str:
    """Return a URL for one operation, which promises no more than its session can keep."""
    session = _signer(store)
    return session.client.generate_presigned_url(
        operation, Params=asked, ExpiresIn=_left(store, session)
    )


def _signer(store: Store) -> SigningSession:
    return store.sessions() if store.sessions is not None else SigningSession(store.client)


def _left(store: Store, session: SigningSession) -> int:
    if session.ends_at is None:
        return URL_LIFE_SECONDS
    return max(1, min(URL_LIFE_SECONDS, int((session.ends_at - store.now()).total_seconds())))


def sign_upload(
    store: Store,
    key: str,
    *,
    size_bytes: int,
    content_type: str = "application/octet-stream",
    sha256: str | None = None,
) -> SignedUpload:
    """Return a presigned PUT bound to key, size, type and, when given, SHA-256 (hex)."""
    headers = {"Content-Length": str(size_bytes), "Content-Type": content_type}
    asked: dict[str, Any] = {
        "Bucket": store.bucket,
        "Key": key,
        "ContentLength": size_bytes,
        "ContentType": content_type,
    }
    if sha256 is not None:
        asked["ChecksumSHA256"] = _base64_of(sha256)
        headers["x-amz-checksum-sha256"] = asked["ChecksumSHA256"]
    return SignedUpload(signed(store, "put_object", asked), headers)


def sign_download(
    store: Store, key: str, *, file_name: str | None = None, version_id: str | None = None
) -> str:
    """Return a presigned GET, of one version if it is named; a browser saves it as `file_name`."""
    asked = {"Bucket": store.bucket, "Key": key, **_version(version_id)}
    if file_name:
        asked["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
    return signed(store, "get_object", asked)


def _version(version_id: str | None) -> dict[str, Any]:
    return {} if version_id is None else {"VersionId": version_id}


def find_object(store: Store, key: str, *, version_id: str | None = None) -> Stored | None:
    """Return what lies under `key`, or that version of it, or None."""
    try:
        head = store.client.head_object(
            Bucket=store.bucket, Key=key, ChecksumMode="ENABLED", **_version(version_id)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
    etag = head["ETag"].strip('"')
    checksum, _, count = head.get("ChecksumSHA256", "").partition("-")
    digest = base64.b64decode(checksum).hex() or None
    if not count and head.get("ChecksumType") != "FULL_OBJECT":
        count = etag.partition("-")[2]  # an ETag of parts says so too; moto's checksum does not
    return Stored(
        key=key,
        size_bytes=head["ContentLength"],
        sha256=None if count else digest,
        etag=etag,
        parts_sha256=f"{digest}-{count}" if digest and count else None,
        version_id=head.get("VersionId"),
    )


def is_as_declared(found: Stored, declared: StoredFile) -> bool:
    """Tell whether size and checksum agree: of the whole where the store has it, else of the parts.

    The checksum of the parts proves that the store has what the worker sent. That this has the
    declared SHA-256 is proven by `copying.copy_checked`, or by whoever downloads it.
    """
    if found.size_bytes != declared.size_bytes:
        return False
    if found.sha256 is not None:
        return found.sha256 == declared.sha256
    return found.parts_sha256 is not None and found.parts_sha256 == declared.parts_sha256


def check_object(store: Store, key: str, declared: StoredFile) -> None:
    """Return if the object under `key` is what was declared, by the store's own checksum.

    Raises:
        ArtifactCorrupt: it is missing or differs.
    """
    found = find_object(store, key)
    if found is None:
        raise ArtifactCorrupt(f"{key} is missing", {"key": key})
    if not is_as_declared(found, declared):
        raise ArtifactCorrupt(
            f"{key} is {found.size_bytes} bytes with SHA-256 {found.sha256 or found.parts_sha256}, "
            f"declared were {declared.size_bytes} bytes with "
            f"{declared.sha256 if found.sha256 else declared.parts_sha256 or declared.sha256}",
            {"key": key},
        )


def copy_object(store: Store, source: str, target: str, *, size_bytes: int) -> None:
    """Copy inside the store; the copy gets a SHA-256 of its own.

    Raises:
        ArtifactCorrupt: the file is above that limit: it must have come in parts, and did not.
    """
    if size_bytes <= COPY_LIMIT_BYTES:
        store.client.copy_object(
            Bucket=store.bucket,
            Key=target,
            CopySource={"Bucket": store.bucket, "Key": source},
            ChecksumAlgorithm="SHA256",
        )
        return
    raise ArtifactCorrupt(
        f"{source} has {size_bytes} bytes; more than one copy can take", {"key": source}
    )


def read_chunks(
    store: Store, key: str, *, first_byte: int = 0, version_id: str | None = None
) -> Iterator[bytes]:
    """Yield the object's bytes, from `first_byte` on, in chunks of at most one mebibyte.

    Raises:
        UploadIncomplete: there is no such object.
    """
    part = _version(version_id) | ({"Range": f"bytes={first_byte}-"} if first_byte else {})
    try:
        body = store.client.get_object(Bucket=store.bucket, Key=key, **part)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            raise UploadIncomplete(f"no object under {key}") from error
        raise
    yield from body.iter_chunks(_READ_BYTES)


def read_whole(store: Store, key: str, *, limit_bytes: int) -> bytes | None:
    """Return a small object whole, or None when it is missing or larger than the limit."""
    found = find_object(store, key)
    if found is None or found.size_bytes > limit_bytes:
        return None
    return b"".join(read_chunks(store, key))


def remove_object(store: Store, key: str) -> None:
    """Delete one object; where versions are kept it goes with them. Repeating it is harmless."""
    store.client.delete_object(Bucket=store.bucket, Key=key)


def write_whole(store: Store, key: str, body: bytes, *, content_type: str) -> None:
    """Store a small object with its SHA-256."""
    store.client.put_object(
        Bucket=store.bucket,
        Key=key,
        Body=body,
        ContentType=content_type,
        ChecksumAlgorithm="SHA256",
    )


def remove_under(store: Store, prefix: str) -> int:
    """Delete every object below a prefix; return how many. Repeating it is harmless."""
    pages = store.client.get_paginator("list_objects_v2").paginate(
        Bucket=store.bucket, Prefix=prefix
    )
    removed = 0
    for page in pages:
        entries = page.get("Contents", [])
        if entries:
            store.client.delete_objects(
                Bucket=store.bucket,
                Delete={"Objects": [{"Key": entry["Key"]} for entry in entries], "Quiet": True},
            )
        removed += len(entries)
    return removed


def _base64_of(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
