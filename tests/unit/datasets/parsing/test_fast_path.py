"""The quick reading and the one that has the last word never disagree."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.files.line_reader import lines_batch
from brightrun.datasets.parsing.fast_path import read_one, read_plain
from brightrun.datasets.parsing.reader import RowOutcome, parse
from brightrun.datasets.record import DatasetFormat
from tests.support.datasets.generated_rows import ROWS


@pytest.mark.parametrize("kind", ROWS)
def test_what_is_read_quickly_is_what_the_slow_reading_reads(kind: DatasetFormat) -> None:
    seen_plain = 0

    @settings(max_examples=80, deadline=None)
    @given(ROWS[kind])
    def compare(value: Any) -> None:
        nonlocal seen_plain
        raw = orjson.dumps(value)
        plain = read_one(raw, kind)
        if plain is None:
            return
        seen_plain += 1
        parsed = parse(raw, kind)

        assert parsed.findings == ()
        assert parsed.row == plain.row()
        assert parsed.fate is (RowOutcome.TRAINED if plain.shape.pairs else RowOutcome.SKIPPED)
        assert parsed.row.skipped_targets == plain.shape.skipped_targets

    compare()
    assert seen_plain > 0


@pytest.mark.parametrize("kind", ROWS)
def test_a_batch_is_read_as_its_lines_are(kind: DatasetFormat) -> None:
    @settings(max_examples=30, deadline=None)
    @given(st.lists(ROWS[kind], min_size=1, max_size=4))
    def compare(values: list[Any]) -> None:
        lines = b"\n".join(map(orjson.dumps, values))
        alone = [read_one(row, kind) for row in lines.split(b"\n")]
        together = read_plain(lines_batch(1, lines), kind)

        assert together == (None if None in alone else alone)

    compare()


@pytest.mark.parametrize(
    "lines",
    [
        b'{"prompt":"a","completion":"b"}{"prompt":"c","completion":"d"}\n{}',
        b'{"prompt":"a",\n"completion":"b"}{"prompt":"c","completion":"d"}',
        b'{"prompt":"a","completion":"b"}\n',
        b'\n{"prompt":"a","completion":"b"}',
        b'{"prompt":"a","completion":"b"}\n\n{"prompt":"c","completion":"d"}',
        b'{"prompt":"a","completion":"b"} {"prompt":"a","completion":"b"}',
    ],
)
def test_lines_that_do_not_hold_one_object_each_are_left_to_the_slow_reading(lines: bytes) -> None:
    assert read_plain(lines_batch(1, lines), DatasetFormat.PROMPT_COMPLETION) is None


V4 = b'{"conversation_id":"c","current_user_input":"Hi","target_response":"Yes",%b}'


@pytest.mark.parametrize(
    "kept",
    [
        b'"training_metadata":{"note":"\xff"}',
        b'"emotional_context":["\xed\xa0\x80"]',
        b'"conversation_metadata":{"a":1,"a":2}',
        b'"id":' + b"7" * 4001,
        b'"id":"a","id":"b"',
        b'"turn_number":1,"turn_number":2',
        b'"turn_number":' + b"7" * 4001,
        b'"turn_number":1e400',
    ],
)
def test_what_is_kept_as_it_stands_is_looked_at_all_the_same(kept: bytes) -> None:
    kind = DatasetFormat.BRIGHTRUN_V4

    assert read_plain(lines_batch(1, V4 % b'"id":"p1","turn_number":1'), kind) is not None
    assert read_plain(lines_batch(1, V4 % kept), kind) is None


def test_a_name_of_too_many_digits_is_left_to_the_slow_reading() -> None:
    turns = b'"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]'
    line = b'{"conversation_id":%b,%b}'
    kind = DatasetFormat.OPENAI_CHAT

    assert read_plain(lines_batch(1, line % (b"12", turns)), kind) is not None
    assert read_plain(lines_batch(1, line % (b"7" * 4001, turns)), kind) is None
