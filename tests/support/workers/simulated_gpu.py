"""A GPU worker as a script of small steps, so that anything may happen between two of them."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Literal

from brightrun.errors import PlatformError, Superseded
from brightrun.s3_keys import REQUIRED_FILES, TERMINAL
from brightrun.training import protocol
from tests.support.fault_injection import Killed
from tests.support.file_server import FileServer
from tests.support.harness import Worker
from tests.support.workers.pretended_runpod import Run

STEPS = 10
LARGE_FILE = "adapter_model.safetensors"
"""Goes up in parts, like checkpoints: as if it had gigabytes."""


class ApiUnreachable(Exception):
    """No usable answer within all tries."""


@dataclass(repr=False)
class GpuWorker:
    """A process on a GPU; it ends with its run, and its run with it.

    Attributes:
        granted: it was let in, and may train until it hears otherwise.
        is_busy: it waits for an answer; nobody else can make it move.
    """

    words: Worker
    script: "Script"
    granted: bool = False
    was_granted: bool = False
    is_over: bool = False
    is_busy: bool = False
    points: list[protocol.Point] = field(default_factory=list)
    steps: Generator[None] | None = None

    def __repr__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.words.worker_id} of {self.run.id}"

    @property
    def run(self) -> Run:
        return self.words.run

    @property
    def is_alive(self) -> bool:
        """Whether its process runs: a cancelled run takes it along, an answered one does not."""
        return not self.is_over and self.run.status in {"IN_PROGRESS", "COMPLETED"}

    @property
    def is_training(self) -> bool:
        return self.granted and self.is_alive

    @property
    def seconds(self) -> float:
        """How long it has held its GPU."""
        picked_up = self.run.picked_up_at
        now = self.words.world.clock.now
        return 0.0 if picked_up is None else (now - picked_up).total_seconds()

    def step(self) -> None:
        """Take one step of the script; whatever ends it, ends the run at the provider too."""
        self.steps = self.steps or self.script(self)
        self.is_busy = True
        try:
            next(self.steps)
        except StopIteration:
            self.leave("COMPLETED")
        except Superseded:
            self.granted = False
            self.leave("COMPLETED")
        except (Killed, ApiUnreachable, PlatformError):
            self.leave("FAILED")
        finally:
            self.is_busy = False

    def let_in(self) -> protocol.StartAnswer:
        """Ask to be let in, and train from then on."""
        answer = self.words.start()
        self.granted = self.was_granted = True
        return answer

    def leave(self, status: str) -> None:
        """End at the provider, unless the provider ended it first."""
        self.is_over = True
        if self.run.status == "IN_PROGRESS":
            self.words.leaves(self.seconds, status)

    def report(self, step: int) -> bool:
        """Tell all that was not received yet; return whether to go on."""
        try:
            answer = self.words.report(
                points=self.points, step=step, total_steps=STEPS,
                execution_seconds=self.seconds,
            )  # fmt: skip
        except ApiUnreachable:
            return True
        self.points = []
        return answer.action == "continue"

    def trains(self, first: int, last: int) -> bool:
        """Train some steps whose loss falls; return whether to go on."""
        self.points += [
            protocol.Point(
                step=step, epoch=step / STEPS, timestamp=self.words.world.clock.now,
                training_loss=0.3 + 2.7 / step,
            )
            for step in range(first, last + 1)
        ]  # fmt: skip
        return self.report(last)

    def finish(
        self,
        outcome: Literal["succeeded", "failed", "stopped"],
        manifest: list[Any] | None = None,
        code: str | None = None,
    ) -> None:
        """Leave the verdict in storage, then tell it."""
        error = None if code is None else {"code": code, "message": f"because of {code}"}
        verdict = protocol.FinishRequest.model_validate(
            {"outcome": outcome, "execution_seconds": self.seconds, "manifest": manifest or [],
             "error": error}
        )  # fmt: skip
        self.words.stores({TERMINAL: verdict.model_dump_json().encode()})
        self.words.tells(verdict)


Script = Callable[[GpuWorker], Generator[None]]


def fetch_and_train(worker: GpuWorker) -> Generator[None]:
    """Start, train in two halves with a checkpoint between, store the files, say so."""
    answer = worker.let_in()
    yield
    done = answer.resume_from.step if answer.resume_from else 0
    half = STEPS // 2
    if done < half:
        if not worker.trains(1, half):
            worker.finish("stopped")
            return
        yield
        while worker.points and worker.report(half) and worker.points:
            yield  # a checkpoint is told of once the curve up to it has arrived
        worker.words.checkpoints(half, in_parts=True)
        yield
    if not worker.trains(half + 1, STEPS):
        worker.finish("stopped")
        return
    yield
    files = {name: json.dumps([name, worker.run.id]).encode() for name in REQUIRED_FILES}
    large = {LARGE_FILE: files.pop(LARGE_FILE)}
    manifest = worker.words.stores(files) + worker.words.stores(large, in_parts=True)
    while worker.points and worker.report(STEPS) and worker.points:
        yield
    worker.finish("succeeded", manifest)


def leave_at_addresses(worker: GpuWorker) -> Generator[None]:
    """A worker other than ours: it trains, and its answer to RunPod says where its files are."""
    worker.let_in()
    yield
    for first in (1, STEPS // 2 + 1):
        if not worker.trains(first, first + STEPS // 2 - 1):
            worker.finish("stopped")
            return
        yield
    while worker.points and worker.report(STEPS) and worker.points:
        yield
    worker.run.output = {"download_urls": FileServer().urls(), "model_metadata": {}}


def run_out_of_memory(worker: GpuWorker) -> Generator[None]:
    """Start, train a little, and say that the GPU is too small."""
    worker.let_in()
    yield
    worker.trains(1, 2)
    yield
    worker.finish("failed", code="out_of_memory")


def die_once(worker: GpuWorker) -> Generator[None]:
    """As `fetch_and_train`, but the first worker of a job dies after its checkpoint."""
    steps = fetch_and_train(worker)
    for taken, _ in enumerate(steps):
        yield
        if worker.words.attempt == 1 and taken == 2:
            raise Killed
