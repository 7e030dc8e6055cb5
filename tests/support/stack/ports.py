"""A local stack of a test's own: free ports, its own home; and waiting for a claim to hold."""

import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.settings import LocalSettings, read_settings

NO_WORKER = (sys.executable, "-c", "import time; time.sleep(600)")
"""A worker that takes no job."""
UNHURRIED = {"CallsPerSecond": "1000", "CallsAtOnce": "10000"}
"""Of the template, where one user makes the calls of many."""


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def own_settings(home: Path) -> LocalSettings:
    front, aws, runpod = free_ports(3)
    return replace(read_settings({}), home=home, front_port=front, aws_port=aws, runpod_port=runpod)


def eventually(claim: Callable[[], Any], within_seconds: float = 15.0) -> Any:
    deadline = time.monotonic() + within_seconds
    while not (result := claim()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_seconds} s")
        time.sleep(0.1)
    return result
