"""The stand-in's management API in this process, spoken to by the client that deploys use."""

import asyncio
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from brightrun.ports.runpod.resources import Management
from local.runpod.management import management_routes
from local.runpod.resources import Resources
from local.runpod.runs import RunLimits, Runs
from local.runpod.state import Fault, StandIn
from local.runpod.worker import Fleet, Image, Scaling

KEY = "management-key"
ADDRESS = "http://runpod.test/management"


class StandInAccount:
    """An account that holds nothing, and a client for it; a test breaks calls by name."""

    def __init__(self, *secrets: str) -> None:
        runs = Runs(RunLimits())
        fleet = Fleet(Image([], Path(), Path(), {}), Scaling(), runs, "http://runpod.test/v2")
        self.resources = Resources(secrets=list(secrets))
        self.standin = StandIn(KEY, self.resources, runs, fleet)
        self._app = Starlette(routes=[Mount("/management", routes=management_routes())])
        self._app.state.standin = self.standin
        self._transport = httpx.ASGITransport(app=self._app)
        self.waited: list[float] = []
        self.calls: list[str] = []
        self.client = self.client_with(KEY)
        self.api = Management(self.client, self.waited.append)

    def client_with(self, key: str) -> httpx.Client:
        return httpx.Client(
            base_url=ADDRESS,
            transport=httpx.MockTransport(self.answer),
            headers={"Authorization": f"Bearer {key}"},
        )

    def breaks(self, call: str, *, times: int = 1, status: int = 502, done: bool = False) -> None:
        self.standin.faults.append(Fault(call, times, status, performed=done))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path.removeprefix('/management/')}")

        async def asked() -> httpx.Response:
            answer = await self._transport.handle_async_request(
                httpx.Request(
                    request.method, request.url, headers=request.headers, content=request.content
                )
            )
            return httpx.Response(
                answer.status_code, headers=answer.headers, content=await answer.aread()
            )

        return asyncio.run(asked())
