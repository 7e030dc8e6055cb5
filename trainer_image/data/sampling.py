"""Which rows train in which step: a pure function of seed, epoch and step.

Nothing here depends on what happened before, so a resumed run, another number of GPUs, or a
smaller micro-step after running out of memory all see the same rows in the same optimizer step.
Pure: no torch, no clock, no I/O.
"""

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowSize:
    """What the plan needs to know of a row: its length, and how many tokens carry loss."""

    tokens: int
    supervised_tokens: int


PASS_TOKENS = 512
"""What one more forward pass costs in tokens: the weights are read and unpacked once more."""

Groups = tuple[tuple[int, ...], ...]
Grouping = Callable[[Sequence[int], Sequence[RowSize], int], Groups]
"""Rows, the sizes of all rows, a token budget → which rows share a forward pass."""


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step, whoever computes it.

    Attributes:
        number: counted from 0 over the whole run.
        rows: row indices, in the epoch's order.
        supervised_tokens: over all rows and all ranks: what the summed loss is divided by.
    """

    number: int
    epoch: int
    rows: tuple[int, ...]
    tokens: int
    supervised_tokens: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole run, known before it starts.

    Attributes:
        rows_per_step: the most rows a step has; an epoch takes as few steps as that allows.
    """

    sizes: Sequence[RowSize]
    rows_per_step: int
    epochs: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.sizes) // self.rows_per_step)

    @property
    def total_steps(self) -> int:
        return self.steps_per_epoch * self.epochs

    @property
    def total_tokens(self) -> int:
        """Tokens the run reads, all epochs."""
        return sum(size.tokens for size in self.sizes) * self.epochs

    def step(self, number: int) -> Step:
        """Return step `number`; no step of an epoch has two rows more than another.

        Cut into full steps and a rest, 65 rows of 4 would leave a step of one row: an update as
        large as any other, and a loss that says nothing.
        """
        epoch, place = divmod(number, self.steps_per_epoch)
        order = epoch_order(len(self.sizes), self.seed, epoch)
        rows = order[self._dealt_before(place) : self._dealt_before(place + 1)]
        return Step(
            number=number,
            epoch=epoch,
            rows=rows,
            tokens=sum(self.sizes[row].tokens for row in rows),
            supervised_tokens=sum(self.sizes[row].supervised_tokens for row in rows),
        )

    def _dealt_before(self, place: int) -> int:
        return place * len(self.sizes) // self.steps_per_epoch

    def micro_steps(
        self,
        step: Step,
        *,
        budget_tokens: int,
        rank: int = 0,
        ranks: int = 1,
        group: Grouping | None = None,
    ) -> Groups:
        """Return the rows that `rank` computes for `step`, one tuple per forward pass."""
        mine = share(step.rows, self.sizes, ranks)[rank]
        return (group or pack)(mine, self.sizes, budget_tokens)


_orders: dict[tuple[int, int, int], tuple[int, ...]] = {}


def epoch_order(count: int, seed: int, epoch: int) -> tuple[int, ...]:
    """Return a permutation of `range(count)`; a text seed makes it the same on every machine."""
    key = (count, seed, epoch)
    if key not in _orders:
        order = list(range(count))
        random.Random(f"brightrun:{seed}:{epoch}").shuffle(order)  # noqa: S311 - not a secret
        _orders.clear()  # one epoch is in use at a time
        _orders[key] = tuple(order)
    return _orders[key]


def pack(rows: Sequence[int], sizes: Sequence[RowSize], budget_tokens: int) -> Groups:
    """Return `rows` in as few groups as best-fit-decreasing finds, none over `budget_tokens`.

    A row longer than the budget gets a group of its own: rows are never cut.
    """
    groups: list[list[int]] = []
    free: list[int] = []
    for row in _longest_first(rows, sizes):
        need = sizes[row].tokens
        fitting = [place for place, room in enumerate(free) if room >= need]
        if fitting:
            place = min(fitting, key=free.__getitem__)
            groups[place].append(row)
            free[place] -= need
        else:
            groups.append([row])
            free.append(budget_tokens - need)
    return tuple(tuple(group) for group in groups)


def pack_apart(
    border_tokens: int, rows: Sequence[int], sizes: Sequence[RowSize], budget_tokens: int
) -> Groups:
    """Return `rows` packed; those over `border_tokens` share no group with those up to it."""
    over = [row for row in rows if sizes[row].tokens > border_tokens]
    up_to = [row for row in rows if sizes[row].tokens <= border_tokens]
    return (*pack(over, sizes, budget_tokens), *pack(up_to, sizes, budget_tokens))


def pad(rows: Sequence[int], sizes: Sequence[RowSize], budget_tokens: int) -> Groups:
    """Return `rows` in groups of similar length, none over `budget_tokens` once filled up.

    Every row of a group takes as much room as its longest. Of all ways to cut the rows, longest
    first, into groups, this is the one with the fewest tokens, a group costing `PASS_TOKENS` more.
    A row longer than the budget gets a group of its own.
    """
    order = _longest_first(rows, sizes)
    costs = [0, *[math.inf] * len(order)]
    starts = [0] * (len(order) + 1)
    for start, row in enumerate(order):
        longest = sizes[row].tokens
        most = max(1, budget_tokens // longest)
        for end in range(start + 1, min(start + most, len(order)) + 1):
            cost = costs[start] + longest * (end - start) + PASS_TOKENS
            if cost < costs[end]:
                costs[end], starts[end] = cost, start
    groups = []
    end = len(order)
    while end:
        groups.append(tuple(order[starts[end] : end]))
        end = starts[end]
    return tuple(reversed(groups))


def _longest_first(rows: Sequence[int], sizes: Sequence[RowSize]) -> list[int]:
    return sorted(rows, key=lambda row: (-sizes[row].tokens, row))


def share(rows: Sequence[int], sizes: Sequence[RowSize], ranks: int) -> tuple[tuple[int, ...], ...]:
    """Deal rows to ranks, longest first, each to the rank with the fewest tokens so far."""
    loads = [(0, rank) for rank in range(ranks)]
    shares: list[list[int]] = [[] for _ in range(ranks)]
    for row in _longest_first(rows, sizes):
        tokens, rank = heapq.heappop(loads)
        shares[rank].append(row)
        heapq.heappush(loads, (tokens + sizes[row].tokens, rank))
    return tuple(tuple(share) for share in shares)
