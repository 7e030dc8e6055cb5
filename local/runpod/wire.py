"""The stand-in's worker side: the wire protocol of runpod's SDK 1.12, under `/v2/{endpoint_id}`.

Also the webhook, which the service posts when a worker's answer ends a run.
"""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.runpod.runs import body_of
from local.runpod.state import Act, refused, standin_of
from local.runpod.worker import Worker

# The service holds a poll open for up to 90 s; shorter only costs a few more requests.
LONG_POLL_SECONDS = 25.0
LOOK_EVERY_SECONDS = 0.1
WEBHOOK_PAUSES_SECONDS = (0.0, 5.0, 15.0)


async def job_take(request: Request, worker: Worker) -> Response:
    standin = standin_of(request)
    worker.taking = True
    async for _ in looks(request, worker):
        if standin.fleet.scaling.paused:
            continue
        run = standin.runs.take(worker.endpoint_id, worker.id, standin.now())
        if run is not None:
            batch = "/job-take-batch/" in request.url.path
            return JSONResponse([run.delivery()] if batch else run.delivery())
    return Response(status_code=204)


async def job_stop(request: Request, worker: Worker) -> Response:
    standin = standin_of(request)
    async for _ in looks(request, worker):
        run_ids = standin.runs.stop_orders(worker.id)
        if run_ids:
            return JSONResponse({"jobsToStop": run_ids})
    return Response(status_code=204)


async def job_done(request: Request, worker: Worker) -> Response:
    """Take a result or progress; the SDK sends JSON under a form's content type."""
    standin = standin_of(request)
    body = body_of(await request.body())
    run = standin.runs.answer(request.path_params["run_id"], worker.id, body, standin.now())
    if run is None or run.webhook is None:
        return JSONResponse({})
    said = run.view(standin.now()) | {"input": run.input, "webhook": run.webhook}
    return JSONResponse({}, background=BackgroundTask(post_webhook, run.webhook, said))


async def job_stream(request: Request, _: Worker) -> Response:
    said = body_of(await request.body())
    standin_of(request).chunks.setdefault(request.path_params["run_id"], []).append(said)
    return JSONResponse({})


async def ping(request: Request, worker: Worker) -> Response:
    standin = standin_of(request)
    run_ids = request.query_params.get("job_id", "").split(",")
    standin.fleet.hear(worker, [run_id for run_id in run_ids if run_id], standin.now())
    return JSONResponse({})


async def looks(request: Request, worker: Worker) -> AsyncIterator[None]:
    """Yield while a long poll is worth answering: the caller is there and may have work."""
    for _ in range(round(LONG_POLL_SECONDS / LOOK_EVERY_SECONDS)):
        # A run handed to a closed connection would be lost until its silence is noticed.
        if worker.retired_at is not None or await request.is_disconnected():
            return
        yield
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def post_webhook(url: str, body: dict[str, Any]) -> None:
    """Post a final state, unsigned and at most three times, as the service does."""
    async with httpx.AsyncClient(timeout=10) as client:
        for pause_seconds in WEBHOOK_PAUSES_SECONDS:
            await asyncio.sleep(pause_seconds)
            with contextlib.suppress(httpx.HTTPError):
                if (await client.post(url, json=body)).is_success:
                    return


def of_worker(act: Callable[[Request, Worker], Awaitable[Response]]) -> Act:
    """Return `act` for a living worker that shows its own key."""

    async def known(request: Request) -> Response:
        worker = standin_of(request).fleet.workers.get(request.path_params["worker_id"])
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if worker is None or not hmac.compare_digest(given.encode(), worker.key.encode()):
            return refused(401, "unauthorized")
        return await act(request, worker)

    return known


CALLS: tuple[tuple[str, str, Callable[[Request, Worker], Awaitable[Response]]], ...] = (
    ("GET", "/job-take/{worker_id}", job_take),
    ("GET", "/job-take-batch/{worker_id}", job_take),
    ("GET", "/job-stop/{worker_id}", job_stop),
    ("POST", "/job-done/{worker_id}/{run_id}", job_done),
    ("POST", "/job-stream/{worker_id}/{run_id}", job_stream),
    ("GET", "/ping/{worker_id}", ping),
)


def worker_routes() -> list[Route]:
    """Return what workers call."""
    return [
        Route("/{endpoint_id}" + path, of_worker(act), methods=[method])
        for method, path, act in CALLS
    ]
