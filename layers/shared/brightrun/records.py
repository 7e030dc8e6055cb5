"""What every stored record and every request has in common. Pure."""

from datetime import UTC, datetime
from typing import Annotated, NewType

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    WithJsonSchema,
)

UserId = NewType("UserId", str)


def iso(moment: datetime) -> str:
    """Return an aware UTC time as ISO 8601 with microseconds, so that text order is time order."""
    # not strftime: it writes the year 1 as "1", which nothing reads back
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is no time in UTC") from error


Moment = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware UTC time; in JSON and in the table always with microseconds and `Z`."""


class Record(BaseModel):
    """A stored fact. Frozen; unknown stored fields are ignored, so that a roll-back can read."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")


class Request(BaseModel):
    """What a caller sends. An unknown field is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
