"""One of several choices that are priced in one call. Pure."""

from pydantic import ValidationError

from brightrun.errors import InvalidRequest
from brightrun.jobs.creation.requests import EstimateRequest, EstimatesRequest, Variant


def variant_of(request: EstimatesRequest, variant: Variant, place: int) -> EstimateRequest:
    """Return the request with the variant's choices instead of its own.

    Another preset brings its own hyperparameters; the request's own edits are not carried over.

    Raises:
        InvalidRequest: a hyperparameter is unknown or out of its limits; it is named.
    """
    anew = variant.preset_id is not None
    edits = variant.hyperparameters or {}
    own = {} if anew else request.hyperparameters.model_dump(exclude_unset=True)
    if "rank" in edits:
        own.pop("alpha", None)
    gpu = variant.gpu_config or request.gpu_config
    wanted = {
        "dataset_id": request.dataset_id,
        "preset_id": variant.preset_id or request.preset_id,
        "gpu_config": gpu.model_dump(),
        "base_model": request.base_model,
        "hyperparameters": {**own, **edits},
    }
    try:
        return EstimateRequest.model_validate(wanted)
    except ValidationError as error:
        raise InvalidRequest(_fields(error, place)) from error


def _fields(error: ValidationError, place: int) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for found in error.errors(include_url=False):
        where = ".".join(str(part) for part in ("variants", place, *found["loc"]))
        fields.setdefault(where, []).append(found["msg"])
    return fields
