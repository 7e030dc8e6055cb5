"""Whether a file is fit to train on: one pass, constant memory, every problem. Pure.

Rows in = trained + skipped + rejected. A row is read by the code the trainer reads it by, so
what this counts as trained is what will train.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from brightrun.datasets.files.line_reader import Batch
from brightrun.datasets.parsing.examples import Row
from brightrun.datasets.parsing.fast_path import read_one, read_plain
from brightrun.datasets.parsing.reader import Parsed, RowOutcome, open_rows, parse
from brightrun.datasets.parsing.row_shapes import FastRow, as_plain
from brightrun.datasets.parsing.samples import sample_of
from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.record import DatasetFormat, Problem, Severity, Statistics, Verdict
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from brightrun.datasets.tokenizing.length_check import LengthChecker, probably_too_long
from brightrun.datasets.validation.near_duplicates import near_duplicates
from brightrun.datasets.validation.problem_report import Report
from brightrun.datasets.validation.row_hashes import Repeat
from brightrun.datasets.validation.row_ledger import (
    RowSeen,
    entry_of_measured,
    entry_of_skipped,
    entry_of_unread,
)
from brightrun.datasets.validation.secrets_and_pii import SuspectSearch
from brightrun.datasets.validation.statistics import Counter, keys_of
from brightrun.training.configuration import OverLength

FEW_EXAMPLES = 10
MAX_ROWS = 10_000_000
"""12 bytes are kept of each, and as many again while they are compared."""
_PROBLEMS_IN_VERDICT = 100
_SAMPLES = 3


class TooComplex(Exception):
    """The file takes longer to read than there is time for."""

    def __init__(self) -> None:
        super().__init__("the file is too complex to validate: split it into several datasets")


def _always() -> bool:
    return True


def _in_time(chunks: Iterable[bytes], has_time: Callable[[], bool]) -> Iterator[bytes]:
    for chunk in chunks:
        if not has_time():
            raise TooComplex
        yield chunk


class Validated(msgspec.Struct, frozen=True):
    """The verdict, and the report file's problems: up to 1,000, by line."""

    verdict: Verdict
    report: tuple[Problem, ...]


def validate(  # noqa: PLR0913 - each is a choice of its own, and all but one have defaults
    chunks: Iterable[bytes],
    *,
    encoder: ChatEncoder | None = None,
    max_sequence_tokens: int | None = None,
    over_length: OverLength = OverLength.REJECT,
    waived: frozenset[Code] = frozenset(),
    validation_chunks: Iterable[bytes] | None = None,
    second_pass: Iterable[bytes] | None = None,
    row_seen: RowSeen | None = None,
    has_time: Callable[[], bool] = _always,
) -> Validated:
    """Read a file once and return its verdict and report, whatever bytes it holds.

    Args:
        encoder: counts tokens exactly; without it they are estimated, and labelled so.
        max_sequence_tokens: longer rows are rejected and listed, or shortened where
            `over_length` says so; without an encoder they are only warned of.
        waived: errors the owner accepts, such as a suspected secret that is none.
        validation_chunks: another file, of which no row should stand in this one.
        second_pass: the same file once more, to look for rows that are almost the same.
        row_seen: is told what becomes of each row, in the order of the file.
        has_time: whether to go on reading.

    Raises:
        TooComplex: there was no more time.
    """
    opened = open_rows(chunks)
    judge = _Validator(
        opened.format,
        LengthChecker(encoder, max_sequence_tokens, over_length, opened.format),
        waived,
        row_seen,
    )
    for batch in opened.batches:
        if not has_time():
            raise TooComplex
        judge.take(batch)
        if batch.following > MAX_ROWS:
            judge.end_at(MAX_ROWS)
            break
    if validation_chunks is not None:
        judge.compare(_in_time(validation_chunks, has_time))
    if second_pass is not None:
        judge.note_near(near_duplicates(_in_time(second_pass, has_time)))
    return judge.conclude()


class _Validator:
    """What is known of the file so far."""

    def __init__(
        self,
        found: DatasetFormat | None,
        ruler: LengthChecker,
        waived: frozenset[Code],
        row_seen: RowSeen | None,
    ) -> None:
        self._row_seen = row_seen
        self._format = found
        self._ruler = ruler
        self._report = Report(waived)
        self._search = SuspectSearch()
        self._counter = Counter()
        self._declared_pairs: int | None = None
        self._samples: list[str] = []

    def take(self, batch: Batch) -> None:
        """Judge every row of a batch."""
        for finding in batch.notes:
            self._report.add(0, finding)
        if batch.is_blank:
            return
        plain = read_plain(batch, self._format)
        if plain is None or self._wants_rows or self._row_seen is not None:
            self._take_each(batch)
        else:
            self._count_all(batch.first, plain)
        self._search.read(batch.size_bytes)
        # the quick look finds nothing in a batch that is not UTF-8 throughout
        if batch.lines is None or plain is None or self._search.may_hold(batch.lines):
            self._suspect(batch)

    def _take_each(self, batch: Batch) -> None:
        for number, raw in batch.rows():
            plain = read_one(raw, self._format)
            if plain is None:
                self._take_slowly(number, raw)
            elif self._wants_rows or self._row_seen is not None:
                self._take_row(number, plain.row())
            else:
                self._count_all(number, (plain,))

    def _count_all(self, first: int, rows: Sequence[FastRow]) -> None:
        """Count rows that are right, and warn of those that are long by estimate."""
        limit = self._ruler.limit_tokens
        over = self._counter.count_all(first, rows, math.inf if limit is None else limit)
        for number, tokens in over:
            self._report.add(number, probably_too_long(tokens, limit))

    @property
    def _wants_rows(self) -> bool:
        """Whether counting alone is not enough."""
        return self._ruler.encoder is not None or len(self._samples) < _SAMPLES

    def _take_slowly(self, number: int, raw: bytes | Finding) -> None:
        parsed = parse(raw, self._format)
        for finding in parsed.findings:
            self._report.add(number, finding)
        if self._row_seen is not None and parsed.fate is not RowOutcome.TRAINED:
            entry = entry_of_unread(number, parsed)
            if entry is not None:
                self._row_seen(entry)
        if parsed.fate is RowOutcome.HEADER:
            self._note_header(parsed)
        elif parsed.fate is RowOutcome.REJECTED or parsed.row is None:
            self._counter.rejected_rows += parsed.fate is not RowOutcome.BLANK
        elif parsed.fate is RowOutcome.SKIPPED:
            self._counter.count(number, as_plain(parsed.row))
        else:
            self._take_row(number, parsed.row)

    def _note_header(self, parsed: Parsed) -> None:
        declared = (parsed.header or {}).get("total_pairs")
        if isinstance(declared, int) and not isinstance(declared, bool):
            self._declared_pairs = (self._declared_pairs or 0) + declared

    def _take_row(self, number: int, row: Row) -> None:
        if not row.pairs:
            if self._row_seen is not None:
                self._row_seen(entry_of_skipped(number, row))
            self._counter.count(number, as_plain(row))
            return
        plain = as_plain(row)
        fitted = self._ruler.measure(number, row, plain)
        if self._row_seen is not None:
            self._row_seen(entry_of_measured(number, row, fitted))
        for finding in fitted.findings:
            self._report.add(number, finding)
        if fitted.tokens is None:
            self._counter.rejected_rows += 1
            return
        left = None if fitted.shortened is None else as_plain(fitted.shortened).shape
        self._counter.count(number, plain, fitted.tokens, left)
        if len(self._samples) < _SAMPLES:
            self._samples.append(sample_of(row))

    def _suspect(self, batch: Batch) -> None:
        for number, raw in batch.rows():
            if not isinstance(raw, Finding):
                for finding in self._search.in_row(raw):
                    self._report.add(number, finding)

    def end_at(self, rows: int) -> None:
        """Say that the file goes on beyond what is read of it."""
        self._report.add(0, Finding(Code.TOO_MANY_ROWS, detail=f"{rows:,}"))

    def compare(self, chunks: Iterable[bytes]) -> None:
        """Warn of every row that also stands in another file."""
        for common in self._counter.common(keys_of(chunks)):
            found = Finding(Code.IN_BOTH_SPLITS, detail=str(common.first_line))
            self._report.add(common.line, found)

    def note_near(self, repeats: Iterable[Repeat]) -> None:
        """Warn of every row that is almost the same as an earlier one."""
        for repeat in repeats:
            found = Finding(Code.DUPLICATE_NEAR, detail=str(repeat.first_line))
            self._report.add(repeat.line, found)

    def conclude(self) -> Validated:
        """Return the verdict once every row has been taken."""
        statistics = self._counter.statistics(exact=self._ruler.encoder is not None)
        for repeat in self._counter.repeats():
            found = Finding(Code.DUPLICATE_EXACT, detail=str(repeat.first_line))
            self._report.add(repeat.line, found)
        for finding in self._about_the_file(statistics):
            self._report.add(0, finding)
        problems = self._report.problems()
        verdict = Verdict(
            format=self._format,
            training_ready=not self._report.errors and statistics.total_training_pairs > 0,
            error_message=self._error_message(statistics),
            statistics=statistics,
            problems=problems[:_PROBLEMS_IN_VERDICT],
            error_counts=self._report.counts(Severity.ERROR),
            warning_counts=self._report.counts(Severity.WARNING),
            sample_data=tuple(self._samples),
        )
        return Validated(verdict, problems)

    def _about_the_file(self, statistics: Statistics) -> Iterable[Finding]:
        declared, rows = self._declared_pairs, statistics.rows
        if declared is not None and declared != rows:
            detail = f"the header declares {declared} pairs, the file holds {rows}"
            yield Finding(Code.META_COUNT_MISMATCH, detail=detail)
        if not rows:
            if not self._report.errors:
                yield Finding(Code.EMPTY_FILE)
        elif self._format is DatasetFormat.PREFERENCE:
            yield Finding(Code.PREFERENCE_NOT_TRAINABLE)
        elif not statistics.total_training_pairs:
            yield Finding(Code.NO_TRAINABLE_PAIRS)
        elif statistics.trained_rows < FEW_EXAMPLES:
            yield Finding(Code.TOO_FEW_EXAMPLES, detail=str(statistics.trained_rows))

    def _error_message(self, statistics: Statistics) -> str | None:
        first = self._report.first_error()
        if first is not None:
            where = f"line {first.line}: " if first.line else ""
            number = self._report.errors
            return f"{number} error{'' if number == 1 else 's'}; first: {where}{first.message}"
        if not statistics.total_training_pairs:
            return "preference rows are stored and checked, but cannot be trained on yet"
        return None
