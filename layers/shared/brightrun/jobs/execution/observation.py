"""What was found out about the newest attempt of a job, in one look. Pure."""

from dataclasses import dataclass
from datetime import datetime

from brightrun.clock import Clock
from brightrun.jobs.execution.provider import ProviderRun
from brightrun.jobs.record import Attempt, StoredCheckpoint
from brightrun.training.protocol import FinishRequest


@dataclass(frozen=True)
class Observation:
    """What was found out about the newest attempt.

    Attributes:
        seen: the provider's answer; None when the run's id is not known.
        terminal: the worker's verdict, from its `finish` or from staging's `terminal.json`.
        waiting: why a run that waits long for a GPU does, in words.
        crash_loop: whether the endpoint's workers end before they take a job.
        listening_since: since when a worker could be heard without a break; None: always.
        kept: the newest checkpoint of the attempt that lies whole in storage.
    """

    seen: ProviderRun | None
    terminal: FinishRequest | None = None
    waiting: str | None = None
    crash_loop: bool = False
    listening_since: datetime | None = None
    kept: StoredCheckpoint | None = None


def age_of(attempt: Attempt, clock: Clock) -> float:
    """Return for how many seconds an attempt has been submitted, or else known."""
    return (clock.at - (attempt.submitted_at or attempt.created_at)).total_seconds()
