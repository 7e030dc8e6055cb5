"""Optimistic concurrency: read, decide and write again when another writer came first."""

from typing import TYPE_CHECKING

from brightrun.errors import Conflict
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.patience import patient

if TYPE_CHECKING:
    from tenacity import Retrying

_TRIES = 8
_FIRST_WAIT_SECONDS = 0.04


def on_conflict(table: Table) -> "Retrying":
    """Return what calls a function up to eight times, while it raises Conflict."""
    return patient(
        Conflict, tries=_TRIES, first_wait_seconds=_FIRST_WAIT_SECONDS, sleep=table.sleep
    )
