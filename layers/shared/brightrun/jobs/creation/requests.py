"""What a user sends to have a job priced, created, tried again or made anew. Pure.

The server computes the price; one sent by a client is only noted beside it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from brightrun.names import Name
from brightrun.records import OwnersRequest
from brightrun.training.configuration import PRESETS, GpuConfig, Hyperparameters, Preset

_MOST_USD = Decimal(1_000_000)
_MAX_OVERRIDES = 8
MOST_VARIANTS = 24


class EstimateRequest(OwnersRequest):
    """A dataset, hardware and hyperparameters; those not named are the preset's."""

    dataset_id: Annotated[str, Field(min_length=1, max_length=64)]
    preset_id: Preset = Preset.BALANCED
    gpu_config: GpuConfig
    hyperparameters: Hyperparameters = Hyperparameters()
    base_model: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _preset_fills_in(cls, given: object) -> object:
        """Whatever is malformed here is left for the fields to refuse."""
        if not isinstance(given, Mapping):
            return given
        name, edits = given.get("preset_id", Preset.BALANCED), given.get("hyperparameters", {})
        preset = PRESETS.get(name) if isinstance(name, str) else None  # type: ignore[call-overload]
        if preset is None or not isinstance(edits, Mapping):
            return given
        known = preset.model_dump(exclude_unset=True)
        if "rank" in edits:
            known.pop("alpha")
        return {**given, "hyperparameters": {**known, **edits}}


class Variant(OwnersRequest):
    """Another choice to be priced: what it does not name is as in the request itself."""

    preset_id: Preset | None = None
    gpu_config: GpuConfig | None = None
    hyperparameters: dict[str, Any] | None = None


class EstimatesRequest(EstimateRequest):
    """One choice to be priced, and other ones beside it in the same call."""

    variants: tuple[Variant, ...] = Field(default=(), max_length=MOST_VARIANTS)


class CreateJobRequest(EstimateRequest):
    """A job to be created.

    Attributes:
        max_cost: USD; it is paused before it costs more. Not named: twice the high estimate, at
            least one dollar. Null: no limit.
    """

    name: Name | None = None
    estimated_cost: Annotated[Decimal, Field(ge=0, le=_MOST_USD)] | None = None
    max_cost: Annotated[Decimal, Field(gt=0, le=_MOST_USD)] | None = None


class RetryRequest(OwnersRequest):
    """How to try again; everything else is as it was.

    Attributes:
        origin: called `from` in a request; without a checkpoint every retry begins anew.
    """

    origin: Annotated[Literal["checkpoint", "beginning"], Field(validation_alias="from")] = (
        "checkpoint"
    )
    name: Name | None = None
    max_cost: Annotated[Decimal, Field(gt=0, le=_MOST_USD)] | None = None


class ChangeJobRequest(OwnersRequest):
    """What may be changed of a job that has not ended.

    Attributes:
        max_cost: null takes the limit away.
        resume: whether a paused job goes on at once.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    max_cost: Annotated[Decimal, Field(gt=0, le=_MOST_USD)] | None = None
    resume: bool = False


class CloneRequest(OwnersRequest):
    """What to choose anew, by the names that creating a job has; everything else is as it was.

    A new `preset_id` brings its own hyperparameters; those named are changed one by one.
    """

    overrides: dict[str, Any] = Field(default_factory=dict, max_length=_MAX_OVERRIDES)
