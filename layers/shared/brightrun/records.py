"""What every stored record and every request has in common. Pure."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
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


_BUILDING = threading.RLock()


class DeferredModel(BaseModel):
    """A model whose validator is built when it is first needed: an import builds none of 300.

    Pydantic alone would have two threads take a class apart while the other uses it.
    """

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def model_rebuild(cls, **how: Any) -> bool | None:  # noqa: ANN401 - pydantic's own keywords
        """Build it, one thread at a time; None when another already has."""
        # annotations are known where a class is defined: nobody's local names are looked at
        with _BUILDING:
            return super().model_rebuild(**{**how, "_parent_namespace_depth": 0})


class Record(DeferredModel):
    """A stored fact. Frozen; unknown stored fields are ignored, so that a roll-back can read."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")


class Request(DeferredModel):
    """What a caller sends. An unknown field is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OwnersRequest(Request):
    """What a person or their program sends, where nothing is coerced.

    A number is a number, never a text or a truth value, and a truth value is nothing else.
    """

    @field_validator("*", mode="before")
    @classmethod
    def _is_not_coerced(cls, given: object, info: ValidationInfo) -> object:
        _refuse_coerced(cls.model_fields[info.field_name or ""].annotation, given)
        return given


def _refuse_coerced(annotation: object, given: object) -> None:
    """Return if a value is of its kind as it came, and so is what it holds."""
    kinds = _kinds_of(annotation)
    if kinds & _NUMBERS and bool not in kinds and isinstance(given, bool):
        raise ValueError("must be a number, not a truth value")
    if kinds & _NUMBERS and str not in kinds and isinstance(given, str):
        raise ValueError("must be a number, not a text")
    if kinds == {bool} and not isinstance(given, bool | None):
        raise ValueError("must be true or false")
    for kind in kinds:
        _refuse_coerced_within(kind, given)


def _refuse_coerced_within(kind: object, given: object) -> None:
    if get_origin(kind) is dict and isinstance(given, dict):
        for value in given.values():
            _refuse_coerced(get_args(kind)[1], value)
    elif get_origin(kind) is tuple and isinstance(given, list | tuple):
        for value in given:
            _refuse_coerced(get_args(kind)[0], value)


_NUMBERS = frozenset({int, float, Decimal})


def _kinds_of(annotation: object) -> set[object]:
    """Return the plain types of an annotation, those of a union each; null is none of them."""
    parts = get_args(annotation)
    if get_origin(annotation) in {Union, UnionType}:
        return {kind for part in parts for kind in _kinds_of(part)} - {type(None)}
    if get_origin(annotation) is Annotated:
        return _kinds_of(parts[0])
    return {annotation}
