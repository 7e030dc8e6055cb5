"""What became of each row of a dataset, as one packed object: written as rows are read, paged."""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import orjson
from pydantic import Field

from brightrun.datasets.ledger_check import totals_of
from brightrun.datasets.record import Dataset, DatasetStatus, LedgerRow
from brightrun.datasets.validation.row_ledger import RowSeen, ledger_line
from brightrun.ports.s3.objects import Store, find_object, read_chunks, sign_download, write_whole
from brightrun.records import DeferredModel
from brightrun.s3_keys import ledger_key
from brightrun.training.ledger import LedgerTotals

MAX_ROWS = 1000
_IN_MEMORY_BYTES = 8 << 20
_GZIP_WINDOW = 31


class LedgerQuery(DeferredModel):
    """Which rows, and how many at a time; `after` is the last line of the page before."""

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 100
    fate: Literal["trained", "skipped", "rejected"] | None = None


class LedgerPage(DeferredModel):
    """Rows in the order of their lines.

    Attributes:
        next_after: the line to go on after; null on the last page.
        totals: sums over the whole file, whatever is asked for.
        download_url: the whole ledger as JSON Lines in gzip; null before the first validation.
    """

    status: DatasetStatus
    rows: tuple[LedgerRow, ...]
    next_after: int | None
    totals: LedgerTotals
    token_count_method: str
    download_url: str | None


@contextmanager
def written_ledger(store: Store, dataset: Dataset) -> Iterator[RowSeen]:
    """Yield what takes each row, and store them all once the block has ended well."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        # without a time in it, equal ledgers are equal objects
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:

            def seen(row: LedgerRow) -> None:
                packed.write(ledger_line(row))

            yield seen
        file.seek(0)
        key = ledger_key(dataset.user_id, dataset.id)
        write_whole(store, key, file.read(), content_type="application/gzip")


def ledger_page(store: Store, dataset: Dataset, wanted: LedgerQuery) -> LedgerPage:
    """Return one page of a dataset's ledger; without rows before the first validation."""
    key = ledger_key(dataset.user_id, dataset.id)
    found = find_object(store, key) is not None
    rows = _rows(store, key, wanted) if found else []
    statistics = dataset.verdict.statistics if dataset.verdict else None
    page = rows[: wanted.limit]
    return LedgerPage(
        status=dataset.status,
        rows=tuple(page),
        next_after=page[-1].line if len(rows) > wanted.limit else None,
        totals=totals_of(statistics) if statistics else LedgerTotals(),
        token_count_method=statistics.token_count_method if statistics else "estimate",
        download_url=sign_download(store, key, file_name=f"{dataset.id}-ledger.jsonl.gz")
        if found
        else None,
    )


def _rows(store: Store, key: str, wanted: LedgerQuery) -> list[LedgerRow]:
    """Return the wanted rows and one more, if there is one."""
    rows: list[LedgerRow] = []
    for line in _lines(store, key):
        told = orjson.loads(line)
        if told["line"] > wanted.after and wanted.fate in (None, told["fate"]):
            rows.append(LedgerRow.model_validate(told))
        if len(rows) > wanted.limit:
            break
    return rows


def _lines(store: Store, key: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    rest = b""
    for chunk in read_chunks(store, key):
        *whole, rest = (rest + unpacker.decompress(chunk)).split(b"\n")
        yield from whole
