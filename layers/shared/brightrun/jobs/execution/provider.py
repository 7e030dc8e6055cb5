"""What a GPU provider can be seen doing with a run, in our words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """Every answer a provider can give; GONE is what a 404 means: ask our own storage."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    GONE = "gone"


STOPPED = frozenset(
    {
        RunState.COMPLETED,
        RunState.FAILED,
        RunState.CANCELLED,
        RunState.TIMED_OUT,
        RunState.GONE,
    }
)
"""In these no GPU works on the run any more."""


@dataclass(frozen=True)
class ProviderRun:
    """One answer of the provider about one run.

    Attributes:
        gpu_seconds: the provider's execution time, without its queue; None if it does not say.
        error: its text; shown, never interpreted.
        output: what the worker answered it, as it came.
    """

    state: RunState
    gpu_seconds: float | None = None
    worker_id: str | None = None
    error: str | None = None
    output: Mapping[str, object] | None = None
