"""The functions log each broken step; a thousand broken lives would drown the report.

Per test: a fixture of the package lives on in a worker that goes back and forth between
folders, and the tests beside it that read the log would find it empty.
"""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No log lines in this test."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
