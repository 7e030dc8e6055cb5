"""Every file ends in a verdict, whatever it is made of and however it is packed.

Covers: datasets.files.decompression, datasets.validation.row_hashes.
"""

from collections.abc import Iterator
from itertools import count
from random import Random

import pytest

from brightrun.datasets.validation import validator
from brightrun.datasets.validation.row_hashes import Repeat, RowKeys
from brightrun.datasets.validation.validator import TooComplex, validate
from tests.support.datasets.hostile_files import SHAPES, mixed, packed

SMALL = 1 << 16


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_shape_ends_in_a_verdict(name: str) -> None:
    piece = next(iter(SHAPES[name](Random(1), SMALL)))[: 4 * SMALL]

    verdict = validate(packed(iter([piece]))).verdict

    assert verdict.training_ready or verdict.error_message


@pytest.mark.parametrize("seed", range(12))
def test_random_files_end_in_a_verdict(seed: int) -> None:
    verdict = validate(mixed(Random(seed), SMALL)).verdict

    assert verdict.training_ready or verdict.error_message


def test_a_file_of_more_rows_than_may_be_is_told_and_read_no_further() -> None:
    row = b'{"prompt":"a","completion":"b"}\n'
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for _ in range(validator.MAX_ROWS // 100_000 + 50):
            read += 1
            yield b"\n" * 100_000 if read > 1 else row * 1000

    verdict = validate(pieces()).verdict

    assert verdict.error_counts == {"too_many_rows": 1}
    assert read < validator.MAX_ROWS // 100_000 + 20


def test_a_file_that_takes_too_long_is_given_up_in_words() -> None:
    asked = count()

    with pytest.raises(TooComplex, match="too complex to validate"):
        validate(SHAPES["plain"](Random(1), 8 << 20), has_time=lambda: next(asked) < 3)


def test_a_second_reading_that_takes_too_long_is_given_up_too() -> None:
    """Near-duplicates are looked for in the same file once more, after the first reading."""
    asked = count()
    row = b'{"prompt": "What is one and one?", "completion": "It is two."}\n'

    with pytest.raises(TooComplex, match="too complex to validate"):
        validate([row], second_pass=[row] * 9, has_time=lambda: next(asked) < 3)


def test_repeats_of_many_rows_are_found_in_one_pass_over_them() -> None:
    """More than are compared at once: the same keys stand in the same part."""
    keys = RowKeys()
    for line in range(600_000):
        keys.add(line % 299_999, line)

    assert keys.distinct() == 299_999
    repeats = list(keys.repeats())
    assert len(repeats) == 300_001
    assert Repeat(300_000, 1) in repeats
