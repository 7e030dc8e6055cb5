"""From bytes to the rows that train. Validator, preview and trainer read through here. Pure."""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import chain
from typing import Any

import msgspec
import orjson

from brightrun.datasets.files.line_reader import Batch, read_batches
from brightrun.datasets.files.text_kind import list_inside
from brightrun.datasets.parsing.exact_json import MAX_DEPTH, NotExact, exact_loads
from brightrun.datasets.parsing.examples import Example, Row, content_digest
from brightrun.datasets.parsing.fast_path import read_plain
from brightrun.datasets.parsing.format_detection import detect, formats_of
from brightrun.datasets.parsing.formats import READERS
from brightrun.datasets.parsing.row_findings import (
    Notes,
    broken,
    flaws_of,
    kind_of,
    mending,
    shown,
)
from brightrun.datasets.parsing.row_shapes import FastRow
from brightrun.datasets.problems import Code, Finding, did_you_mean, excerpt_at, excerpt_of
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.signatures import TELLING_KEYS

__all__ = ["Parsed", "RowOutcome", "detect", "open_rows", "parse", "read_examples"]

_HEAD_BYTES = 1 << 20


class RowOutcome(Enum):
    """What becomes of a line; every line has exactly one."""

    TRAINED = "trained"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    HEADER = "header"
    BLANK = "blank"


class Parsed(msgspec.Struct, frozen=True):
    """One line, read: its row if it could be read, and what was found wrong with it."""

    fate: RowOutcome
    row: Row | None = None
    findings: tuple[Finding, ...] = ()
    header: dict[str, Any] | None = None


class Opened(msgspec.Struct, frozen=True):
    """A file whose format is known (or known to be unknown), ready to be read once."""

    format: DatasetFormat | None
    batches: Iterator[Batch]


def open_rows(chunks: Iterable[bytes]) -> Opened:
    """Look at the first rows, tell the format, and return all rows with it."""
    batches = read_batches(chunks)
    head: list[Batch] = []
    size_bytes = 0
    while size_bytes < _HEAD_BYTES and (batch := next(batches, None)) is not None:
        head.append(batch)
        size_bytes += batch.size_bytes
    found = detect(row for batch in head for _, row in batch.rows())
    return Opened(found, chain(head, batches))


def read_examples(chunks: Iterable[bytes]) -> Iterator[Example]:
    """Yield the rows that train, in file order; all others are left to the validator's report."""
    opened = open_rows(chunks)
    for batch in opened.batches:
        for number, row in trained_rows(batch, opened.format):
            yield example_of(number, row if isinstance(row, Row) else row.row())


def trained_rows(
    batch: Batch, expected: DatasetFormat | None
) -> Iterator[tuple[int, FastRow | Row]]:
    """Yield the rows of a batch that train, with their numbers."""
    plain = read_plain(batch, expected)
    if plain is not None:
        yield from (pair for pair in enumerate(plain, batch.first) if pair[1].shape.pairs)
    if plain is not None or batch.is_blank:
        return
    for number, raw in batch.rows():
        parsed = parse(raw, expected)
        if parsed.fate is RowOutcome.TRAINED and parsed.row is not None:
            yield number, parsed.row


def example_of(number: int, row: Row) -> Example:
    """Return a row that trains as the trainer takes it."""
    digest = content_digest(row.messages, row.tools).hex()
    return Example(number, row.conversation_id or digest, row.messages, row.tools, digest)


def parse(raw: bytes | Finding, expected: DatasetFormat | None) -> Parsed:
    """Return one line as a row, with its fate and with everything that is wrong with it."""
    if isinstance(raw, Finding):
        return Parsed(RowOutcome.REJECTED, findings=(raw,))
    try:
        value = _value(raw)
    except (ValueError, RecursionError) as error:
        return _blank_or_broken(raw, error)
    if not isinstance(value, dict):
        hint = _WHOLE if isinstance(value, list) and value and _is_turn(value[0]) else ""
        return _rejected(Finding(Code.NOT_OBJECT, "", kind_of(value), shown(value), hint))
    wrong = flaws_of(value) or _misfits(value, expected)
    return _rejected(*wrong) if wrong else _read(value, expected)


def _value(raw: bytes) -> object:
    """Return the value as it stands in the file; errors are told as the stricter decoder does.

    Raises:
        NotExact, RecursionError, JSONDecodeError: it cannot be read.
    """
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        # It refuses numbers beyond a float, half surrogate pairs and deep nesting, too.
        if not raw.strip():
            raise
        try:
            return exact_loads(raw)
        except NotExact:
            raise
        except ValueError:
            raise error from None
    return exact_loads(raw)


def _start(raw: bytes) -> str:
    return excerpt_of(raw[:400].decode(errors="replace"))


def _rejected(*findings: Finding) -> Parsed:
    return Parsed(RowOutcome.REJECTED, findings=findings)


def _blank_or_broken(raw: bytes, error: ValueError | RecursionError) -> Parsed:
    if not raw.strip():
        return Parsed(RowOutcome.BLANK)
    if isinstance(error, RecursionError):
        return _rejected(Finding(Code.TOO_DEEP, detail=str(MAX_DEPTH), excerpt=_start(raw)))
    if isinstance(error, orjson.JSONDecodeError):
        spot, hint = excerpt_at(error.doc, error.pos), mending(error.doc, error.pos)
        return _rejected(Finding(Code.NOT_JSON, "", broken(error), spot, hint))
    return _rejected(Finding(Code.NOT_JSON, detail=str(error), excerpt=_start(raw)))


def _misfits(value: dict[str, Any], expected: DatasetFormat | None) -> tuple[Finding, ...]:
    """Return why the row is not of the file's format; nothing if it may be."""
    keys = ", ".join(map(repr, list(value)[:8])) or "none"
    found = formats_of(value)
    if len(found) > 1:
        return (Finding(Code.AMBIGUOUS_FORMAT, detail=", ".join(found), excerpt=excerpt_of(keys)),)
    if expected is None:
        hint = _what_helps(value)
        return (Finding(Code.UNKNOWN_FORMAT, "", excerpt_of(keys), shown(value), hint),)
    if found and found[0] is not expected:
        detail = f"this row is {found[0]}, the file is {expected}"
        return (Finding(Code.MIXED_FORMATS, detail=detail, excerpt=excerpt_of(keys)),)
    return ()


_WHOLE = 'a row is a whole conversation: put all its turns into one list under "messages"'


def _is_turn(value: object) -> bool:
    pairs = ({"role", "content"}, {"from", "value"})
    return isinstance(value, dict) and any(pair <= value.keys() for pair in pairs)


def _what_helps(value: dict[str, Any]) -> str:
    """Return what helps with a row of no known format."""
    if _is_turn(value):
        return _WHOLE
    if key := list_inside(value):
        return f"if the rows stand in {key!r}: jq -c '.{key}[]' FILE > rows.jsonl"
    hints = (did_you_mean(key, TELLING_KEYS) for key in list(value)[:8])
    return next(filter(None, hints), "")


_PAIR_KEYS = frozenset({"current_user_input", "target_response"})
"""What a line with `_meta` holds where it is not a header alone."""


def _read(value: dict[str, Any], expected: DatasetFormat | None) -> Parsed:
    if expected is None:
        raise AssertionError(expected)
    is_v4 = expected is DatasetFormat.BRIGHTRUN_V4
    if is_v4 and "_meta" in value and not value.keys() & _PAIR_KEYS:
        meta = value["_meta"]
        return Parsed(RowOutcome.HEADER, header=meta if isinstance(meta, dict) else {})
    notes = Notes()
    row = READERS[expected](value, notes)
    findings = tuple(notes.findings)
    if notes.has_errors:
        return Parsed(RowOutcome.REJECTED, findings=findings)
    return Parsed(RowOutcome.TRAINED if row.pairs else RowOutcome.SKIPPED, row, findings)
