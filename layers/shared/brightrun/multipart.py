"""How a large file is cut into parts, and the one digest that all parts have together. Pure.

S3 takes 5 MiB to 5 GiB a part, the last one may be shorter, and 10,000 parts.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

import hashlib
from collections.abc import Sequence

MIB = 1024**2
GIB = 1024**3
LEAST_PART_BYTES = 5 * MIB
MOST_PART_BYTES = 5 * GIB
MOST_PARTS = 10_000
DATASET_PART_BYTES = 16 * MIB
"""A person's line may be slow: a break costs seconds."""
WORKER_PART_BYTES = 64 * MIB
"""A data centre's line: half a second a part, and 60 GiB are under a thousand parts."""
COPY_PART_BYTES = 512 * MIB
"""Copied inside the store, several at once; each well within the time one request may take."""


def part_sizes(size_bytes: int, part_bytes: int) -> dict[int, int]:
    """Return part number → size in bytes for a whole file; only the last one may be shorter."""
    whole, rest = divmod(size_bytes, part_bytes)
    sizes = [part_bytes] * whole + ([rest] if rest else [])
    return dict(enumerate(sizes, start=1))


def part_bytes_for(size_bytes: int, preferred_bytes: int) -> int:
    """Return the size of a part: the preferred one, or larger where that would be too many."""
    least = -(-size_bytes // MOST_PARTS)
    return max(preferred_bytes, LEAST_PART_BYTES, -(-least // MIB) * MIB)


def digest_of_parts(digests: Sequence[str]) -> str:
    """Return what the store keeps of a file that came in parts: SHA-256 of their digests, count.

    It proves every byte and their order, and is not the SHA-256 of the file.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    """
    joined = b"".join(bytes.fromhex(digest) for digest in digests)
    return f"{hashlib.sha256(joined).hexdigest()}-{len(digests)}"
