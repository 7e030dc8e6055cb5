"""Bytes in, numbered rows out: byte order marks, line ends, blank lines, JSON arrays. Pure.

Streams: holds one piece of the file and one unfinished row, whatever the size of the file.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from brightrun.datasets.parsing.decompression import PIECE_BYTES, chained, plain_pieces
from brightrun.datasets.problems import Code, Finding, excerpt_of

MAX_LINE_BYTES = 16 << 20
_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANK = b" \t\r\n"
# A whole string, a structural character, or the start of a string that is not all here yet.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},]|"', re.DOTALL)


class Batch(msgspec.Struct, frozen=True):
    """Consecutive rows.

    Attributes:
        first: number of the first row; 1-based line or array element.
        lines: the rows as they stand in the file, when each is a line of its own.
        ends: where in `lines` each line but the last one ends.
        apart: the rows when they are not, with a `Finding` where no bytes could be had.
        notes: what concerns the file rather than one of its rows.
    """

    first: int
    lines: bytes | None = None
    ends: tuple[int, ...] = ()
    apart: tuple[bytes | Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    def rows(self) -> list[bytes | Finding]:
        """Return every row, blank lines included; a `Finding` for one that is not UTF-8."""
        rows = self.apart if self.lines is None else self.lines.split(b"\n")
        return [_decodable(row) for row in rows]

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
        return self.first + len(self.ends) + 1


def read_batches(chunks: Iterable[bytes]) -> Iterator[Batch]:
    """Yield the file's rows in order, in batches of about a piece."""
    notes: list[Finding] = []
    pieces = plain_pieces(chunks, notes)
    head = _head(pieces)
    if head.startswith(_UTF16_MARKS):
        yield Batch(1, apart=(Finding(Code.INVALID_UTF8, detail="; it looks like UTF-16"),))
        return
    body = head.removeprefix(_BOM)
    if body is not head:
        yield Batch(1, notes=(Finding(Code.BOM),))
    split = _elements if body.lstrip(_BLANK).startswith(b"[") else _lines
    following = 1
    for rows in split(chained(body, pieces)):
        if isinstance(rows, bytes):
            batch = Batch(following, lines=rows, ends=tuple(_ends(rows)))
        else:
            batch = Batch(following, apart=tuple(rows))
        yield batch
        following = batch.following
    if notes:
        yield Batch(following, notes=tuple(notes))


def _ends(lines: bytes) -> Iterator[int]:
    """Yield the place of every line end; `find` is several times faster than `count`."""
    at = lines.find(b"\n")
    while at >= 0:
        yield at
        at = lines.find(b"\n", at + 1)


def _head(pieces: Iterator[bytes]) -> bytes:
    """Return the start of the file, long enough to tell what it is."""
    head = b""
    while len(head) < PIECE_BYTES and not head.removeprefix(_BOM[: len(head)]).strip(_BLANK):
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
        shown = row[:400].decode(errors="replace")
        return Finding(Code.INVALID_UTF8, detail=detail, excerpt=excerpt_of(shown))
    return row


def _too_long(start: bytes) -> Finding:
    shown = excerpt_of(start[:400].decode(errors="replace"))
    return Finding(Code.LINE_TOO_LONG, detail=f"{MAX_LINE_BYTES >> 20} MiB", excerpt=shown)


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
                yield [_too_long(b"".join(parts))]
                if first < end:
                    yield piece[first + 1 : end]
            parts, length = [], 0
        tail = piece[end + 1 :]
        if tail and length <= MAX_LINE_BYTES:
            parts.append(tail)
        length += len(tail)
    if length > MAX_LINE_BYTES:
        yield [_too_long(b"".join(parts))]
    elif parts:
        yield b"".join(parts)


def _elements(pieces: Iterator[bytes]) -> Iterator[list[bytes | Finding]]:
    """Yield the elements of one JSON array, each as it stands in the file."""
    scan = _ArrayScan()
    for piece in pieces:
        yield scan.feed(piece)
        if scan.given_up:
            return
    yield scan.end()


class _ArrayScan:
    """Where one is in the array: what is unfinished, and how deep it is nested."""

    def __init__(self) -> None:
        self._data = b""
        self._scanned = 0
        self._depth = 0
        self._closed = False
        self._seen_any = False
        self.given_up = False

    def feed(self, piece: bytes) -> list[bytes | Finding]:
        """Return the elements that this piece completes."""
        self._data += piece
        rows: list[bytes | Finding] = []
        start = 0
        for token in _TOKEN.finditer(self._data, self._scanned):
            if token.group() == b'"':
                self._scanned = token.start()
                break
            self._scanned = token.end()
            start = self._step(token.group(), token.start(), start, rows)
        else:
            self._scanned = len(self._data)
        self._data = self._data[start:]
        self._scanned -= start
        if len(self._data) > MAX_LINE_BYTES:
            rows.append(_too_long(self._data))
            self.given_up = True
        return rows

    def _step(self, token: bytes, at: int, start: int, rows: list[bytes | Finding]) -> int:
        """Take one structural character; return where the unfinished element starts."""
        if token in b"[{":
            self._depth += 1
            return at + 1 if self._depth == 1 and not self._closed else start
        if token in b"]}":
            self._depth -= 1
            if self._depth != 0 or self._closed:
                return start
            self._closed = True
        elif token != b"," or self._depth != 1:
            return start
        element = self._data[start:at].strip(_BLANK)
        if element or not self._closed or self._seen_any:
            rows.append(element or Finding(Code.NOT_JSON, detail="an element is missing"))
        self._seen_any = True
        return at + 1

    def end(self) -> list[bytes | Finding]:
        """Return what is left once the file has ended."""
        rest = self._data.strip(_BLANK)
        if self._closed:
            found = Finding(Code.NOT_JSON, detail="text follows the end of the array")
            return [found] if rest else []
        found = Finding(
            Code.NOT_JSON,
            detail="the array is not closed",
            excerpt=excerpt_of(rest[:400].decode(errors="replace")),
        )
        return [found]
