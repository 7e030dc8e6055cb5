"""Gzip or plain bytes in, plain bytes out, never more than a piece at a time. Pure."""

import zlib
from collections.abc import Iterable, Iterator

from brightrun.datasets.problems import Code, Finding

# Small enough that a piece and its rows stay in a processor's cache while they are judged.
PIECE_BYTES = 1 << 17
MAX_UNPACKED_BYTES = 4 << 30
_GZIP_MAGIC = b"\x1f\x8b"
# zlib's own number for "gzip header and trailer, largest window".
_GZIP_WINDOW = 31


def plain_pieces(
    chunks: Iterable[bytes], notes: list[Finding], *, max_bytes: int = MAX_UNPACKED_BYTES
) -> Iterator[bytes]:
    """Yield the file in pieces, unpacked if it is gzip; what is wrong with that goes to `notes`.

    A packed file ends early at `max_bytes`: a few megabytes can unpack to terabytes.
    """
    pieces = _cut(chunks)
    head = b""
    while len(head) < len(_GZIP_MAGIC) and (piece := next(pieces, None)) is not None:
        head += piece
    whole = chained(head, pieces)
    return _unpacked(whole, notes, max_bytes) if head.startswith(_GZIP_MAGIC) else whole


def chained(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield `head` if it is not empty, then the pieces."""
    if head:
        yield head
    yield from pieces


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if len(chunk) <= PIECE_BYTES:
            yield chunk
            continue
        for start in range(0, len(chunk), PIECE_BYTES):
            yield chunk[start : start + PIECE_BYTES]


def _unpacked(pieces: Iterator[bytes], notes: list[Finding], max_bytes: int) -> Iterator[bytes]:
    """Stop at damage, at the size limit, and after the last member of the file."""
    total_bytes = 0
    try:
        for out in _members(pieces):
            total_bytes += len(out)
            if total_bytes > max_bytes:
                notes.append(Finding(Code.FILE_TOO_LARGE, detail=f"{max_bytes >> 20} MiB"))
                return
            yield out
    except EOFError:
        notes.append(Finding(Code.BAD_GZIP, detail="it ends in the middle"))
    except zlib.error as error:
        what = str(error).rpartition(": ")[2]
        if what == "incorrect header check":
            what = "something else stands behind its end"
        notes.append(Finding(Code.BAD_GZIP, detail=what))


def _members(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    for piece in pieces:
        rest = piece
        while rest:
            if unpacker.eof:
                # Padding with zeros after a member is allowed; anything else starts a new one.
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
            yield unpacker.decompress(rest, PIECE_BYTES)
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise EOFError
