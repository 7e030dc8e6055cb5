"""What a worker says of a file before it sends it, whole or in parts."""

import hashlib

from brightrun.multipart import digest_of_parts
from brightrun.training.uploading import UploadFile

PART_BYTES = 5 * 1024**2
"""S3's minimum; a file of one part may be of any size."""
LARGE = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c" * 7
NAME = "adapter_model.safetensors"


def declared(
    name: str, body: bytes, *, step: int | None = None, in_parts: bool = False
) -> UploadFile:
    """Return what a worker says of a file before it sends it; parts have five mebibytes."""
    parts = [body[at : at + PART_BYTES] for at in range(0, len(body), PART_BYTES)]
    digests = [hashlib.sha256(part).hexdigest() for part in parts] if in_parts else []
    return UploadFile(
        name=name, size_bytes=len(body), sha256=hashlib.sha256(body).hexdigest(),
        kind="artifact" if step is None else "checkpoint", step=step,
        part_size_bytes=PART_BYTES if in_parts else None, parts=tuple(digests),
        parts_sha256=digest_of_parts(digests) if in_parts else None,
    )  # fmt: skip
