"""A command line on the whole pipeline in this process: while it sleeps, the pipeline works."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from brightrun.cli.main import main
from brightrun.cli.session import Session
from functions.validate_dataset import app as validate_dataset
from tests.support.api.client_wires import ENVIRON, Storage, api_transport, calling
from tests.support.api.http_calls import Answer
from tests.support.harness import Worker, World

Act = Callable[["Pipeline"], object]


@dataclass
class Pipeline:
    """`acts` happen one after another, one for each time that the command waits for a job."""

    world: World
    folder: Path
    storage: Storage
    acts: list[Act] = field(default_factory=list)
    confirms: Callable[[str], bool] | None = None

    def api(self, route: str, body: object = None, **how: Any) -> Answer:
        """Call the API as Ada."""
        return calling(self.world.deps)(route, body, **how)

    def run(self, *words: object) -> int:
        """Run a command and return its exit status."""
        return main([str(word) for word in words], self.session())

    def session(self) -> Session:
        """Return a session whose sleep lets the pipeline work."""
        return Session(
            ENVIRON,
            self.folder / "config.toml",
            transport=api_transport(self.api),
            storage_transport=httpx.MockTransport(self.storage.handle),
            sleep=self._meanwhile,
            now=lambda: self.world.clock.now,
            confirm=self.confirms,
        )

    def worker(self) -> Worker:
        """Return the worker of the newest run."""
        return self.world.worker(list(self.world.runpod.runs)[-1])

    def _meanwhile(self, seconds: float) -> None:
        validate_dataset.handle({}, None, self.world.deps)
        jobs = self.api("GET /api/jobs").data["jobs"]
        if self.acts and any(job["completed_at"] is None for job in jobs):
            self.acts.pop(0)(self)
        self.world.wait(seconds)


def starts(pipeline: Pipeline) -> None:
    """The worker begins."""
    pipeline.worker().start()


def trains(pipeline: Pipeline) -> None:
    """The worker takes half of its steps."""
    pipeline.worker().trains(range(1, 6), seconds=10)


def finishes(pipeline: Pipeline) -> None:
    """The worker delivers a model."""
    pipeline.worker().finishes()


def fails(pipeline: Pipeline) -> None:
    """The worker gives up."""
    pipeline.worker().fails("out_of_memory")


TO_A_MODEL: tuple[Act, ...] = (lambda _: None, starts, trains, finishes)
