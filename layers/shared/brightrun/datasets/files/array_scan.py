"""One JSON array, read as a stream: its elements as they stand in the file. Pure.

Holds one unfinished element. An element that is not JSON is told apart from those after it: where
the grammar breaks, the next element is looked for by how elements start.
"""

import re

from brightrun.datasets.files.element_starts import ElementStarts
from brightrun.datasets.problems import Code, Finding, excerpt_of

MAX_LINE_BYTES = 16 << 20
BLANK = b" \t\r\n"
_TOKEN = re.compile(rb'["{}\[\],:]|[^\s"{}\[\],:]+')
_STRING = re.compile(rb'[^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+', re.DOTALL)
# So much of what was looked at is looked at again, where a sign may go over the end of a piece.
_OVERLAP_BYTES = 1 << 10
_PAIRS = {b"}": b"{", b"]": b"["}
_SHOWN_BYTES = 400

Element = bytes | Finding


def too_long(start: bytes) -> Finding:
    """Return the finding for a row that is longer than any may be."""
    shown = excerpt_of(start[:_SHOWN_BYTES].decode(errors="replace"))
    return Finding(Code.LINE_TOO_LONG, detail=f"{MAX_LINE_BYTES >> 20} MiB", excerpt=shown)


class ArrayScan:
    """Where one is in the array: what is unfinished, and how it is nested."""

    def __init__(self) -> None:
        self._stack = bytearray()
        self._before = b""
        self._in_string = self._escaped = False
        self._closed = self._seen_any = False
        self._after = b""
        self._element = _Unfinished()
        self._starts = ElementStarts()
        self._fault = ""
        self._lost: bytes | None = None
        self._string_at = 0

    def feed(self, piece: bytes) -> list[Element]:
        """Return the elements that this piece completes."""
        rows: list[Element] = []
        at = 0
        while at < len(piece):
            if self._closed:
                at = self._behind(piece, at)
            elif self._lost is not None:
                piece, at = self._found_again(piece[at:], rows)
            else:
                at = self._scan(piece, at, rows)
        return rows

    def _behind(self, piece: bytes, at: int) -> int:
        """Go on after an array that has ended, where a comma shows that it was not to end yet."""
        rest = piece[at:].lstrip(BLANK)
        if not self._after and rest.startswith(b","):
            self._closed = False
            self._stack = bytearray(b"[")
            self._before = b","
            self._fault = "the array ends before this element: a bracket is one too many"
            return len(piece) - len(rest) + 1
        self._after = (self._after + rest.rstrip(BLANK))[:_SHOWN_BYTES]
        return len(piece)

    def end(self) -> list[Element]:
        """Return what is left once the file has ended."""
        if self._closed:
            told = _not_json(
                "text follows the end of the array", self._after, "put all rows into it"
            )
            return [told] if self._after else []
        if self._lost is not None:
            self._element.add(self._lost.rstrip(BLANK).removesuffix(b"]"))
            rows: list[Element] = []
            self._complete(rows)
            return rows
        rest = self._element.start().strip(BLANK)
        hint = "write the array whole: it ends with a bracket"
        return [_not_json("the array is not closed", rest[:_SHOWN_BYTES], hint)]

    def _scan(self, piece: bytes, at: int, rows: list[Element]) -> int:
        """Go through a piece from `at`; return where to go on: its end, or where it broke."""
        start = at
        while at < len(piece):
            if self._in_string:
                at = self._string(piece, at)
                if at < 0:
                    self._element.add(piece[start : -at - 1])
                    self._lose()
                    return -at - 1
                continue
            found = _TOKEN.search(piece, at)
            if found is None:
                break
            token, at = found.group(), found.end()
            if not self._fits(token):
                self._element.add(piece[start : found.start()])
                if token == b"{" and self._before == b"}" and len(self._stack) == 1:
                    self._complete(rows)
                    self._before = b","
                    self._fault = "a comma is missing before this element"
                else:
                    self._lose()
                return found.start()
            start = self._step(token, piece, (start, found.start(), at), rows)
            if self._closed:
                return at
        self._element.add(piece[start:])
        return len(piece)

    def _string(self, piece: bytes, at: int) -> int:
        """Return where the string ends or the piece does; -1 - place where the string breaks."""
        if self._escaped:
            self._escaped = False
            return at + 1
        found = _STRING.match(piece, at)
        end = at if found is None else found.end()
        if end == len(piece):
            return end
        if piece[end] == ord('"'):
            self._in_string = False
            return end + 1
        if piece[end] == ord("\\"):
            self._escaped = True
            return end + 1
        return -1 - end

    def _fits(self, token: bytes) -> bool:
        """Whether the grammar allows a token behind the one before it."""
        before, inside = self._before, self._stack[-1:]
        if token in (b"}", b"]"):
            return inside == _PAIRS[token]
        if token == b",":
            return True
        if token == b":":
            return inside == b"{" and before == b'"'
        if inside == b"{":
            return before == b":" or (token == b'"' and before in (b"{", b","))
        return before in (b"", b"[", b",")

    def _step(
        self, token: bytes, piece: bytes, places: tuple[int, int, int], rows: list[Element]
    ) -> int:
        """Take one token; return where the unfinished element starts in this piece."""
        start, at, end = places
        self._before = token if len(token) == 1 and token in b'"{}[],:' else b"0"
        self._in_string = token == b'"'
        if self._in_string:
            self._string_at = self._element.length + at - start
        if token in (b"{", b"["):
            self._stack += token
            return end if len(self._stack) == 1 else start
        if token in (b"}", b"]"):
            self._stack.pop()
            self._closed = not self._stack
        if not self._closed and not (token == b"," and len(self._stack) == 1):
            return start
        self._element.add(piece[start:at])
        if not self._complete(rows) and (not self._closed or self._seen_any):
            told = "an element is missing"
            rows.append(_not_json(told, hint="remove the comma that is one too many"))
        self._seen_any = True
        return end

    def _complete(self, rows: list[Element]) -> bool:
        """Take the element that has ended, if there is any."""
        self._string_at = 0
        element = self._element.take()
        if isinstance(element, bytes):
            self._starts.learn(element)
            element = element.strip(BLANK)
        if element and self._fault:
            shown = element[:_SHOWN_BYTES] if isinstance(element, bytes) else b""
            element = _not_json(self._fault, shown, "mend the array at this place")
        if element:
            self._fault = ""
            rows.append(element)
        return bool(element)

    def _lose(self) -> None:
        """Look again from the last string on: its missing end may have hidden the next element."""
        whole = self._element.start()
        self._starts.learn(whole)
        self._element = _Unfinished()
        self._element.add(whole[: self._string_at])
        self._lost = whole[self._string_at :]
        self._in_string = self._escaped = False

    def _found_again(self, piece: bytes, rows: list[Element]) -> tuple[bytes, int]:
        """Look for the next element; return what is to be scanned, and from where."""
        data = (self._lost or b"") + piece
        found = self._starts.search(data)
        if found is None:
            kept = max(0, len(data) - _OVERLAP_BYTES)
            self._element.add(data[:kept])
            self._lost = data[kept:]
            return b"", 0
        rest = data[: found.start()].rstrip(BLANK)
        self._element.add(rest.removesuffix(b","))
        is_parted = rest.endswith(b",") or data[found.start()] == ord(",")
        if is_parted or self._element.start().lstrip(BLANK).startswith(b"{"):
            self._complete(rows)
        else:
            shown = excerpt_of(self._element.take_start().strip(BLANK).decode(errors="replace"))
            self._fault = f"{shown} stands before this element"
        self._lost = None
        self._stack = bytearray(b"[")
        self._before = b","
        return data, found.start("start")


def _not_json(detail: str, shown: bytes = b"", hint: str = "") -> Finding:
    return Finding(Code.NOT_JSON, "", detail, excerpt_of(shown.decode(errors="replace")), hint)


class _Unfinished:
    """The bytes of one element, of which only the start is kept when it is too long."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.length = 0

    def add(self, part: bytes) -> None:
        if self.length <= MAX_LINE_BYTES:
            self._parts.append(part)
        self.length += len(part)

    def start(self) -> bytes:
        return b"".join(self._parts)

    def take_start(self) -> bytes:
        whole = self.start()[:_SHOWN_BYTES]
        self._parts, self.length = [], 0
        return whole

    def take(self) -> Element:
        whole = self.start()
        is_long = self.length > MAX_LINE_BYTES
        self._parts, self.length = [], 0
        return too_long(whole) if is_long else whole
