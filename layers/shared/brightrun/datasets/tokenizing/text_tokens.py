"""A text as tokens: their ids, which of them share a character with a span, and what each says.

Two readings of the same thing. `OffsetTokens` is told by `tokenizers` where each token stands;
`ByteTokens` finds that out for the few places that are asked for, from the control tokens near
them and the lengths of the tokens between. Pure.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Protocol

import msgspec

from brightrun.datasets.tokenizing.part_marks import Span

_CONTINUES, _TOP_BITS = 0x80, 0xC0
"""A byte that goes on with a character of UTF-8 begins with the bits 10."""
ID_BYTES = 4


class TextTokens(Protocol):
    """The tokens of one text."""

    @property
    def ids(self) -> list[int]:
        """The ids, in order."""

    def __len__(self) -> int:
        """Return how many there are."""

    def id(self, at: int) -> int:
        """Return one id."""

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

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def id(self, at: int) -> int:
        """Return one id."""
        return self.ids[at]

    def overlapping(self, span: Span) -> range:
        """Return the tokens that share a character with the span."""
        first = bisect_right(self._offsets, span[0], key=itemgetter(1))
        return range(first, bisect_left(self._offsets, span[1], lo=first, key=itemgetter(0)))

    def text(self, at: int) -> str:
        """Return what a token covers."""
        return self._text[slice(*self._offsets[at])]


class Displaced(ValueError):
    """Ids and text do not fit each other: one of them is not what the vocabulary says."""


class Vocabulary(msgspec.Struct, frozen=True):
    """What is known of tokens that are bytes of a text, one after the other, none left out.

    Attributes:
        lengths: of every token, in bytes, by its id.
        control: finds the control tokens of a text, as the tokenizer takes them out of it.
        control_ids: the id of each of them, as four bytes.
    """

    lengths: Sequence[int]
    control: re.Pattern[str]
    control_ids: Mapping[str, bytes]


@lru_cache(1 << 10)
def _finding(token: bytes) -> re.Pattern[bytes]:
    """Return a search for a token among ids; `bytes.find` is slow on bytes that are often zero."""
    return re.compile(re.escape(token), re.DOTALL)


class _Marks(msgspec.Struct, frozen=True):
    """The control tokens: where they stand in the text, in characters, and which tokens they are.

    One of no length stands before the text, and one behind it.
    """

    starts: list[int]
    ends: list[int]
    tokens: list[int]


class ByteTokens:
    """Tokens that are the bytes of the text; no Python object is made for one not asked for.

    Args:
        data: the ids, four bytes each, the lowest first.

    Raises:
        Displaced: when a place is asked for.
    """

    def __init__(self, data: bytes, vocabulary: Vocabulary, text: str) -> None:
        self._data = data
        self._ids = memoryview(data).cast("I")
        self._vocabulary = vocabulary
        self._lengths = vocabulary.lengths
        self._text = text
        # Spans rise, so what lies before the last place that was asked for is not walked again.
        self._reached = (0, 0, 0)

    @cached_property
    def ids(self) -> list[int]:
        """The ids, in order."""
        return self._ids.tolist()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ids)

    def id(self, at: int) -> int:
        """Return one id."""
        return self._ids[at]

    def overlapping(self, span: Span) -> range:
        """Return the tokens that share a character with the span."""
        first, _ = self._place(span[0])
        last, is_inside = self._place(span[1])
        return range(first, max(first, last + is_inside))

    def text(self, at: int) -> str:
        """Return what a token covers, with the whole of a character of which it has a part."""
        marks = self._marks
        behind = bisect_right(marks.tokens, at)
        before = behind - 1
        if marks.tokens[before] == at:
            return self._text[marks.starts[before] : marks.ends[before]]
        data = self._text[marks.ends[before] : marks.starts[behind]].encode()
        begin = self._bytes_of(range(marks.tokens[before] + 1, at))
        stop = begin + self._lengths[self._ids[at]]
        while _goes_on(data, begin):
            begin -= 1
        while _goes_on(data, stop):
            stop += 1
        return data[begin:stop].decode()

    @cached_property
    def _marks(self) -> _Marks:
        starts, ends, tokens = [0], [0], [-1]
        ids, data, at = self._vocabulary.control_ids, self._data, 0
        for found in self._vocabulary.control.finditer(self._text):
            search = _finding(ids[found.group()]).search
            stands = search(data, at)
            while stands is not None and stands.start() % ID_BYTES:
                stands = search(data, stands.start() + 1)
            if stands is None:
                raise Displaced
            at = stands.end()
            start, end = found.span()
            starts.append(start)
            ends.append(end)
            tokens.append(at // ID_BYTES - 1)
        starts.append(len(self._text))
        ends.append(len(self._text))
        tokens.append(len(self._ids))
        return _Marks(starts, ends, tokens)

    def _place(self, character: int) -> tuple[int, bool]:
        """Return the token of the byte at which a character begins, and whether it began before.

        Walks from the nearest place that is known: a control token on either side, or the place
        that was asked for last.
        """
        marks = self._marks
        behind = bisect_right(marks.ends, character, hi=len(marks.ends) - 1)
        known = marks.ends[behind - 1]
        start = (known, marks.tokens[behind - 1] + 1, 0)
        if known <= self._reached[0] <= character:
            start = self._reached
        left = marks.starts[behind] - character
        if 0 <= left < character - start[0]:
            found = self._backward(behind, character)
        else:
            found = self._forward(start, character)
        if not marks.tokens[behind - 1] < found[0] <= marks.tokens[behind]:
            raise Displaced
        self._reached = (character, *found)
        return found[0], found[1] > 0

    def _forward(self, start: tuple[int, int, int], character: int) -> tuple[int, int]:
        """Return the token of a character, and how many of its bytes stand before that."""
        known, token, inside = start
        left = inside + len(self._text[known:character].encode())
        lengths, ids = self._lengths, self._ids
        while left and token < len(ids) and (length := lengths[ids[token]]) <= left:
            left -= length
            token += 1
        return token, left

    def _backward(self, behind: int, character: int) -> tuple[int, int]:
        left = len(self._text[character : self._marks.starts[behind]].encode())
        token = self._marks.tokens[behind]
        while left > 0 and token > 0:
            token -= 1
            left -= self._lengths[self._ids[token]]
        return token if left <= 0 else -1, -left

    def _bytes_of(self, tokens: range) -> int:
        return sum(self._lengths[self._ids[at]] for at in tokens)


def _goes_on(data: bytes, place: int) -> bool:
    return place < len(data) and data[place] & _TOP_BITS == _CONTINUES
