"""Rows that are almost the same: a pass of its own over the file. Pure.

Each row is sketched by the 16 smallest hashes of its word triples; two rows whose sketches agree
by four fifths are told. Rows that share one of their two smallest hashes are compared, which
finds 96 of 100 pairs at that likeness and nearly all above it.
Source: Broder, "On the resemblance and containment of documents" (1997), bottom-k sketches.
"""

from array import array
from collections.abc import Iterable, Iterator
from heapq import nsmallest

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.validation.row_hashes import Repeat

ALIKE = 0.8
# About 250 bytes are kept for each row; what comes after this many is not compared.
MAX_ROWS = 500_000
_SKETCH = 16
_KEYS = 2
# Shorter rows have too few triples for a likeness to mean anything.
_MIN_TRIPLES = 8


def near_duplicates(chunks: Iterable[bytes]) -> Iterator[Repeat]:
    """Yield each row that is almost, but not exactly, the same as an earlier one.

    Nothing is said of rows of one conversation: they overlap and are meant to.
    """
    index = _Index()
    for example in read_examples(chunks):
        if index.rows >= MAX_ROWS:
            return
        earlier = index.add(example)
        if earlier is not None:
            yield Repeat(example.source_line, earlier)


def sketch_of(example: Example) -> list[int]:
    """Return the smallest hashes of the row's word triples; short rows have none.

    System turns are left out: one prompt in all rows would make all rows alike.
    """
    spoken = (turn.content or "" for turn in example.messages if turn.role != "system")
    words = " ".join(spoken).lower().split()
    triples = set(map(hash, zip(words, words[1:], words[2:], strict=False)))
    return nsmallest(_SKETCH, triples) if len(triples) >= _MIN_TRIPLES else []


def likeness(one: list[int], other: list[int]) -> float:
    """Return about which share of their triples two rows have in common, 0 to 1."""
    union = nsmallest(_SKETCH, {*one, *other})
    return len({*one} & {*other} & {*union}) / len(union)


class _Index:
    """The first row seen for each key, and a sketch of every row."""

    def __init__(self) -> None:
        self.rows = 0
        self._first: dict[int, int] = {}
        self._sketches = array("q")
        self._starts = array("Q", [0])
        self._lines = array("I")
        self._same = array("q")
        self._conversations = array("q")

    def add(self, example: Example) -> int | None:
        """Remember a row; return the line of an earlier row that is almost the same."""
        sketch = sketch_of(example)
        same, conversation = hash(example.sha256), hash(example.conversation_id)
        found = [
            self._lines[at]
            for at in {self._first.setdefault(key, self.rows) for key in sketch[:_KEYS]}
            if at != self.rows
            and same != self._same[at]
            and conversation != self._conversations[at]
            and likeness(sketch, self._sketch(at)) >= ALIKE
        ]
        self._sketches.extend(sketch)
        self._starts.append(len(self._sketches))
        self._lines.append(example.source_line)
        self._same.append(same)
        self._conversations.append(conversation)
        self.rows += 1
        return min(found, default=None)

    def _sketch(self, at: int) -> list[int]:
        return list(self._sketches[self._starts[at] : self._starts[at + 1]])
