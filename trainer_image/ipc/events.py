"""What the training process tells its parent: one JSON object per line. Pure.

The child writes these to its standard output and nothing else goes there.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from brightrun.records import Request
from brightrun.training.protocol import Point, RunFailure, RunSummary, Stage


class StageReached(Request):
    """A new stage begins; `total_steps` is known from the plan on."""

    event: Literal["stage"] = "stage"
    stage: Stage
    total_steps: int = 0


class StepTaken(Request):
    """One optimizer step is done (counted from 1)."""

    event: Literal["step"] = "step"
    point: Point
    total_steps: int
    eta_seconds: float | None = None


class Beat(Request):
    """Something has got on: a micro-step, a part of the weights, a scored batch."""

    event: Literal["beat"] = "beat"


class LineWritten(Request):
    """Something the owner may want to read in the log."""

    event: Literal["line"] = "line"
    level: Literal["info", "warning", "error"] = "info"
    message: str


class CheckpointSaved(Request):
    """A resumable state is complete on disk, in `directory`."""

    event: Literal["checkpoint"] = "checkpoint"
    step: int
    directory: str


class RunFinished(Request):
    """Every file is written and verified, in `directory`."""

    event: Literal["finished"] = "finished"
    directory: str
    summary: RunSummary


class RunHalted(Request):
    """The run stopped because it was told to; the last checkpoint holds `step` steps."""

    event: Literal["stopped"] = "stopped"
    step: int


class RunBroken(Request):
    """The run failed; no file of it is to be kept."""

    event: Literal["failed"] = "failed"
    failure: RunFailure


Event = Annotated[
    StageReached
    | StepTaken
    | Beat
    | LineWritten
    | CheckpointSaved
    | RunFinished
    | RunHalted
    | RunBroken,
    Field(discriminator="event"),
]

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def parse_event(line: bytes) -> Event:
    """Return the event of one line.

    Raises:
        pydantic.ValidationError: the line is not an event of ours.
    """
    return _EVENT.validate_json(line)
