"""How far a worker's words may reach: numbers within sense, text that reads as it is. Pure."""

import math
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from brightrun.plain_text import one_line, readable
from brightrun.records import DeferredModel

RUN_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"
"""A run's id stands in the provider's URLs: nothing that could lead elsewhere."""
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
"""A name and never a path."""
MAX_STEPS = 99_999_999
_BEYOND_SENSE = 1e12
_SHOWN_CHARACTERS = 4000


class WorkerMessage(DeferredModel):
    """What a worker says. What a newer worker adds is ignored: its work is done and paid for.

    The other direction is strict: a worker refuses a specification it does not know whole.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


def _measured(value: float | None) -> float | None:
    known = value is not None and math.isfinite(value) and abs(value) <= _BEYOND_SENSE
    return value if known else None


def _shown(text: str) -> str:
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return readable(cut)


Measure = Annotated[float | None, AfterValidator(_measured)]
"""What was measured, or null; what is no finite number within sense was not measured."""

Number = Annotated[float, Field(ge=-_BEYOND_SENSE, le=_BEYOND_SENSE, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=_BEYOND_SENSE, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**15)]
Step = Annotated[int, Field(ge=0, le=MAX_STEPS)]
Label = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
Message = Annotated[str, Field(max_length=2000), AfterValidator(readable)]
Text = Annotated[str, AfterValidator(_shown)]
"""A prompt or an answer as it is shown: four thousand characters of it."""
