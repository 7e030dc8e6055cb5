"""The stand-in's job API: what the platform calls, under `/v2/{endpoint_id}`."""

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.runpod.runs import Run, RunStatus, body_of, counts
from local.runpod.state import Act, refused, standin_of


async def submit(request: Request) -> Response:
    standin = standin_of(request)
    body = body_of(await request.body())
    if "input" not in body:
        return refused(400, "input is required")
    run = standin.runs.submit(request.path_params["endpoint_id"], body, standin.now())
    return JSONResponse({"id": run.id, "status": run.status})


async def status(request: Request, run: Run) -> Response:
    return JSONResponse(run.view(standin_of(request).now()))


async def cancel(request: Request, run: Run) -> Response:
    """Answer at once, as the service does; whether the worker stops shows later."""
    standin = standin_of(request)
    standin.runs.cancel(run, standin.now())
    return JSONResponse({"id": run.id, "status": RunStatus.CANCELLED})


async def retry(request: Request, run: Run) -> Response:
    standin = standin_of(request)
    if run.status not in {RunStatus.FAILED, RunStatus.TIMED_OUT}:
        return refused(400, f"a job that is {run.status} cannot be retried")
    standin.runs.requeue(run, standin.now())
    return JSONResponse({"id": run.id, "status": run.status})


async def stream(request: Request, run: Run) -> Response:
    chunks = standin_of(request).chunks.pop(run.id, [])
    return JSONResponse({"status": run.status, "stream": chunks})


async def purge_queue(request: Request) -> Response:
    removed = standin_of(request).runs.purge(request.path_params["endpoint_id"])
    return JSONResponse({"removed": removed, "status": "completed"})


async def health(request: Request) -> Response:
    standin, endpoint_id = standin_of(request), request.path_params["endpoint_id"]
    own = [run for run in standin.runs.by_id.values() if run.endpoint_id == endpoint_id]
    return JSONResponse({"jobs": counts(own), "workers": standin.fleet.counts(endpoint_id)})


def of_run(act: Callable[[Request, Run], Awaitable[Response]]) -> Act:
    """Return `act` on the run that the path names; an expired one is 404 like an unknown one."""

    async def found(request: Request) -> Response:
        run = standin_of(request).runs.by_id.get(request.path_params["run_id"])
        if run is None or run.endpoint_id != request.path_params["endpoint_id"]:
            return refused(404, "job not found")
        return await act(request, run)

    return found


def guarded(call: str, act: Act) -> Act:
    """Return `act` behind the key and the endpoint's name, with the faults a test asked for."""

    async def answer(request: Request) -> Response:
        standin = standin_of(request)
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), standin.key.encode()):
            return refused(401, "unauthorized")
        if request.path_params["endpoint_id"] not in standin.endpoint_ids:
            return refused(404, "endpoint not found")
        fault = standin.next_fault(call)
        if fault is None:
            return await act(request)
        if fault.performed:
            await act(request)
        return refused(fault.status, "a fault that a test asked for")

    return answer


CALLS: tuple[tuple[str, str, Act], ...] = (
    ("POST", "/run", submit),
    ("GET", "/status/{run_id}", of_run(status)),
    ("POST", "/cancel/{run_id}", of_run(cancel)),
    ("POST", "/retry/{run_id}", of_run(retry)),
    ("GET", "/stream/{run_id}", of_run(stream)),
    ("POST", "/purge-queue", purge_queue),
    ("GET", "/health", health),
)


def job_routes() -> list[Route]:
    """Return the job API; a fault is named by the first word of its path."""
    return [
        Route("/{endpoint_id}" + path, guarded(path.split("/")[1], act), methods=[method])
        for method, path, act in CALLS
    ]
