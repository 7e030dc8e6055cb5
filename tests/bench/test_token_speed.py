"""Tokens are the same, and how many times as fast they come is printed."""

import json
import sys

import pytest

from tests.bench.bench_tokens import figures_of

pytestmark = pytest.mark.bench


def test_the_fast_reader_differs_in_no_row() -> None:
    figures = figures_of()
    sys.stdout.write(json.dumps(figures) + "\n")

    assert [kind for kind, told in figures.items() if told["rows_that_differ"]] == []
