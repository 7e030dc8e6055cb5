"""The functions log each broken step; a thousand broken lives would drown the report."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def quiet() -> Iterator[None]:
    """No log lines from here on."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
