"""What tests and people may do to the stand-in that the real service offers nobody.

GET   /_standin/state                 runs (with every answer), workers (with process ids)
PATCH /_standin/settings              any field of Limits and Scaling
POST  /_standin/faults                {call, times, status, performed}: spoil answers to come
POST  /_standin/workers/{id}/kill     SIGKILL to its main process
POST  /_standin/runs/{id}/duplicate   deliver the run to a second worker too
POST  /_standin/runs/{id}/fail        {error}: FAILED although its worker goes on
POST  /_standin/runs/{id}/forget      `/status` is 404 from now on
"""

import hmac
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.runpod.runs import Run, RunStatus, body_of
from local.runpod.state import Act, Fault, StandIn, refused, standin_of


async def state(request: Request) -> Response:
    standin = standin_of(request)
    return JSONResponse(
        {
            "runs": [_shown(run, standin.now()) for run in standin.runs.by_id.values()],
            "workers": [worker.view(standin.runs) for worker in standin.fleet.workers.values()],
            "settings": asdict(standin.runs.limits) | asdict(standin.fleet.scaling),
        }
    )


async def settings(request: Request) -> Response:
    standin = standin_of(request)
    wanted = body_of(await request.body())
    owners = {
        field.name: group
        for group in (standin.runs.limits, standin.fleet.scaling)
        for field in fields(group)
    }
    unknown = sorted(set(wanted) - set(owners))
    if unknown:
        return refused(400, f"unknown: {', '.join(unknown)}")
    for name, value in wanted.items():
        setattr(owners[name], name, value)
    if "max_workers" in wanted:
        standin.fleet.limits.clear()
    return JSONResponse({})


async def faults(request: Request) -> Response:
    standin_of(request).faults.append(Fault(**body_of(await request.body())))
    return JSONResponse({})


async def kill(request: Request) -> Response:
    fleet = standin_of(request).fleet
    worker = fleet.workers.get(request.path_params["worker_id"])
    if worker is None:
        return refused(404, "no such worker")
    fleet.kill(worker)
    return JSONResponse({"pid": worker.pid})


def duplicate(_: StandIn, run: Run, __: dict[str, Any]) -> None:
    run.copies_wanted += 1


def fail(standin: StandIn, run: Run, body: dict[str, Any]) -> None:
    standin.runs.end(run, RunStatus.FAILED, standin.now(), body.get("error", "failed"))


def forget(standin: StandIn, run: Run, _: dict[str, Any]) -> None:
    del standin.runs.by_id[run.id]


def on_run(act: Callable[[StandIn, Run, dict[str, Any]], None]) -> Act:
    """Return `act` on the run that the path names."""

    async def found(request: Request) -> Response:
        standin = standin_of(request)
        run = standin.runs.by_id.get(request.path_params["run_id"])
        if run is None:
            return refused(404, "no such run")
        act(standin, run, body_of(await request.body()))
        return JSONResponse({})

    return found


def keyed(act: Act) -> Act:
    """Return `act` behind the same key as the job API."""

    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {standin_of(request).key}".encode()):
            return refused(401, "unauthorized")
        return await act(request)

    return guarded


CALLS: tuple[tuple[str, str, Act], ...] = (
    ("GET", "/state", state),
    ("PATCH", "/settings", settings),
    ("POST", "/faults", faults),
    ("POST", "/workers/{worker_id}/kill", kill),
    ("POST", "/runs/{run_id}/duplicate", on_run(duplicate)),
    ("POST", "/runs/{run_id}/fail", on_run(fail)),
    ("POST", "/runs/{run_id}/forget", on_run(forget)),
)


def control_routes() -> list[Route]:
    """Return the control interface."""
    return [Route(path, keyed(act), methods=[method]) for method, path, act in CALLS]


def _shown(run: Run, now: float) -> dict[str, Any]:
    return run.view(now) | {"endpoint_id": run.endpoint_id, "answers": run.answers}
