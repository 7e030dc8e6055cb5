"""What is to be reported next: gathered from events, cut into reports, kept until received."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Literal

from brightrun.training.protocol import (
    MAX_LINES_PER_REPORT,
    MAX_POINTS_PER_REPORT,
    LogLine,
    Point,
    ReportRequest,
    Stage,
)
from trainer_image.ipc.events import Event, LineWritten, StageReached, StepTaken

MOST_LINES_WAITING = 400
MOST_POINTS_WAITING = 20_000
"""While our API is away, lines beyond this are dropped oldest first; the run goes on."""
LONGEST_LINE = 2000


@dataclass(slots=True)
class ReportQueue:
    """The worker's state as the owner should see it.

    `clock` gives seconds, `now` the time of day; both are passed in so that tests choose them.
    """

    clock: Callable[[], float]
    now: Callable[[], datetime]
    began: float = field(init=False)
    stage: Stage = Stage.DOWNLOADING_DATASET
    step: int = 0
    total_steps: int = 0
    epoch: float = 0.0
    eta_seconds: float | None = None
    _sequence: int = 0
    _points: deque[Point] = field(default_factory=lambda: deque(maxlen=MOST_POINTS_WAITING))
    _lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=MOST_LINES_WAITING))
    _unsent: ReportRequest | None = None

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def execution_seconds(self) -> float:
        return max(0.0, self.clock() - self.began)

    @property
    def has_news(self) -> bool:
        """Whether a report would carry more than a heartbeat."""
        return bool(self._points or self._lines or self._unsent)

    def note(self, event: Event) -> None:
        """Take in one event of the training process."""
        match event:
            case StageReached():
                self.enter(event.stage)
                self.total_steps = event.total_steps or self.total_steps
            case StepTaken():
                self._points.append(event.point)
                self.step, self.epoch = event.point.step, event.point.epoch
                self.total_steps, self.eta_seconds = event.total_steps, event.eta_seconds
            case LineWritten():
                self.say(event.message, event.level)
            case _:
                pass

    def enter(self, stage: Stage) -> None:
        """Move to `stage`, and say so in the log."""
        self.stage = stage
        self.say(f"{stage.value.replace('_', ' ')}")

    def say(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Add one line to the log."""
        self._lines.append(LogLine(time=self.now(), level=level, message=message[:LONGEST_LINE]))

    def next_report(self) -> ReportRequest:
        """Return the report to send: the one that was not received, or a new one."""
        if self._unsent is None:
            self._unsent = ReportRequest(
                sequence=self._sequence,
                stage=self.stage,
                progress_percent=self._progress_percent(),
                step=self.step,
                total_steps=self.total_steps,
                epoch=self.epoch,
                eta_seconds=self.eta_seconds,
                execution_seconds=self.execution_seconds,
                points=tuple(islice(self._points, MAX_POINTS_PER_REPORT)),
                lines=tuple(islice(self._lines, MAX_LINES_PER_REPORT)),
            )
            for _ in self._unsent.points:
                self._points.popleft()
            for _ in self._unsent.lines:
                self._lines.popleft()
            self._sequence += 1
        return self._unsent

    def received(self) -> None:
        """The last report arrived: the next one will be new."""
        self._unsent = None

    def has_told(self, step: int) -> bool:
        """Whether every point up to `step` was received."""
        sent, waiting = self._unsent.points if self._unsent else (), self._points
        return not any(points and points[0].step <= step for points in (sent, waiting))

    def _progress_percent(self) -> float:
        """Training is nearly all of a run; the last percent is evaluation, saving, uploading."""
        if self.stage is Stage.COMPLETED:
            return 100.0
        return 99.0 * self.step / self.total_steps if self.total_steps else 0.0
