"""What the watchdog saw at the GPU provider, for administrators. Reads only."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from brightrun.envelope import Success
from brightrun.jobs.execution.orphans import EndpointReport
from brightrun.ports.dynamodb.endpoints import find_findings
from brightrun.records import DeferredModel, Moment
from functions.api.dependencies import Wires

router = Router()  # type: ignore[no-untyped-call]


class WatchdogReport(DeferredModel):
    """The newest round; `at` is null before the first.

    Attributes:
        orphans: runs at the provider that belong to no job of ours.
        idle_costs: what costs money while no job runs, in words.
    """

    at: Moment | None = None
    orphans: int = 0
    idle_costs: tuple[str, ...] = ()
    endpoints: tuple[EndpointReport, ...] = ()


@router.get("/api/admin/watchdog", tags=["admin"])
def read_watchdog(deps: Wires) -> Success[WatchdogReport]:
    """Return what runs at the provider beside our jobs, and what costs money at idle."""
    seen = find_findings(deps.table)
    if seen is None:
        return Success(data=WatchdogReport())
    watch = WatchdogReport(
        at=seen.at, orphans=seen.orphans, idle_costs=seen.idle_costs, endpoints=seen.endpoints
    )
    return Success(data=watch)
