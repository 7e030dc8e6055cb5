"""Whether the pipeline is well: each dependency, and when each function last ran. Reads only."""

from datetime import datetime, timedelta
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.ports.dynamodb.heartbeats import Heartbeat, heartbeats, key_refused_at
from brightrun.ports.dynamodb.set_aside import all_set_aside
from brightrun.ports.s3.objects import find_object
from brightrun.records import DeferredModel, Moment
from brightrun.runtime import Deps

# Schedules come each minute; three missed in a row is no accident.
STALE = timedelta(minutes=3)
# The watchdog asks RunPod every ten minutes.
KEY_STALE = timedelta(minutes=15)
_MOST_COUNTED = 100


class FunctionHealth(DeferredModel):
    """When a background function last ran; never, or long ago, means its schedule does not.

    Attributes:
        broke_at: when one of its cycles last broke; for three minutes the function is not well.
    """

    last_run_at: Moment | None
    broke_at: Moment | None
    well: bool


class CatalogHealth(DeferredModel):
    """Which catalogue holds.

    Attributes:
        version: of those that were pushed; 0: the shipped one.
        problem: why a newer one cannot be used; null: there is none.
    """

    version: int
    problem: str | None


class Health(DeferredModel):
    """`degraded`: requests are answered, but something behind them stands still.

    Attributes:
        unreadable: items that were set aside because nobody can read them, a hundred at the most.
        provider_key_refused_at: when the GPU provider last refused the key; null when it did not
            in the last quarter of an hour.
    """

    status: Literal["ok", "degraded"]
    stage: str
    table: bool
    bucket: bool
    functions: dict[str, FunctionHealth]
    unreadable: int
    provider_key_refused_at: Moment | None
    catalog: CatalogHealth


def _functions(deps: Deps) -> tuple[dict[str, FunctionHealth], bool]:
    try:
        beats = heartbeats(deps.table)
    except (BotoCoreError, ClientError):
        return {}, False
    return {name: _function(deps, beat) for name, beat in beats.items()}, True


def _function(deps: Deps, beat: Heartbeat) -> FunctionHealth:
    at = beat.last_run_at
    runs = at is not None and at >= deps.now() - STALE
    well = runs and (beat.broke_at is None or beat.broke_at < deps.now() - STALE)
    return FunctionHealth(last_run_at=at, broke_at=beat.broke_at, well=well)


def _key_refused_at(deps: Deps) -> datetime | None:
    try:
        return key_refused_at(deps.table, deps.now() - KEY_STALE)
    except (BotoCoreError, ClientError):
        return None


def _unreadable(deps: Deps) -> int:
    try:
        return len(all_set_aside(deps.table, limit=_MOST_COUNTED).records)
    except (BotoCoreError, ClientError):
        return 0


def _bucket_answers(deps: Deps) -> bool:
    try:
        find_object(deps.store, "reports/health")
    except (BotoCoreError, ClientError):
        return False
    return True


def health_of(deps: Deps) -> Health:
    """Look at each dependency; one that does not answer is told, never raised."""
    functions, table = _functions(deps)
    bucket = _bucket_answers(deps)
    unreadable = _unreadable(deps)
    refused_at = _key_refused_at(deps)
    well = table and bucket and not unreadable and refused_at is None
    well = well and deps.catalog.problem is None
    well = well and all(function.well for function in functions.values())
    return Health(
        status="ok" if well else "degraded",
        stage=deps.settings.stage,
        table=table,
        bucket=bucket,
        functions=functions,
        unreadable=unreadable,
        provider_key_refused_at=refused_at,
        catalog=CatalogHealth(version=deps.catalog.version, problem=deps.catalog.problem),
    )
