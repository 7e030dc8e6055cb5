"""A stand-in for RunPod in a process of its own, and a client for it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

KEY = "standin-test-key"
ROOT = Path(__file__).parents[3]
WORKER = Path(__file__).with_name("small_worker.py")
ENDPOINTS = [f"endpoint-{number}" for number in range(20)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(claim: Callable[[], Any], within_seconds: float = 25.0) -> Any:
    deadline = time.monotonic() + within_seconds
    while not (result := claim()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_seconds} s")
        time.sleep(0.05)
    return result


class Rented:
    """A running stand-in and a client for it."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        key_file = folder / "key"
        key_file.write_text(KEY)
        command = [sys.executable, "-m", "local.runpod", "--port", str(port), "--leashed"]
        command += ["--key-file", str(key_file), "--endpoints", ",".join(ENDPOINTS)]
        command += ["--logs", str(folder), "--worker-env", json.dumps({"BRIGHTRUN_MARK": "1"})]
        command += ["--", sys.executable, "-u", str(WORKER)]
        secret = {"AWS_SECRET_ACCESS_KEY": "must not reach a worker"}
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, stdin=subprocess.PIPE, env={"PATH": "/usr/bin:/bin", **secret}
        )
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {KEY}"}
        )
        eventually(self.answers)
        self.set(ping_ms=1000, lost_seconds=3.0, idle_seconds=600.0)

    def answers(self) -> bool:
        try:
            return self.client.get("/_standin/state").is_success
        except httpx.HTTPError:
            return False

    def set(self, **settings: object) -> None:
        assert self.client.patch("/_standin/settings", json=settings).is_success

    def run(self, endpoint: str, asked: dict[str, Any], **more: object) -> str:
        answer = self.client.post(f"/v2/{endpoint}/run", json={"input": asked, **more})
        assert answer.status_code == 200
        return str(answer.json()["id"])

    def status(self, endpoint: str, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(f"/v2/{endpoint}/status/{run_id}").json()
        return answer

    def until(self, endpoint: str, run_id: str, status: str) -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            seen = self.status(endpoint, run_id)
            return seen if seen["status"] == status else None

        found: dict[str, Any] = eventually(reached)
        return found

    def workers(self, endpoint: str) -> list[dict[str, Any]]:
        state = self.client.get("/_standin/state").json()
        return [worker for worker in state["workers"] if worker["endpoint_id"] == endpoint]

    def answers_of(self, run_id: str) -> list[dict[str, Any]]:
        runs = self.client.get("/_standin/state").json()["runs"]
        (found,) = (run["answers"] for run in runs if run["id"] == run_id)
        return list(found)

    def close(self) -> None:
        self.client.close()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(10)
