"""Rows that are long by estimate are warned of wherever they stand in the file."""

import json

from brightrun.datasets.validation.validator import validate


def a_line(words: int) -> bytes:
    return json.dumps({"prompt": "Say it", "completion": "word " * words}).encode() + b"\n"


def test_a_long_row_among_many_good_ones_is_named_by_its_line() -> None:
    """100 words are 500 characters, about 125 tokens; 400 words about 500."""
    rows = [a_line(n) for n in range(1, 9)] + [a_line(400)] + [a_line(n) for n in range(10, 19)]

    found = validate([b"".join(rows)], max_sequence_tokens=200)

    assert [(p.line, p.code) for p in found.report] == [(9, "probably_too_long")]
    assert found.verdict.statistics.trained_rows == 18
    assert found.verdict.training_ready
