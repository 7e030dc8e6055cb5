"""A request for a new job like an earlier one, with some of its choices made anew. Pure."""

from pydantic import ValidationError

from brightrun.errors import InvalidRequest
from brightrun.jobs.creation.requests import CloneRequest, CreateJobRequest
from brightrun.jobs.record import Job
from brightrun.training.configuration import Preset


def cloned_request(old: Job, request: CloneRequest) -> CreateJobRequest:
    """Return the request that makes a job like `old`, with today's price and base weights.

    Raises:
        InvalidRequest: an override is unknown or out of its limits; it is named.
    """
    wanted = request.overrides
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
        **({} if old.has_default_budget else {"max_cost": old.max_cost}),
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
