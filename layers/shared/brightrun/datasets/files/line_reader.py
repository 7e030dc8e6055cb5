"""Bytes in, numbered rows out: byte order marks, line ends, blank lines, JSON arrays. Pure.

Streams: holds one piece of the file and one unfinished row, whatever the size of the file.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from brightrun.datasets.files.array_scan import BLANK, MAX_LINE_BYTES, ArrayScan, too_long
from brightrun.datasets.files.decompression import PIECE_BYTES, chained, plain_pieces
from brightrun.datasets.files.file_kind import HEAD_BYTES, other_kind
from brightrun.datasets.problems import Code, Finding, excerpt_of

_SHORTEST_ROW_BYTES = 16
_BOM = b"\xef\xbb\xbf"
# As UTF-8 would write it; a character beyond 16 bits has one code there, not two (RFC 3629, 3).
_HALF_PAIR = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
# A line with something in it, spaces around it aside.
_LINE = re.compile(rb"[^\s][^\n]*")


class Batch(msgspec.Struct, frozen=True):
    """Consecutive rows.

    Attributes:
        first: number of the first row; 1-based line or array element.
        lines: the rows as they stand in the file, when each is a line of its own.
        ends: where in `lines` each line but the last one ends; none are listed where there are
            so many that most lines must be blank.
        line_ends: how many there are.
        apart: the rows when they are not, with a `Finding` where no bytes could be had.
        notes: what concerns the file rather than one of its rows.
    """

    first: int
    lines: bytes | None = None
    ends: tuple[int, ...] = ()
    line_ends: int = 0
    apart: tuple[bytes | Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    def rows(self) -> Iterator[tuple[int, bytes | Finding]]:
        """Yield every row with its number; a `Finding` for one that is not UTF-8.

        Blank lines are passed over at the speed of bytes: a small packed file can hold billions.
        """
        if self.lines is None:
            yield from ((at, _decodable(row)) for at, row in enumerate(self.apart, self.first))
            return
        number, counted = self.first, 0
        for found in _LINE.finditer(self.lines):
            number += self.lines.count(b"\n", counted, found.start())
            counted = found.start()
            yield number, _decodable(found.group())

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it but line ends and spaces."""
        return self.lines is not None and not self.lines.strip()

    @property
    def size_bytes(self) -> int:
        """How many bytes of rows there are."""
        return len(self.lines or b"") + sum(
            len(row) for row in self.apart if isinstance(row, bytes)
        )

    @property
    def following(self) -> int:
        """The number of the row after the last one."""
        if self.lines is None:
            return self.first + len(self.apart)
        return self.first + self.line_ends + 1


def read_batches(chunks: Iterable[bytes]) -> Iterator[Batch]:
    """Yield the file's rows in order, in batches of about a piece."""
    notes: list[Finding] = []
    pieces = plain_pieces(chunks, notes)
    head = _head(pieces)
    body = head
    while body.startswith(_BOM):
        body = body.removeprefix(_BOM)
    if body is not head:
        yield Batch(1, notes=(Finding(Code.BOM),))
    if (other := other_kind(body[:HEAD_BYTES])) is not None:
        yield Batch(1, apart=(other,))
        return
    whole = chained(body, pieces)
    if b"\n" not in body and b"\r" in body.strip(BLANK):
        whole = (piece.replace(b"\r", b"\n") for piece in whole)
    split = _elements if body.lstrip(BLANK).startswith(b"[") else _lines
    following = 1
    for rows in split(whole):
        batch = _batch(following, rows)
        yield batch
        following = batch.following
    if notes:
        yield Batch(following, notes=tuple(notes))


def lines_batch(first: int, lines: bytes) -> Batch:
    """Return whole lines as a batch."""
    # As many as there can be where no row is shorter; more are blank lines, or almost.
    most = len(lines) // _SHORTEST_ROW_BYTES + 1
    ends = tuple(islice(_ends(lines), most + 1))
    if len(ends) > most:
        return Batch(first, lines=lines, line_ends=lines.count(b"\n"))
    return Batch(first, lines=lines, ends=ends, line_ends=len(ends))


def _batch(first: int, rows: bytes | list[bytes | Finding]) -> Batch:
    return lines_batch(first, rows) if isinstance(rows, bytes) else Batch(first, apart=tuple(rows))


def _ends(lines: bytes) -> Iterator[int]:
    """Yield the place of every line end; `find` is several times faster than `count`."""
    at = lines.find(b"\n")
    while at >= 0:
        yield at
        at = lines.find(b"\n", at + 1)


def _head(pieces: Iterator[bytes]) -> bytes:
    """Return the start of the file, long enough to tell what it is."""
    parts: list[bytes] = []
    length = 0
    while length < HEAD_BYTES and (piece := next(pieces, None)) is not None:
        parts.append(piece)
        length += len(piece)
    head = b"".join(parts)
    while len(head) < PIECE_BYTES and not head.removeprefix(_BOM).strip(BLANK):
        piece = next(pieces, None)
        if piece is None:
            break
        head += piece
    return head


def _decodable(row: bytes | Finding) -> bytes | Finding:
    """Return the row, or the finding that it is not UTF-8."""
    if isinstance(row, Finding) or row.isascii():
        return row
    try:
        row.decode()
    except UnicodeDecodeError as error:
        detail = f" at byte {error.start + 1} of the line"
        if _HALF_PAIR.match(row, error.start):
            detail += ": half a surrogate pair, a character that was cut in two"
        shown = row[:400].decode(errors="replace")
        return Finding(Code.INVALID_UTF8, detail=detail, excerpt=excerpt_of(shown))
    return row


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes | list[bytes | Finding]]:
    """Yield the lines that each piece completes; of an over-long line only its start is kept."""
    parts: list[bytes] = []
    length = 0
    for piece in pieces:
        end = piece.rfind(b"\n")
        if end >= 0:
            first = piece.find(b"\n")
            if length + first <= MAX_LINE_BYTES:
                yield b"".join([*parts, memoryview(piece)[:end]])
            else:
                yield [too_long(b"".join(parts))]
                if first < end:
                    yield piece[first + 1 : end]
            parts, length = [], 0
        tail = piece[end + 1 :]
        if tail and length <= MAX_LINE_BYTES:
            parts.append(tail)
        length += len(tail)
    if length > MAX_LINE_BYTES:
        yield [too_long(b"".join(parts))]
    elif parts:
        yield b"".join(parts)


def _elements(pieces: Iterator[bytes]) -> Iterator[list[bytes | Finding]]:
    """Yield the elements of one JSON array, each as it stands in the file."""
    scan = ArrayScan()
    for piece in pieces:
        yield scan.feed(piece)
    yield scan.end()
