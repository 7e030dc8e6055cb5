"""Counting rows, pairs and tokens in constant memory: a few bytes for each row. Pure."""

from array import array
from collections.abc import Iterator, Sequence

import msgspec

from brightrun.datasets.record import Bucket

# How many keys are looked at together when rows are compared: about 25 MB at a time.
_KEYS_AT_ONCE = 250_000
_BITS = 64


class Histogram:
    """Counts by powers of two: the bar of `n` is all from 2^(b-1) up to 2^b for its bit length."""

    def __init__(self) -> None:
        self.counts = [0] * (_BITS + 1)

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the bars from the lowest to the highest that is not empty."""
        used = [bits for bits, count in enumerate(self.counts) if count]
        if not used:
            return ()
        return tuple(
            Bucket(low=(1 << bits) >> 1, high=1 << bits, count=self.counts[bits])
            for bits in range(used[0], used[-1] + 1)
        )


class Repeat(msgspec.Struct, frozen=True):
    """A row that says the same as an earlier one."""

    line: int
    first_line: int


class RowKeys:
    """A 64-bit key of each row's content with its line: 12 bytes a row.

    Keys are Python's own string hashes: seeded for each process, so they are never stored, and
    two different rows share one with a probability of about 1 in a million for a file of five
    million rows.
    """

    def __init__(self) -> None:
        self.keys = array("q")
        self.lines = array("I")

    def add(self, key: int, line: int) -> None:
        """Remember a row."""
        self.keys.append(key)
        self.lines.append(line)

    def distinct(self) -> int:
        """Return how many different keys there are."""
        return sum(len(set(part.keys)) for part in self._parts())

    def repeats(self) -> Iterator[Repeat]:
        """Yield every row that repeats an earlier one."""
        for part in self._parts():
            if len(set(part.keys)) < len(part.keys):
                yield from part.repeats_here()

    def repeats_here(self) -> Iterator[Repeat]:
        """Yield every row that repeats an earlier one, all of them at once in memory."""
        first: dict[int, int] = {}
        for key, line in zip(self.keys, self.lines, strict=True):
            if (seen := first.setdefault(key, line)) != line:
                yield Repeat(line, seen)

    def _parts(self) -> Sequence["RowKeys"]:
        """Return all rows in parts small enough for a set, the same keys together: one pass."""
        count = -(-len(self.keys) // _KEYS_AT_ONCE)
        if count <= 1:
            return (self,)
        parts = [RowKeys() for _ in range(count)]
        for key, line in zip(self.keys, self.lines, strict=True):
            part = parts[key % count]
            part.keys.append(key)
            part.lines.append(line)
        return parts

    def common(self, other: "RowKeys") -> Iterator[Repeat]:
        """Yield every row whose key is also among the others, with the first line of it there."""
        theirs: dict[int, int] = {}
        for key, line in zip(other.keys, other.lines, strict=True):
            theirs.setdefault(key, line)
        for key, line in zip(self.keys, self.lines, strict=True):
            if key in theirs:
                yield Repeat(line, theirs[key])
