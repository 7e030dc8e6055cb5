"""A stand-in for RunPod: `python -m local.runpod`. Its job API to us, its wire protocol to workers.

The workers are real: processes running the real command of the image with RunPod's own SDK. What
it does not do: GPUs, images, and what a volume holds. Everything is on loopback and behind keys.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from local.processes.loopback import HOST, closed_by_parent, taken_ports
from local.runpod.api import job_routes
from local.runpod.control import control_routes
from local.runpod.management import management_routes
from local.runpod.resources import Resources, born_with
from local.runpod.runs import RunLimits, Runs
from local.runpod.state import StandIn
from local.runpod.wire import worker_routes
from local.runpod.worker import Fleet, Image, Scaling

TEND_EVERY_SECONDS = 0.2


async def tend(standin: StandIn) -> None:
    """Let time pass: expire, hand out again, scale; for ever."""
    while True:
        standin.runs.sweep(standin.now())
        await standin.fleet.tend(standin.endpoint_ids, standin.now())
        await asyncio.sleep(TEND_EVERY_SECONDS)


def application(standin: StandIn) -> Starlette:
    """Return the whole stand-in as an ASGI application; its workers end with it."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tending = asyncio.create_task(tend(standin))
        yield
        tending.cancel()
        await standin.fleet.close()

    app = Starlette(
        routes=[
            Mount("/v2", routes=[*job_routes(), *worker_routes()]),
            Mount("/management", routes=management_routes()),
            Mount("/_standin", routes=control_routes()),
        ],
        lifespan=lifespan,
    )
    app.state.standin = standin
    return app


async def serve(app: Starlette, port: int, *, leashed: bool) -> None:
    """Serve until told to stop; `leashed` adds: or until standard input ends."""
    config = uvicorn.Config(
        app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    if leashed:
        gone = asyncio.Event()
        watching = [
            asyncio.create_task(closed_by_parent(gone)),
            asyncio.create_task(gone.wait()),
        ]
        await asyncio.wait({serving, watching[1]}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        for task in watching:
            task.cancel()
    await serving


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key-file", type=Path, required=True, help="the API key, first line")
    parser.add_argument("--endpoints", required=True, help="endpoint ids, separated by commas")
    parser.add_argument("--secrets", default="hf_token", help="names, separated by commas")
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--worker-env", type=json.loads, default={}, help="JSON object")
    parser.add_argument("--max-workers", type=int, default=Scaling.max_workers)
    parser.add_argument("--leashed", action="store_true", help="stop when standard input ends")
    parser.add_argument("command", nargs="*", help="what a worker runs, after --")
    return parser.parse_args(arguments)


def main() -> None:
    options = parsed()
    if taken_ports((options.port,)):
        sys.exit(f"port {options.port} is taken; choose another by BRIGHTRUN_RUNPOD_PORT")
    command = options.command or [sys.executable, "-u", "-m", "trainer_image.handler"]
    runs = Runs(RunLimits())
    image = Image(command, Path.cwd(), options.logs, options.worker_env)
    scaling = Scaling(max_workers=options.max_workers)
    fleet = Fleet(image, scaling, runs, f"http://{HOST}:{options.port}/v2")
    key = options.key_file.read_text().splitlines()[0]
    endpoints = born_with(options.endpoints.split(","))
    standin = StandIn(key, Resources(endpoints, secrets=options.secrets.split(",")), runs, fleet)
    asyncio.run(serve(application(standin), options.port, leashed=options.leashed))


if __name__ == "__main__":
    main()
