"""Whether the pipeline is well: each dependency, and when each function last ran. Public."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler.api_gateway import Response, Router

from brightrun.envelope import Success
from brightrun.records import DeferredModel
from functions.api.dependencies import Wires
from functions.api.errors import JSON
from functions.api.stage.pipeline_health import Health, health_of

router = Router()  # type: ignore[no-untyped-call]


class ServiceHealth(DeferredModel):
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
def read_health(deps: Wires) -> Response[Success[Health]]:
    """Look at each dependency; 503 when the table or the bucket does not answer."""
    health = health_of(deps)
    answers = health.table and health.bucket
    status = HTTPStatus.OK if answers else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(status, JSON, Success(data=health))
