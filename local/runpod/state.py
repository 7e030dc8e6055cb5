"""What the stand-in's three interfaces share, and how they find it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.runpod.resources import Resources
from local.runpod.runs import Runs
from local.runpod.worker import Fleet

Act = Callable[[Request], Awaitable[Response]]


@dataclass
class Fault:
    """The next answers to one call are spoiled: a job call by its word, a management call by both.

    Attributes:
        performed: the call is carried out all the same; only its answer is lost.
    """

    call: str
    times: int = 1
    status: int = 502
    performed: bool = False


@dataclass
class StandIn:
    """Everything the stand-in knows.

    Attributes:
        chunks: what generator handlers sent and nobody has streamed yet, by run.
    """

    key: str
    resources: Resources
    runs: Runs
    fleet: Fleet
    faults: list[Fault] = field(default_factory=list)
    chunks: dict[str, list[Any]] = field(default_factory=dict)
    now: Callable[[], float] = time.monotonic

    @property
    def endpoint_ids(self) -> tuple[str, ...]:
        return tuple(self.resources.endpoints)

    def next_fault(self, call: str) -> Fault | None:
        """Return the fault that was asked for this call, once less often from now on."""
        fault = next((fault for fault in self.faults if fault.call == call), None)
        if fault is not None:
            fault.times -= 1
            self.faults = [left for left in self.faults if left.times > 0]
        return fault


def standin_of(request: Request) -> StandIn:
    """Return the stand-in a request was made to."""
    standin: StandIn = request.app.state.standin
    return standin


def refused(status: int, message: str) -> Response:
    """Return an error answer; of the real ones only the code is known."""
    return JSONResponse({"error": message}, status_code=status)
