"""Whether the pipeline is well: each dependency, and when each function last ran. Public."""

from datetime import timedelta
from http import HTTPStatus
from typing import Literal

from aws_lambda_powertools.event_handler.api_gateway import Response, Router
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from brightrun.envelope import Success
from brightrun.ports.dynamodb.heartbeats import last_runs
from brightrun.ports.s3.objects import find_object
from brightrun.records import Moment
from brightrun.runtime import Deps

router = Router()  # type: ignore[no-untyped-call]
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


class ServiceHealth(BaseModel):
    """Where to read on."""

    name: str
    documentation: str
    openapi: str


@router.get("/", tags=["health"])
def about() -> Success[ServiceHealth]:
    """Say what this is."""
    name = "BrightRun LoRA Pipeline"
    return Success(data=ServiceHealth(name=name, documentation="/docs", openapi="/openapi.json"))


@router.get("/api/health", tags=["health"])
def read_health() -> Response[Success[Health]]:
    """Look at each dependency; 503 when the table or the bucket does not answer."""
    deps: Deps = router.context["deps"]
    functions, table = _functions(deps)
    bucket = _bucket_answers(deps)
    well = table and bucket and all(function.well for function in functions.values())
    health = Health(
        status="ok" if well else "degraded",
        stage=deps.settings.stage,
        table=table,
        bucket=bucket,
        functions=functions,
    )
    status = HTTPStatus.OK if table and bucket else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(status, "application/json", Success(data=health))


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
