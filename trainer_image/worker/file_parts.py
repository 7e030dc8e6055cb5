"""Files as they are sent: read in blocks by threads, so that the event loop goes on reporting.

A file is read once for its digests before it is sent, because a signed URL is bound to them.
Nothing here keeps more than one block, and a cancelled task stops at its next block.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from brightrun.multipart import GIB, WORKER_PART_BYTES, digest_of_parts, part_bytes_for
from brightrun.training.uploading import UploadFile

BLOCK_BYTES = 1 << 20
_STRIDE_BYTES = 16 * BLOCK_BYTES


@dataclass(frozen=True, slots=True)
class MultipartPolicy:
    """When a file goes up in parts: above one size, in parts of another."""

    above_bytes: int = GIB
    part_bytes: int = WORKER_PART_BYTES


@dataclass(frozen=True, slots=True)
class FilePart:
    """The part of a file that one request sends."""

    path: Path
    start: int
    size_bytes: int


async def declare(
    path: Path,
    cutting: MultipartPolicy,
    *,
    kind: Literal["artifact", "checkpoint"],
    step: int | None,
) -> UploadFile:
    """Return what is said of a file before it is sent: size, SHA-256, and those of its parts."""
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    in_parts = size_bytes > cutting.above_bytes
    part_bytes = part_bytes_for(size_bytes, cutting.part_bytes) if in_parts else None
    digests = _Digests(part_bytes or size_bytes or 1)
    with path.open("rb") as file:
        while await asyncio.to_thread(digests.read, file):
            pass
    parts = digests.of_parts() if in_parts else ()
    return UploadFile(
        name=path.name,
        size_bytes=size_bytes,
        sha256=digests.whole.hexdigest(),
        parts_sha256=digest_of_parts(parts) if parts else None,
        kind=kind,
        step=step,
        part_size_bytes=part_bytes,
        parts=parts,
    )


class _Digests:
    """SHA-256 of a file and of each of its parts, in one reading."""

    def __init__(self, part_bytes: int) -> None:
        self.whole = hashlib.sha256()
        self._part_bytes, self._left = part_bytes, part_bytes
        self._part = hashlib.sha256()
        self._done: list[str] = []

    def read(self, file: BinaryIO) -> bool:
        """Take in the next stretch of a file; False at its end."""
        for _ in range(_STRIDE_BYTES // BLOCK_BYTES):
            block = file.read(min(BLOCK_BYTES, self._left))
            if not block:
                return False
            self.whole.update(block)
            self._part.update(block)
            self._left -= len(block)
            if self._left == 0:
                self._end_part()
        return True

    def _end_part(self) -> None:
        self._done.append(self._part.hexdigest())
        self._part, self._left = hashlib.sha256(), self._part_bytes

    def of_parts(self) -> tuple[str, ...]:
        """Return the parts' digests; the last part may be a short one."""
        if self._left < self._part_bytes:
            self._end_part()
        return tuple(self._done)


async def blocks(piece: FilePart) -> AsyncIterator[bytes]:
    """Yield the bytes of a piece."""
    with piece.path.open("rb") as file:
        file.seek(piece.start)
        left = piece.size_bytes
        while left and (block := await asyncio.to_thread(file.read, min(BLOCK_BYTES, left))):
            left -= len(block)
            yield block
