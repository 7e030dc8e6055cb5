"""Bytes in, numbered rows out: byte order marks, line ends, blank lines, JSON arrays. Pure.

Streams: holds one piece of the file and one unfinished row, whatever the size of the file.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from brightrun.datasets.problems import Code, Finding, excerpt_of
from brightrun.datasets.unpacking import PIECE_BYTES, chained, plain_pieces

MAX_LINE_BYTES = 16 << 20
_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANK = b" \t\r\n"
# A whole string, a structural character, or the start of a string that is not all here yet.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},]|"', re.DOTALL)

_Rows = tuple[list[bytes | Finding], bytes]


class Batch(msgspec.Struct, frozen=True):
    """Consecutive rows.

    Attributes:
        first: number of the first row; 1-based line or array element.
        rows: the raw rows, blank lines included; a `Finding` where no bytes could be had.
        text: all rows as one text, for searches that are quicker on a batch than on each row.
        notes: what concerns the file rather than one of its rows.
    """

    first: int
    rows: list[bytes | Finding]
    text: str = ""
    notes: tuple[Finding, ...] = ()


def read_batches(chunks: Iterable[bytes]) -> Iterator[Batch]:
    """Yield the file's rows in order, in batches of about a piece."""
    notes: list[Finding] = []
    pieces = plain_pieces(chunks, notes)
    head = _head(pieces)
    if head.startswith(_UTF16_MARKS):
        yield Batch(1, [Finding(Code.INVALID_UTF8, detail="; it looks like UTF-16")])
        return
    body = head.removeprefix(_BOM)
    if body is not head:
        yield Batch(1, [], notes=(Finding(Code.BOM),))
    split = _elements if body.lstrip(_BLANK).startswith(b"[") else _lines
    following = 1
    for rows, blob in split(chained(body, pieces)):
        yield _batch(following, rows, blob)
        following += len(rows)
    if notes:
        yield Batch(following, [], notes=tuple(notes))


def _head(pieces: Iterator[bytes]) -> bytes:
    """Return the start of the file, long enough to tell what it is."""
    head = b""
    while len(head) < PIECE_BYTES and not head.removeprefix(_BOM[: len(head)]).strip(_BLANK):
        piece = next(pieces, None)
        if piece is None:
            break
        head += piece
    return head


def _batch(first: int, rows: list[bytes | Finding], blob: bytes) -> Batch:
    """Replace rows that are not UTF-8; one look at the whole batch when all of it is."""
    try:
        return Batch(first, rows, blob.decode())
    except UnicodeDecodeError:
        return Batch(first, [_checked(row) for row in rows], blob.decode(errors="replace"))


def _checked(row: bytes | Finding) -> bytes | Finding:
    if isinstance(row, Finding):
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


def _lines(pieces: Iterator[bytes]) -> Iterator[_Rows]:
    """Yield the lines that each piece completes; of an over-long line only its start is kept."""
    parts: list[bytes] = []
    length = 0
    for piece in pieces:
        end = piece.rfind(b"\n")
        if end >= 0:
            blob = b"".join([*parts, piece[:end]])
            rows: list[bytes | Finding] = [*blob.split(b"\n")]
            if length > MAX_LINE_BYTES:
                rows[0] = _too_long(parts[0])
            yield rows, blob
            parts, length = [], 0
        tail = piece[end + 1 :]
        length += len(tail)
        if tail and length <= MAX_LINE_BYTES:
            parts.append(tail)
    if parts:
        blob = b"".join(parts)
        yield [blob if length <= MAX_LINE_BYTES else _too_long(blob)], blob


def _elements(pieces: Iterator[bytes]) -> Iterator[_Rows]:
    """Yield the elements of one JSON array, each as it stands in the file."""
    scan = _ArrayScan()
    for piece in pieces:
        rows = scan.feed(piece)
        yield rows, b"\n".join([row for row in rows if isinstance(row, bytes)])
        if scan.given_up:
            return
    yield scan.end(), b""


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
