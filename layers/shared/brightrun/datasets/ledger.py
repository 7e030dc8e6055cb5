"""What became of each row, one by one: for people who check the sums. Pure."""

from collections.abc import Iterable, Iterator

from brightrun.datasets.chat import ChatEncoder
from brightrun.datasets.fitting import fit, guess
from brightrun.datasets.formats import Row
from brightrun.datasets.reading import Fate, example_of, open_rows, parse
from brightrun.datasets.record import LedgerRow
from brightrun.datasets.shapes import as_plain


def ledger(
    chunks: Iterable[bytes],
    *,
    encoder: ChatEncoder | None = None,
    max_sequence_tokens: int | None = None,
) -> Iterator[LedgerRow]:
    """Yield one entry for each row; their sums are the statistics of the verdict."""
    opened = open_rows(chunks)
    for batch in opened.batches:
        for number, raw in enumerate(batch.rows(), start=batch.first):
            parsed = parse(raw, opened.format)
            if parsed.fate is Fate.TRAINED and parsed.row is not None:
                yield _trained(number, parsed.row, encoder, max_sequence_tokens)
            elif parsed.fate not in (Fate.HEADER, Fate.BLANK):
                yield LedgerRow(line=number, fate=parsed.fate.value)


def _trained(
    number: int, row: Row, encoder: ChatEncoder | None, limit_tokens: int | None
) -> LedgerRow:
    if encoder is None:
        fitted = guess(as_plain(row), limit_tokens)
    else:
        fitted = fit(example_of(number, row), encoder, limit_tokens)
    if fitted.tokens is None:
        return LedgerRow(line=number, fate=Fate.REJECTED.value)
    tokens, trained = fitted.tokens
    return LedgerRow(
        line=number,
        fate=Fate.TRAINED.value,
        pairs=row.pairs,
        tokens=tokens,
        trained_tokens=trained,
    )
