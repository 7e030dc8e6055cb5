"""Whether the pipeline is well: each dependency, and when each function last ran. Reads only."""

from datetime import timedelta
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from brightrun.ports.dynamodb.heartbeats import last_runs
from brightrun.ports.s3.objects import find_object
from brightrun.records import Moment
from brightrun.runtime import Deps

# Schedules come each minute; three missed in a row is no accident.
STALE = timedelta(minutes=3)


class FunctionHealth(BaseModel):
    """When a background function last ran; never, or long ago, means its schedule does not."""

    last_run_at: Moment | None
    well: bool


class Health(BaseModel):
    """`degraded`: requests are answered, but something behind them stands still."""

    status: Literal["ok", "degraded"]
    stage: str
    table: bool
    bucket: bool
    functions: dict[str, FunctionHealth]


def _functions(deps: Deps) -> tuple[dict[str, FunctionHealth], bool]:
    try:
        runs = last_runs(deps.table)
    except (BotoCoreError, ClientError):
        return {}, False
    alive_since = deps.now() - STALE
    return {
        name: FunctionHealth(last_run_at=at, well=at is not None and at >= alive_since)
        for name, at in runs.items()
    }, True


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
    well = table and bucket and all(function.well for function in functions.values())
    return Health(
        status="ok" if well else "degraded",
        stage=deps.settings.stage,
        table=table,
        bucket=bucket,
        functions=functions,
    )
