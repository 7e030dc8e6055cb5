"""When a training process has to be ended by force. Pure: it is told the time."""

from dataclasses import dataclass
from enum import StrEnum

from trainer_image.ipc.events import Beat, CheckpointSaved, Event, StageReached, StepTaken

_SIGNS = (Beat, CheckpointSaved, StageReached, StepTaken)
"""What a process says that gets on. A line of its log is none: a hung library writes those too."""


class Overdue(StrEnum):
    """Why a process is ended by force."""

    STALLED = "stalled"
    STOPPING = "stopping"


@dataclass(slots=True)
class Watchdog:
    """One training process, and what is expected of it; times are seconds of one clock.

    Attributes:
        stall_seconds: longest time without a sign of progress.
        grace_seconds: longest time from being asked to stop until it has ended.
        stop_asked_at: None until it is asked to stop.
    """

    stall_seconds: float
    grace_seconds: float
    stop_asked_at: float | None = None
    _heard_at: float | None = None

    def begin(self, now: float) -> None:
        """The process has been started."""
        self._heard_at = now

    def hear(self, event: Event, now: float) -> None:
        """Take in what it says."""
        if isinstance(event, _SIGNS):
            self._heard_at = now

    def end(self) -> None:
        """The process is gone: nothing is expected of it any more."""
        self._heard_at = None

    def overdue(self, now: float) -> Overdue | None:
        """Return why the process must be ended now, if it must."""
        if self._heard_at is None:
            return None
        if self.stop_asked_at is not None and now - self.stop_asked_at > self.grace_seconds:
            return Overdue.STOPPING
        if now - self._heard_at > self.stall_seconds:
            return Overdue.STALLED
        return None
