"""The body of `fine_tuning.jobs.create`, field by field. Pure; `mappings` says what it means."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from brightrun.names import Name
from brightrun.records import Request
from brightrun.training.configuration import MAX_GPU_COUNT, Preset

AUTO = "auto"
MAX_EPOCHS = 50
MAX_BATCH = 256


def _auto_or_between(low: int, high: int) -> Callable[[object], object]:
    def checked(given: object) -> object:
        whole = isinstance(given, int) and not isinstance(given, bool)
        if given in (None, AUTO) or (whole and low <= given <= high):  # type: ignore[operator]
            return given
        raise ValueError(f"must be 'auto' or a whole number from {low} to {high}")

    return checked


def _auto_or_positive(given: object) -> object:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if given in (None, AUTO) or (number and given > 0):  # type: ignore[operator]
        return given
    raise ValueError("must be 'auto' or a number above 0")


class AskedHyperparameters(Request):
    """OpenAI's three numbers; each may be `auto`."""

    n_epochs: Annotated[
        int | Literal["auto"] | None, BeforeValidator(_auto_or_between(1, MAX_EPOCHS))
    ] = None
    batch_size: Annotated[
        int | Literal["auto"] | None, BeforeValidator(_auto_or_between(1, MAX_BATCH))
    ] = None
    learning_rate_multiplier: Annotated[
        float | Literal["auto"] | None, BeforeValidator(_auto_or_positive)
    ] = None


class Supervised(Request):
    """The one method that trains here."""

    hyperparameters: AskedHyperparameters | None = None


class Method(Request):
    """How to train. What belongs to another method is taken and refused by the method's name."""

    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Supervised | None = None
    dpo: dict[str, Any] | None = None
    reinforcement: dict[str, Any] | None = None


class Tuning(Request):
    """What OpenAI's request has no word for, sent with `extra_body={"tuning": {...}}`.

    Attributes:
        preset: whose numbers stand for what is `auto` or not named.
        gpu: the GPU's type; the cheapest that this stage can start when none is named.
        max_cost_usd: the job is paused before it costs more; null takes the limit away, and not
            named it is what the native API takes.
    """

    preset: Literal[Preset.FAST, Preset.BALANCED, Preset.QUALITY] = Preset.BALANCED
    gpu: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    gpu_count: Annotated[int, Field(ge=1, le=MAX_GPU_COUNT)] | None = None
    rank: Annotated[int, Field(ge=4, le=128)] | None = None
    max_cost_usd: Annotated[Decimal, Field(gt=0, le=1_000_000)] | None = None


class FineTuningRequest(Request):
    """A job to be created, in OpenAI's words.

    Attributes:
        hyperparameters: deprecated there and still sent; `method` wins.
    """

    model: Annotated[str, Field(min_length=1, max_length=200)]
    training_file: Annotated[str, Field(min_length=1, max_length=100)]
    validation_file: str | None = None
    suffix: Annotated[Name, Field(max_length=64)] | None = None
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Field(max_length=64)],
                Annotated[str, Field(max_length=512)],
            ],
            Field(max_length=16),
        ]
        | None
    ) = None
    integrations: list[dict[str, Any]] | None = None
    hyperparameters: AskedHyperparameters | None = None
    method: Method | None = None
    tuning: Tuning = Tuning()
