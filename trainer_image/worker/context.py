"""Where an attempt runs, and how it ended for this worker. Pure."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from brightrun.training.protocol import RunFailure
from trainer_image.machine.gpu import Gpus, find_gpus
from trainer_image.worker.settings import WorkerSettings

Outcome = Literal["succeeded", "failed", "stopped", "superseded"]


@dataclass(frozen=True, slots=True)
class Worker:
    """Where this attempt runs.

    Attributes:
        environment: what the training process gets, after scrubbing.
        look: asks the driver again.
        clock: seconds, from wherever.
    """

    settings: WorkerSettings
    gpus: Gpus
    worker_id: str
    environment: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    look: Callable[[], Gpus] = find_gpus
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the attempt ended for this worker; `failure` is set when it failed."""

    outcome: Outcome
    failure: RunFailure | None = None
