"""One good file of each format, read by the validator and by the trainer.

Covers: datasets.parsing.reader, datasets.parsing.row_shapes.
"""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.validation.validator import validate
from tests.golden.good_files import FILES, LEDGERS, Good

FOLDER = Path(__file__).parents[3] / "golden" / "good"


def told(example: Example, *, named: bool) -> Good:
    turns = tuple(
        (f"{'*' if turn.trained else ''}{turn.role}", turn.content) for turn in example.messages
    )
    return Good(example.source_line, example.conversation_id if named else None, turns)


@pytest.mark.parametrize("name", FILES)
def test_the_trainer_reads_what_was_written_by_hand(name: str) -> None:
    expected = FILES[name]
    named = any(row.conversation_id for row in expected)

    examples = list(read_examples([(FOLDER / name).read_bytes()]))
    assert tuple(told(each, named=named) for each in examples) == expected
    assert named or all(each.conversation_id == each.sha256 for each in examples)


@pytest.mark.parametrize("name", LEDGERS)
def test_the_validator_counts_what_was_counted_by_hand(name: str) -> None:
    verdict = validate([(FOLDER / name).read_bytes()]).verdict

    found = verdict.statistics
    assert verdict.format == DatasetFormat(name.partition(".")[0])
    assert verdict.error_counts == {}
    assert verdict.training_ready is (name != "preference.jsonl")
    assert (
        found.rows,
        found.trained_rows,
        found.skipped_rows,
        found.total_training_pairs,
        found.skipped_pairs,
        found.conversations,
    ) == LEDGERS[name]


def as_it_stands(data: bytes) -> bytes:
    return data


def with_a_mark(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def with_windows_line_ends(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def packed(data: bytes) -> bytes:
    return gzip.compress(data[:90]) + gzip.compress(data[90:])


def as_an_array(data: bytes) -> bytes:
    rows = [row for row in data.split(b"\n") if row]
    return data if data.startswith(b"[") else b"[" + b" ,\n".join(rows) + b"]"


@pytest.mark.parametrize(
    "wrap", [as_it_stands, with_a_mark, with_windows_line_ends, packed, as_an_array]
)
@pytest.mark.parametrize("chunk_bytes", [1, 7, 100_000])
@pytest.mark.parametrize("name", FILES)
def test_a_file_says_the_same_however_it_is_wrapped_and_cut(
    name: str, chunk_bytes: int, wrap: Callable[[bytes], bytes]
) -> None:
    plain = (FOLDER / name).read_bytes()
    data = wrap(plain)
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

    assert [each.messages for each in read_examples(chunks)] == [
        each.messages for each in read_examples([plain])
    ]
    assert validate(chunks).verdict.statistics == validate([plain]).verdict.statistics


def test_there_is_a_good_file_of_every_format() -> None:
    names = {path.name for path in FOLDER.iterdir()}

    assert names == FILES.keys() == LEDGERS.keys()
    assert {DatasetFormat(name.partition(".")[0]) for name in names} == set(DatasetFormat)
