"""The stand-in's management API (REST v2): an endpoint's limits and what its workers do.

Only what the platform asks for: reading one endpoint, its workers, and raising `workers.max`.
"""

import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.runpod.runs import body_of
from local.runpod.state import Act, refused, standin_of


async def read_endpoint(request: Request) -> Response:
    return JSONResponse(_endpoint(request))


async def change_endpoint(request: Request) -> Response:
    workers = body_of(await request.body()).get("workers", {})
    highest = workers.get("max") if isinstance(workers, dict) else None
    if not isinstance(highest, int) or highest < 0:
        return refused(422, "workers.max must be a number of workers")
    standin_of(request).fleet.scaling.max_workers = highest
    return JSONResponse(_endpoint(request))


async def list_workers(request: Request) -> Response:
    standin, endpoint_id = standin_of(request), request.path_params["endpoint_id"]
    own = [w for w in standin.fleet.workers.values() if w.endpoint_id == endpoint_id]
    busy = [worker for worker in own if standin.runs.held_by(worker.id)]
    summary = {"running": len(busy), "idle": len(own) - len(busy), "total": len(own)}
    rest = dict.fromkeys(("initializing", "throttled", "unhealthy"), 0)
    status = {worker.id: "RUNNING" if worker in busy else "IDLE" for worker in own}
    workers = [{"id": worker_id, "status": state} for worker_id, state in status.items()]
    return JSONResponse({"workers": workers, "summary": summary | rest})


def _endpoint(request: Request) -> dict[str, object]:
    scaling = standin_of(request).fleet.scaling
    workers = {"min": 0, "max": scaling.max_workers, "idleTimeout": int(scaling.idle_seconds)}
    return {
        "id": request.path_params["endpoint_id"],
        "type": "QUEUE",
        "workers": workers,
        "networkVolumes": [],
    }


def _guarded(act: Act) -> Act:
    """Return `act` behind the key and the endpoint's name."""

    async def answer(request: Request) -> Response:
        standin = standin_of(request)
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), standin.key.encode()):
            return refused(401, "missing or wrong bearer token")
        if request.path_params["endpoint_id"] not in standin.endpoint_ids:
            return refused(404, "resource not found")
        return await act(request)

    return answer


def management_routes() -> list[Route]:
    """Return the management API; its limits are those of the whole stand-in."""
    path = "/serverless/{endpoint_id}"
    return [
        Route(path, _guarded(read_endpoint), methods=["GET"]),
        Route(path, _guarded(change_endpoint), methods=["PATCH"]),
        Route(f"{path}/workers", _guarded(list_workers), methods=["GET"]),
    ]
