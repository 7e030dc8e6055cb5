"""How fast this process trains, its first step apart: that one compiles and loads kernels.

Counted in, 750 steps of a fifth of a second are announced as hours, and the estimates that learn
from the run are a tenth too slow. Pure.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Steps of one process.

    Attributes:
        before_seconds: training time of the processes before it.
        first_ended_at: when its first step was done with all that belongs to it.
    """

    before_seconds: float = 0.0
    first_ended_at: float | None = None
    _first: tuple[int, float] | None = None
    _steps: int = 0
    _tokens: int = 0
    _seconds: float = 0.0

    def take(self, tokens: int, seconds: float) -> None:
        """Note one step."""
        if self._first is None:
            self._first = (tokens, seconds)
            return
        self._steps += 1
        self._tokens += tokens
        self._seconds += seconds

    @property
    def training_seconds(self) -> float:
        """Return the time of all steps, the first one taken to be as fast as the others."""
        if self._first is None:
            return self.before_seconds
        tokens, seconds = self._first
        if self._steps:
            seconds = min(seconds, tokens * self._seconds / self._tokens)
        return self.before_seconds + seconds + self._seconds

    def eta_seconds(self, steps_left: int, now: float) -> float | None:
        """Return the time until the last step, as things went; None after the first step alone."""
        if not steps_left:
            return 0.0
        if self.first_ended_at is None:
            self.first_ended_at = now
        if not self._steps:
            return None
        return (now - self.first_ended_at) / self._steps * steps_left
