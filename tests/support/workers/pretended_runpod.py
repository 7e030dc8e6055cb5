"""A pretended RunPod in this process: its job API and its REST v2, with their real words."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.support.factories import NOON


@dataclass
class Run:
    """One run as the pretended RunPod keeps it."""

    id: str
    input: dict[str, Any]
    policy: dict[str, int]
    status: str = "IN_QUEUE"
    execution_ms: int = 0
    output: dict[str, Any] | None = None
    cancelled: bool = False
    submitted_at: datetime = NOON
    picked_up_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether it holds a GPU or waits for one."""
        return self.status in {"IN_QUEUE", "IN_PROGRESS"}


@dataclass
class PretendedRunPod:
    """RunPod's job API with its real words; a test sets states and breaks calls."""

    runs: dict[str, Run] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    answer_instead: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    lose_answers: bool = False
    now: Callable[[], datetime] = lambda: NOON
    submitted: int = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        _, _, call, *rest = request.url.path.split("/")
        self.calls.append(call)
        if (instead := self.answer_instead(request)) is not None:
            return instead
        if call == "health":
            return httpx.Response(200, json=self._health())
        answer = self._run(request) if call == "run" else self._about(call, rest[0])
        if self.lose_answers:
            raise httpx.ReadTimeout("lost on the way", request=request)
        return answer

    def _run(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.submitted += 1
        run = Run(f"run-{self.submitted}", body["input"], body["policy"], submitted_at=self.now())
        self.runs[run.id] = run
        return httpx.Response(200, json={"id": run.id, "status": run.status})

    def _health(self) -> dict[str, dict[str, int]]:
        """Say what every endpoint says: how many runs wait, and how many GPUs work."""
        states = [run.status for run in self.runs.values()]
        waiting, working = states.count("IN_QUEUE"), states.count("IN_PROGRESS")
        return {
            "jobs": {"inQueue": waiting, "inProgress": working},
            "workers": {"idle": 0, "initializing": 0, "running": working, "unhealthy": 0},
        }

    def _about(self, call: str, run_id: str) -> httpx.Response:
        run = self.runs.get(run_id)
        if run is None:
            return httpx.Response(404)
        if call == "cancel":
            run.cancelled = True
            if run.is_active:
                run.status = "CANCELLED"
        shown = {"id": run.id, "status": run.status, "executionTime": run.execution_ms}
        shown |= {} if run.output is None else {"output": run.output}
        return httpx.Response(200, json=shown)


@dataclass
class Management:
    """RunPod's REST v2, for one endpoint; `broken` answers instead."""

    highest: int = 3
    summary: dict[str, int] = field(default_factory=dict)
    obeys: bool = True
    broken: Callable[[httpx.Request], httpx.Response] | None = None
    calls: list[str] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        if self.broken is not None:
            return self.broken(request)
        if request.method == "PATCH" and self.obeys:
            self.highest = json.loads(request.content)["workers"]["max"]
        if request.url.path.endswith("/workers"):
            return httpx.Response(200, json={"workers": [], "summary": self.summary})
        workers = {"min": 0, "max": self.highest, "idleTimeout": 10}
        return httpx.Response(200, json={"id": "endpoint-a100", "workers": workers})
