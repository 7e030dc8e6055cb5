"""A built function under AWS's own Lambda runtime, without Docker: what would ship, as it ships.

The emulator is the one that SAM CLI brings; the Python of `.venv-lambda` has nothing but what AWS
puts there, so that a package missing from the bundle shows. One request at a time: so the emulator
wants it.
"""

import json
import os
import platform
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.processes.loopback import HOST

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "build" / "bundle"
PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
COLD_START_SECONDS = 10.0
_LONGEST_SECONDS = 900.0


class NotBuilt(RuntimeError):
    """There is nothing to run; the message says what makes it."""


@dataclass(frozen=True)
class Built:
    """One function as `sam build` left it."""

    name: str
    handler: str
    timeout_seconds: int
    memory_mb: int


def built(function: str) -> Built:
    """Return a function out of the template that would be deployed.

    Raises:
        NotBuilt: nothing was built, or no such function.
    """
    from samtranslator.yaml_helper import yaml_parse  # noqa: PLC0415 - slow, and only here

    if not (BUILT / "template.yaml").exists() or not PYTHON.exists():
        raise NotBuilt("nothing was built for this machine; `make bundle` does that")
    resources = yaml_parse((BUILT / "template.yaml").read_text())["Resources"]
    if function not in resources:
        raise NotBuilt(f"the template has no {function}")
    found = resources[function]["Properties"]
    return Built(function, found["Handler"], int(found["Timeout"]), int(found["MemorySize"]))


@contextmanager
def running(
    function: Built, variables: Mapping[str, str], *, timeout_seconds: int | None = None
) -> Iterator[str]:
    """Give the address at which the function is invoked; its log lines go to stderr afterwards.

    Args:
        variables: the function's own, where AWS answers among them.
        timeout_seconds: what ends a call; its own time if not given.
    """
    code, layer, port = BUILT / function.name, BUILT / "SharedLayer" / "python", free_port()
    environment = {
        "PATH": os.defpath,
        "LAMBDA_TASK_ROOT": str(code),
        "PYTHONPATH": f"{code}:{layer}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_seconds or function.timeout_seconds),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        **variables,
    }
    command = [str(_emulator()), "--runtime-interface-emulator-address", f"{HOST}:{port}"]
    command += ["--runtime-api-address", f"{HOST}:{free_port()}"]
    command += [str(PYTHON), "-m", "awslambdaric", function.handler]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=code, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_for(port)
            yield f"http://{HOST}:{port}/2015-03-31/functions/function/invocations"
        finally:
            os.killpg(process.pid, 9)
            process.wait()


def invoke(url: str, event: Mapping[str, Any]) -> str:
    """Return what the function answers to an event, as it came."""
    return httpx.post(url, json=event, timeout=_LONGEST_SECONDS).text


def event(name: str) -> dict[str, Any]:
    """Return one of the events in `events/`.

    Raises:
        NotBuilt: there is none of that name.
    """
    folder = ROOT / "events"
    if not (folder / f"{name}.json").exists():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.json")))
        raise NotBuilt(f"there is no event {name!r}; there are {known}")
    read: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return read


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as asked:
        asked.bind((HOST, 0))
        port: int = asked.getsockname()[1]
        return port


def machine() -> str:
    """Return this machine's processor, as the parameter Arch has it."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def _emulator() -> Path:
    rie = f"aws-lambda-rie-{machine()}"
    (found,) = ROOT.glob(f".venv-sam/lib/python3*/site-packages/samcli/**/{rie}")
    return found


def _wait_for(port: int) -> None:
    until = time.monotonic() + COLD_START_SECONDS
    while time.monotonic() < until:
        with closing(socket.socket()) as tried:
            if tried.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise NotBuilt("the emulator did not start")
