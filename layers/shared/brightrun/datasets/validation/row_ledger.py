"""What became of each row, one by one: for people who check the sums. Pure.

Validator and trainer both count by these entries, so their sums can be compared.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec
import orjson

from brightrun.datasets.parsing.examples import Row
from brightrun.datasets.parsing.fast_path import read_one
from brightrun.datasets.parsing.reader import Parsed, RowOutcome, example_of, open_rows, parse
from brightrun.datasets.parsing.row_shapes import as_plain
from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.record import LedgerRow, Severity
from brightrun.datasets.rules import RULES
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from brightrun.datasets.tokenizing.length_check import Fitted, LengthChecker
from brightrun.datasets.tokenizing.truncation import Sized
from brightrun.training.configuration import OverLength
from brightrun.training.ledger import LedgerTotals

RowSeen = Callable[[LedgerRow], None]
SKIPPED_TARGETS = "no_target"
"""Why a row is skipped that has nothing wrong: its target is null."""


class JudgedRow(msgspec.Struct, frozen=True):
    """One row with what becomes of it; `sized` is what trains, where tokens are counted."""

    entry: LedgerRow
    sized: Sized | None = None


def judged_rows(
    chunks: Iterable[bytes],
    *,
    encoder: ChatEncoder | None = None,
    max_sequence_tokens: int | None = None,
    over_length: OverLength = OverLength.REJECT,
) -> Iterator[JudgedRow]:
    """Yield every row of a file in order; headers and blank lines are none."""
    opened = open_rows(chunks)
    ruler = LengthChecker(encoder, max_sequence_tokens, over_length, opened.format)
    for batch in opened.batches:
        for number, raw in batch.rows():
            plain = read_one(raw, opened.format)
            row = None if plain is None else plain.row()
            parsed = parse(raw, opened.format) if row is None else None
            if parsed is not None and parsed.fate is not RowOutcome.TRAINED:
                entry = entry_of_unread(number, parsed)
                if entry is not None:
                    yield JudgedRow(entry)
                continue
            row = row or (parsed.row if parsed is not None else None)
            if row is not None:
                yield _judged(number, row, ruler)


def _judged(number: int, row: Row, ruler: LengthChecker) -> JudgedRow:
    if not row.pairs:
        return JudgedRow(entry_of_skipped(number, row))
    fitted = ruler.measure(number, row, as_plain(row))
    sized = fitted.sized if fitted.tokens is not None else None
    return JudgedRow(entry_of_measured(number, row, fitted), sized)


def ledger(
    chunks: Iterable[bytes],
    *,
    encoder: ChatEncoder | None = None,
    max_sequence_tokens: int | None = None,
    over_length: OverLength = OverLength.REJECT,
) -> Iterator[LedgerRow]:
    """Yield one entry for each row; their sums are the statistics of the verdict."""
    judged = judged_rows(
        chunks,
        encoder=encoder,
        max_sequence_tokens=max_sequence_tokens,
        over_length=over_length,
    )
    yield from (each.entry for each in judged)


def entry_of_unread(number: int, parsed: Parsed) -> LedgerRow | None:
    """Return the entry of a row that does not train by what it says; none for no row at all."""
    if parsed.fate in (RowOutcome.HEADER, RowOutcome.BLANK):
        return None
    if parsed.fate is RowOutcome.SKIPPED and parsed.row is not None:
        return entry_of_skipped(number, parsed.row)
    return LedgerRow(line=number, fate=parsed.fate.value, reason=_reason(parsed.findings))


def entry_of_skipped(number: int, row: Row) -> LedgerRow:
    """Return the entry of a row that is right and has nothing to train on."""
    reason = SKIPPED_TARGETS if row.rejected is None else Code.PREFERENCE_NOT_TRAINABLE.value
    return LedgerRow(
        line=number,
        conversation_id=example_of(number, row).conversation_id,
        fate=RowOutcome.SKIPPED.value,
        reason=reason,
    )


def entry_of_measured(number: int, row: Row, fitted: Fitted) -> LedgerRow:
    """Return the entry of a row that trains if it fits."""
    conversation_id = example_of(number, row).conversation_id
    if fitted.tokens is None:
        return LedgerRow(
            line=number,
            conversation_id=conversation_id,
            fate=RowOutcome.REJECTED.value,
            reason=_reason(fitted.findings),
        )
    tokens, trained = fitted.tokens
    return LedgerRow(
        line=number,
        conversation_id=conversation_id,
        fate=RowOutcome.TRAINED.value,
        pairs=(fitted.shortened or row).pairs,
        tokens=tokens,
        trained_tokens=trained,
        truncated=fitted.shortened is not None,
    )


class LedgerSums:
    """Adds entries up, as they come."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, entry: LedgerRow) -> None:
        """Count one row."""
        self._counts.update(
            {
                "rows": 1,
                f"{entry.fate}_rows": 1,
                "truncated_rows": entry.truncated,
                "tokens": entry.tokens,
                "trained_tokens": entry.trained_tokens,
            }
        )

    def totals(self) -> LedgerTotals:
        """Return the sums so far."""
        return LedgerTotals.model_validate(self._counts)


def _reason(findings: tuple[Finding, ...]) -> str:
    """Return the code of the first error; waived ones are never a row's own."""
    errors = (each for each in findings if RULES[each.code].severity is Severity.ERROR)
    return next((each.code.value for each in errors), "")


def ledger_line(entry: LedgerRow) -> bytes:
    """Return an entry as one line of JSON."""
    return orjson.dumps(entry.model_dump()) + b"\n"
