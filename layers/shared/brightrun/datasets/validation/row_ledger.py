"""What became of each row, one by one: for people who check the sums. Pure."""

from collections.abc import Iterable, Iterator

from brightrun.datasets.parsing.examples import Row
from brightrun.datasets.parsing.reader import RowOutcome, open_rows, parse
from brightrun.datasets.parsing.row_shapes import as_plain
from brightrun.datasets.record import LedgerRow
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from brightrun.datasets.tokenizing.length_check import LengthChecker
from brightrun.training.configuration import OverLength


def ledger(
    chunks: Iterable[bytes],
    *,
    encoder: ChatEncoder | None = None,
    max_sequence_tokens: int | None = None,
    over_length: OverLength = OverLength.REJECT,
) -> Iterator[LedgerRow]:
    """Yield one entry for each row; their sums are the statistics of the verdict."""
    opened = open_rows(chunks)
    ruler = LengthChecker(encoder, max_sequence_tokens, over_length, opened.format)
    for batch in opened.batches:
        for number, raw in batch.rows():
            parsed = parse(raw, opened.format)
            if parsed.fate is RowOutcome.TRAINED and parsed.row is not None:
                yield _trained(number, parsed.row, ruler)
            elif parsed.fate not in (RowOutcome.HEADER, RowOutcome.BLANK):
                yield LedgerRow(line=number, fate=parsed.fate.value)


def _trained(number: int, row: Row, ruler: LengthChecker) -> LedgerRow:
    fitted = ruler.measure(number, row, as_plain(row))
    if fitted.tokens is None:
        return LedgerRow(line=number, fate=RowOutcome.REJECTED.value)
    tokens, trained = fitted.tokens
    return LedgerRow(
        line=number,
        fate=RowOutcome.TRAINED.value,
        pairs=(fitted.shortened or row).pairs,
        tokens=tokens,
        trained_tokens=trained,
        truncated=fitted.shortened is not None,
    )
