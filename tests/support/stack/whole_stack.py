"""A running stack with hands on everything that may be broken."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from brightrun.client import BrightRun
from local import stack
from local.processes.children import start, stop


@dataclass(frozen=True)
class Whole:
    """A running stack, a client with its owner's key, and hands on the stand-in."""

    stack: stack.Stack
    api: BrightRun
    standin: httpx.Client
    base_model: Path

    def restart_the_cloud(self) -> None:
        """Stop the embedded AWS, in mid-training, and start it again from what it saved."""
        engine = stack.engine(self.stack.settings)
        stop(engine)
        start(engine, leashed=True)

    def workers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.standin.get("/_standin/state").raise_for_status().json()["workers"]
        )
        return found

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.standin.get("/_standin/state").raise_for_status().json()["runs"]
        )
        return found
