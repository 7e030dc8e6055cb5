"""What is counted of the rows that can be read. Pure; a few bytes of memory for each row."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from brightrun.datasets.parsing.examples import Row
from brightrun.datasets.parsing.reader import open_rows, trained_rows
from brightrun.datasets.parsing.row_shapes import FastRow, Shape, as_plain
from brightrun.datasets.record import Statistics
from brightrun.datasets.tokenizing.token_estimate import estimated_tokens
from brightrun.datasets.validation.row_hashes import Histogram, Repeat, RowKeys
from brightrun.training.holdout import held_out_count

_MAX_SHAPES = 10_000


class Counter:
    """Running sums over one file."""

    def __init__(self) -> None:
        self.rejected_rows = 0
        self._shapes: defaultdict[Shape, int] = defaultdict(int)
        self._rows = 0
        self._skipped_rows = 0
        self._truncated_rows = 0
        self._pairs = 0
        self._skipped_pairs = 0
        self._turns = 0
        self._own_turns = 0
        self._tokens = 0
        self._trained_tokens = 0
        self._token_histogram = Histogram()
        self._turn_histogram = Histogram()
        self._row_keys = RowKeys()
        self._conversation_keys = RowKeys()

    def count(
        self,
        number: int,
        plain: FastRow,
        exact: tuple[int, int] | None = None,
        left: Shape | None = None,
    ) -> None:
        """Count one row that trains or is skipped.

        Args:
            exact: its tokens, all and trained.
            left: of a truncated row, what trains; it still repeats what the whole row repeats.
        """
        if exact is None:
            self.count_all(number, (plain,))
            return
        self._shapes[left or plain.shape] += 1
        self._truncated_rows += left is not None
        self._count_tokens(*exact)
        self._row_keys.add(key_of(plain), number)
        if plain.conversation_id is not None:
            self._conversation_keys.add(hash(plain.conversation_id), number)

    def _count_tokens(self, total: int, trained: int) -> None:
        self._tokens += total
        self._trained_tokens += trained
        self._token_histogram.counts[total.bit_length()] += 1

    def count_all(
        self, first: int, rows: Iterable[FastRow], limit_tokens: float = math.inf
    ) -> list[tuple[int, int]]:
        """Count rows that follow each other: the only code that runs for every good row.

        Returns line and estimated tokens of each row that has more than the limit.
        """
        over: list[tuple[int, int]] = []
        shapes, histogram = self._shapes, self._token_histogram.counts
        add_key, add_line = self._row_keys.keys.append, self._row_keys.lines.append
        conversation_id = None
        tokens = trained_tokens = 0
        for number, row in enumerate(rows, start=first):
            shape, texts = row.shape, row.texts
            shapes[shape] += 1
            if row.conversation_id != conversation_id:
                conversation_id = row.conversation_id
                self._conversation_keys.add(hash(conversation_id), number)
            if shape.pairs:
                joined = "\n".join(texts)
                total, trained = estimated_tokens(shape, texts, joined)
                tokens += total
                trained_tokens += trained
                histogram[total.bit_length()] += 1
                if total > limit_tokens:
                    over.append((number, total))
                add_key(hash(joined) ^ shape.key)
                add_line(number)
        self._tokens += tokens
        self._trained_tokens += trained_tokens
        if len(shapes) > _MAX_SHAPES:
            self._add_up_shapes()
        return over

    def _add_up_shapes(self) -> None:
        """Move what the shapes say into the sums, so that odd files take no memory for it."""
        for shape, rows in self._shapes.items():
            self._rows += rows
            self._skipped_pairs += rows * shape.skipped_targets
            if shape.pairs:
                self._pairs += rows * shape.pairs
                self._turns += rows * shape.turns
                self._own_turns += rows * shape.own_turns
                self._turn_histogram.counts[shape.turns.bit_length()] += rows
            else:
                self._skipped_rows += rows
        self._shapes.clear()

    def repeats(self) -> Iterator[Repeat]:
        """Yield every row that trains and repeats an earlier one."""
        return self._row_keys.repeats()

    def common(self, other: RowKeys) -> Iterator[Repeat]:
        """Yield every row that trains and also stands among the other rows."""
        return self._row_keys.common(other)

    def statistics(self, *, exact: bool) -> Statistics:
        """Return everything as it is stored and shown."""
        self._add_up_shapes()
        conversations = self._conversation_keys.distinct() or self._row_keys.distinct()
        held = held_out_count(conversations)
        return Statistics(
            rows=self._rows + self.rejected_rows,
            trained_rows=self._rows - self._skipped_rows,
            skipped_rows=self._skipped_rows,
            rejected_rows=self.rejected_rows,
            truncated_rows=self._truncated_rows,
            conversations=conversations,
            total_training_pairs=self._pairs,
            skipped_pairs=self._skipped_pairs,
            total_validation_pairs=round(self._pairs * held / max(conversations, 1)),
            total_tokens=self._tokens,
            trained_tokens=self._trained_tokens,
            token_count_method="tokenizer" if exact else "estimate",
            avg_turns_per_conversation=round(self._own_turns / max(conversations, 1), 2),
            avg_tokens_per_turn=round(self._tokens / max(self._turns, 1), 2),
            token_histogram=self._token_histogram.buckets(),
            turn_histogram=self._turn_histogram.buckets(),
        )


def keys_of(chunks: Iterable[bytes]) -> RowKeys:
    """Return a key for each row of a file that trains."""
    keys = RowKeys()
    opened = open_rows(chunks)
    for batch in opened.batches:
        for number, row in trained_rows(batch, opened.format):
            keys.add(key_of(as_plain(row) if isinstance(row, Row) else row), number)
    return keys


def key_of(plain: FastRow) -> int:
    """Return a number that is the same for rows that say the same, within one process."""
    return hash("\n".join(plain.texts)) ^ plain.shape.key
