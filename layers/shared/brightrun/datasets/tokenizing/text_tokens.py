"""A text as tokens: their ids, which of them share a character with a span, and what each says.

Two readings of the same thing. `OffsetTokens` is told by `tokenizers` where each token stands;
`ByteTokens` knows it from the tokens' lengths, whose sum is the text's. Pure.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Protocol

from brightrun.datasets.tokenizing.part_marks import Span

_CONTINUES, _TOP_BITS = 0x80, 0xC0
"""A byte that goes on with a character of UTF-8 begins with the bits 10."""


class TextTokens(Protocol):
    """The tokens of one text."""

    @property
    def ids(self) -> list[int]:
        """The ids, in order."""

    def overlapping(self, span: Span) -> range:
        """Return the tokens that share a character with the span."""

    def text(self, at: int) -> str:
        """Return what a token covers, with the whole of a character of which it has a part."""


class OffsetTokens:
    """Tokens whose places, in characters, are known; they rise."""

    def __init__(self, ids: list[int], offsets: list[tuple[int, int]], text: str) -> None:
        self.ids = ids
        self._offsets = offsets
        self._text = text

    def overlapping(self, span: Span) -> range:
        """Return the tokens that share a character with the span."""
        first = bisect_right(self._offsets, span[0], key=itemgetter(1))
        return range(first, bisect_left(self._offsets, span[1], lo=first, key=itemgetter(0)))

    def text(self, at: int) -> str:
        """Return what a token covers."""
        return self._text[slice(*self._offsets[at])]


class ByteTokens:
    """Tokens that are the bytes of the text, one after the other, none left out.

    Args:
        lengths: of every token, in bytes, by its id.

    Raises:
        ValueError: together they are not as long as the text.
    """

    def __init__(self, ids: list[int], lengths: Sequence[int], text: str) -> None:
        self.ids = ids
        self._ends = list(accumulate([lengths[at] for at in ids]))
        self._data = text.encode()
        self._text = text
        self._reached = (0, 0)
        if (self._ends[-1] if ids else 0) != len(self._data):
            raise ValueError

    def overlapping(self, span: Span) -> range:
        """Return the tokens that share a character with the span."""
        begin, end = self._byte(span[0]), self._byte(span[1])
        first = bisect_right(self._ends, begin)
        if first == len(self._ends) or self._start(first) >= end:
            return range(first, first)
        return range(first, min(bisect_left(self._ends, end, lo=first) + 1, len(self._ends)))

    def text(self, at: int) -> str:
        """Return what a token covers, with the whole of a character of which it has a part."""
        begin, end = self._start(at), self._ends[at]
        while self._is_inside(begin):
            begin -= 1
        while self._is_inside(end):
            end += 1
        return self._data[begin:end].decode()

    def _start(self, at: int) -> int:
        return self._ends[at - 1] if at else 0

    def _is_inside(self, place: int) -> bool:
        data = self._data
        return place < len(data) and data[place] & _TOP_BITS == _CONTINUES

    def _byte(self, character: int) -> int:
        """Return the byte at which a character begins; spans rise, so each is walked to once."""
        if len(self._data) == len(self._text):
            return character
        known, at = self._reached if character >= self._reached[0] else (0, 0)
        at += len(self._text[known:character].encode())
        self._reached = (character, at)
        return at
