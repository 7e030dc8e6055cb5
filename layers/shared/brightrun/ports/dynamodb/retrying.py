"""Optimistic concurrency: read, decide and write again when another writer came first."""

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from brightrun.errors import Conflict
from brightrun.ports.dynamodb.table import Table

_TRIES = 8
_FIRST_WAIT_SECONDS = 0.04


def on_conflict(table: Table) -> Retrying:
    """Return what calls a function up to eight times, while it raises Conflict."""
    return Retrying(
        retry=retry_if_exception_type(Conflict),
        stop=stop_after_attempt(_TRIES),
        wait=wait_exponential(multiplier=_FIRST_WAIT_SECONDS),
        sleep=table.sleep,
        reraise=True,
    )
