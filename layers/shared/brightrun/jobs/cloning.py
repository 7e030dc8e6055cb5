"""A new job like an earlier one, with some of its choices made anew. Pure."""

from typing import Any

from pydantic import Field, ValidationError

from brightrun.errors import InvalidRequest
from brightrun.jobs.creation import CreateJobRequest
from brightrun.jobs.record import Job
from brightrun.records import Request
from brightrun.training.configuration import Preset

_MAX_OVERRIDES = 8


class CloneRequest(Request):
    """What to choose anew, by the names that creating a job has; everything else is as it was.

    A new `preset_id` brings its own hyperparameters; those named are changed one by one.
    """

    overrides: dict[str, Any] = Field(default_factory=dict, max_length=_MAX_OVERRIDES)


def cloned_order(old: Job, order: CloneRequest) -> CreateJobRequest:
    """Return the order that makes a job like `old`, with today's price and base weights.

    Raises:
        InvalidRequest: an override is unknown or out of its limits; it is named.
    """
    wanted = order.overrides
    edits = wanted.get("hyperparameters", {})
    anew = wanted.get("preset_id", old.preset_id) != old.preset_id
    known = {} if anew else old.hyperparameters.model_dump()
    if isinstance(edits, dict):
        if "rank" in edits:
            known.pop("alpha", None)
        edits = {**known, **edits}
    like = {
        "dataset_id": old.dataset_id,
        "preset_id": old.preset_id if not anew else Preset.CUSTOM,
        "gpu_config": old.gpu_config.model_dump(),
        "base_model": old.base_model,
        "max_cost": old.max_cost,
        "name": old.name,
    }
    try:
        return CreateJobRequest.model_validate({**like, **wanted, "hyperparameters": edits})
    except ValidationError as error:
        raise InvalidRequest(_fields(error)) from error


def _fields(error: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for found in error.errors(include_url=False):
        where = ".".join(str(part) for part in ("overrides", *found["loc"]))
        fields.setdefault(where, []).append(found["msg"])
    return fields
