"""A worker's file from staging to its final place, with a SHA-256 of the whole that is known true.

A file that went up whole is copied by one call: the store keeps the SHA-256 of the copy. One that
came in parts is copied in parts and then read once, in constant memory: the store keeps no
SHA-256 of such a file. Safe to repeat: a copy overwrites itself.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import HTTPClientError, IncompleteReadError

from brightrun.errors import ArtifactCorrupt
from brightrun.multipart import COPY_PART_BYTES, part_sizes
from brightrun.ports.s3 import multipart, objects
from brightrun.ports.s3.multipart import Part
from brightrun.ports.s3.objects import Store
from brightrun.training.protocol import StoredFile

AT_ONCE = 8
BREAKS = 4
"""How often in a row a connection may break without a byte between."""


def copy_checked(
    store: Store,
    source: str,
    target: str,
    declared: StoredFile,
    *,
    has_time: Callable[[], bool],
    part_bytes: int = COPY_PART_BYTES,
) -> None:
    """Copy `source` to `target`; return when the copy is proven to be what was declared.

    Args:
        has_time: asked while a file is read through; when it says no, reading stops.

    Raises:
        ArtifactCorrupt: source or copy is not what was declared, or there was not time enough to
            find out.
    """
    objects.check_object(store, source, declared)
    if declared.parts_sha256 is None:
        objects.copy_object(store, source, target, size_bytes=declared.size_bytes)
        objects.check_object(store, target, declared)
        return
    _copy_in_parts(store, source, target, part_sizes(declared.size_bytes, part_bytes))
    digest = sha256_of(store, target, declared.size_bytes, has_time=has_time)
    if digest != declared.sha256:
        raise ArtifactCorrupt(
            f"{target} has SHA-256 {digest}, declared was {declared.sha256}", {"key": target}
        )


def _copy_in_parts(store: Store, source: str, target: str, sizes: dict[int, int]) -> None:
    """One call may copy 5 GiB and takes its time; parts are copied side by side.

    A copy that breaks is thrown away by the bucket's lifecycle rule.
    """
    upload_id = multipart.begin_parts(
        store, target, content_type="application/octet-stream", checksums=True
    )
    part_bytes = sizes[1]

    def copied(number: int) -> Part:
        first = (number - 1) * part_bytes
        span = (first, first + sizes[number] - 1)
        return multipart.copy_part(store, source, target, upload_id, number=number, span=span)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        parts = list(threads.map(copied, sizes))
    multipart.complete_parts(store, target, upload_id, parts)


def sha256_of(store: Store, key: str, size_bytes: int, *, has_time: Callable[[], bool]) -> str:
    """Return the SHA-256 of an object by reading it, going on where a connection broke.

    Raises:
        ArtifactCorrupt: it is longer or shorter, or there was not time enough.
        HTTPClientError, IncompleteReadError: the connection broke too often.
    """
    digest, read_bytes, breaks = hashlib.sha256(), 0, 0
    while read_bytes < size_bytes:
        before = read_bytes
        try:
            for chunk in objects.read_chunks(store, key, first_byte=read_bytes):
                digest.update(chunk)
                read_bytes += len(chunk)
                if not has_time():
                    raise ArtifactCorrupt(
                        f"{key} could not be verified: {read_bytes} of {size_bytes} bytes were "
                        "read when the time was up",
                        {"key": key},
                    )
        except (HTTPClientError, IncompleteReadError):
            breaks = breaks + 1 if read_bytes == before else 0
            if breaks >= BREAKS:
                raise
    if read_bytes != size_bytes:
        raise ArtifactCorrupt(f"{key} has more than {size_bytes} bytes", {"key": key})
    return digest.hexdigest()
