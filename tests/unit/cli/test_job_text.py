"""Jobs and prices in words: durations, curves, and what is left out."""

import pytest

from brightrun.cli.job_text import duration, sparkline


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (599, "9 min 59 s"), (1980, "33 min"),
        (3600, "1 h 00 min"), (90_000, "25 h 00 min"),
    ],
)  # fmt: skip
def test_a_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([], 5, ""),
        ([1.0], 5, "▁"),
        ([2.0, 2.0], 5, "▁▁"),
        ([8, 7, 6, 5, 4, 3, 2, 1], 8, "█▇▆▅▄▃▂▁"),
        ([8, 8, 1, 1], 2, "█▁"),
        ([3, 3, 3, 0, 0, 0, 0], 3, "█▂▁"),
    ],
)
def test_a_curve_is_one_line_of_at_most_so_many_characters(
    values: list[float], width: int, line: str
) -> None:
    found = sparkline(values, width)

    assert len(found) <= width
    assert found[0:1] + found[-1:] == line[0:1] + line[-1:]
    assert len(found) == len(line)


def test_a_terminal_without_blocks_gets_ascii() -> None:
    assert sparkline([3, 2, 1], 3, ascii_only=True).isascii()
