"""A table engine beside moto, for the data-access tests: what one forgives, the other may refuse.

The local stack's engine is the second one; any other that speaks DynamoDB's protocol and its
transactions has an address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moto.core.config import DefaultConfig

from local.processes.children import start, stop
from local.stack import engine
from tests.support.stack.ports import own_settings

EMBEDDED = "embedded"


@contextmanager
def table_engine(chosen: str | None, home: Path) -> Iterator[str | None]:
    """Give the address of the engine that was chosen, None for moto; stop what was started."""
    if chosen != EMBEDDED:
        yield chosen
        return
    settings = own_settings(home)
    command = engine(settings)
    start(command, leashed=True)
    try:
        yield settings.aws_url
    finally:
        stop(command)


def left_alone(address: str | None) -> DefaultConfig:
    """Return moto's configuration by which calls to an engine reach it."""
    return {"core": {"passthrough": {"urls": [address]}}} if address else {}
