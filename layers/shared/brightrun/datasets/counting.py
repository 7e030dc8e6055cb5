"""What is counted of the rows that can be read. Pure; a few bytes of memory for each row."""

from collections.abc import Iterator

from brightrun.datasets.estimate import estimated_tokens
from brightrun.datasets.fast import Plain
from brightrun.datasets.record import Statistics
from brightrun.datasets.split import SUGGESTED_FRACTION, held_out_count
from brightrun.datasets.tally import Histogram, Repeat, RowKeys


class Counter:
    """Running sums over one file; `rows` also counts those that were rejected."""

    def __init__(self) -> None:
        self.rows = 0
        self._skipped_rows = 0
        self._pairs = 0
        self._skipped_pairs = 0
        self._tokens = 0
        self._trained_tokens = 0
        self._turns = 0
        self._own_turns = 0
        self._token_counts = Histogram()
        self._turn_counts = Histogram()
        self._row_keys = RowKeys()
        self._conversation_keys = RowKeys()
        self._last_conversation: str | None = None

    def count(self, number: int, plain: Plain, exact: tuple[int, int] | None = None) -> None:
        """Count a row that trains or is skipped; this runs once for each row of the file."""
        self.rows += 1
        shape = plain.shape
        self._skipped_pairs += shape.skipped_targets
        if plain.conversation_id is not None and plain.conversation_id != self._last_conversation:
            self._last_conversation = plain.conversation_id
            self._conversation_keys.add(hash(plain.conversation_id), number)
        if not shape.pairs:
            self._skipped_rows += 1
            return
        joined = "\n".join(plain.texts)
        total, trained = exact or estimated_tokens(shape, plain.texts, joined)
        self._tokens += total
        self._trained_tokens += trained
        self._pairs += shape.pairs
        self._turns += shape.turns
        self._own_turns += shape.own_turns
        self._token_counts.counts[total.bit_length()] += 1
        self._turn_counts.counts[shape.turns.bit_length()] += 1
        self._row_keys.add(hash(joined) ^ shape.key, number)

    def repeats(self) -> Iterator[Repeat]:
        """Yield every row that trains and repeats an earlier one."""
        return self._row_keys.repeats()

    def statistics(self, *, exact: bool) -> Statistics:
        """Return everything as it is stored and shown."""
        trained_rows = len(self._row_keys.keys)
        named = self._conversation_keys.distinct()
        conversations = named or self._row_keys.distinct()
        held = held_out_count(conversations, fraction=SUGGESTED_FRACTION)
        return Statistics(
            rows=self.rows,
            trained_rows=trained_rows,
            skipped_rows=self._skipped_rows,
            rejected_rows=self.rows - trained_rows - self._skipped_rows,
            conversations=conversations,
            total_training_pairs=self._pairs,
            skipped_pairs=self._skipped_pairs,
            total_validation_pairs=round(self._pairs * held / max(conversations, 1)),
            total_tokens=self._tokens,
            trained_tokens=self._trained_tokens,
            token_count_method="tokenizer" if exact else "estimate",
            avg_turns_per_conversation=round(self._own_turns / max(conversations, 1), 2),
            avg_tokens_per_turn=round(self._tokens / max(self._turns, 1), 2),
            token_histogram=self._token_counts.buckets(),
            turn_histogram=self._turn_counts.buckets(),
        )
