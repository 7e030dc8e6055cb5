"""Where an attempt runs, and how it ended for this worker. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from brightrun.training.protocol import RunFailure
from trainer_image.machine.gpu import Gpus
from trainer_image.worker.settings import WorkerSettings

Outcome = Literal["succeeded", "failed", "stopped", "superseded"]


@dataclass(frozen=True, slots=True)
class Worker:
    """Where this attempt runs.

    Attributes:
        environment: what the training process gets, after scrubbing.
    """

    settings: WorkerSettings
    gpus: Gpus
    worker_id: str
    environment: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the attempt ended for this worker; `failure` is set when it failed."""

    outcome: Outcome
    failure: RunFailure | None = None
