"""Hyperparameters, presets, and the GPU choice: what the owner configures. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Field, model_validator

from brightrun.records import OwnersRequest
from brightrun.training.holdout import DEFAULT_FRACTION


class Preset(StrEnum):
    """A named set of hyperparameters (spec: section 4)."""

    FAST = "fast"
    BALANCED = "balanced"
    QUALITY = "quality"
    CUSTOM = "custom"


class Scheduler(StrEnum):
    """How the learning rate falls after the warm-up."""

    COSINE = "cosine"
    LINEAR = "linear"
    CONSTANT = "constant"


class OverLength(StrEnum):
    """What becomes of a row that is over the maximum sequence length."""

    REJECT = "reject"
    TRUNCATE = "truncate"


MAX_GPU_COUNT = 8
DECODER_PROJECTIONS = (
    "q_proj",
    "k_proj",
    "v_proj",
    "o_proj",
    "gate_proj",
    "up_proj",
    "down_proj",
)


class Hyperparameters(OwnersRequest):
    """Every number a run can be tuned with; limits are those of the spec, section 4.

    Attributes:
        batch_size: examples per micro-batch; one optimizer step sees
            `batch_size * gradient_accumulation_steps` examples.
        alpha: LoRA scale; defaults to twice the rank.
        max_sequence_tokens: a longer example is rejected, unless its dataset chose otherwise.
        warmup_ratio: share of all steps over which the learning rate rises.
        packing: several rows share a forward pass, none sees another; off, each has one of its own,
            which is slower and nothing else.
        validation_fraction: share of conversations held out, from a tenth on at least twelve of
            them up to a third; 0 switches evaluation off.
        early_stopping_patience: evaluations without improvement before stopping; 0 is off.
    """

    learning_rate: Annotated[float, Field(ge=0.00001, le=0.001)] = 0.00005
    batch_size: Annotated[int, Field(ge=1, le=64)] = 4
    epochs: Annotated[int, Field(ge=1, le=20)] = 3
    rank: Annotated[int, Field(ge=4, le=128)] = 16
    alpha: Annotated[int, Field(ge=1, le=512)] = 32
    dropout: Annotated[float, Field(ge=0.0, le=0.5)] = 0.1
    max_sequence_tokens: Annotated[int, Field(ge=64, le=131_072)] = 4096
    gradient_accumulation_steps: Annotated[int, Field(ge=1, le=64)] = 1
    warmup_ratio: Annotated[float, Field(ge=0.0, le=0.5)] = 0.03
    weight_decay: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    max_gradient_norm: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    scheduler: Scheduler = Scheduler.COSINE
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] = 42
    target_modules: Annotated[tuple[str, ...], Field(min_length=1, max_length=16)] = (
        DECODER_PROJECTIONS
    )
    packing: bool = True
    validation_fraction: Annotated[float, Field(ge=0.0, le=0.5)] = DEFAULT_FRACTION
    early_stopping_patience: Annotated[int, Field(ge=0, le=20)] = 0

    @model_validator(mode="before")
    @classmethod
    def _alpha_follows_rank(cls, given: object) -> object:
        """An unnamed alpha is twice the rank; anything that is not a mapping fails later."""
        if not isinstance(given, Mapping) or "alpha" in given:
            return given
        rank = given.get("rank", 16)
        return {**given, "alpha": rank * 2} if isinstance(rank, int) else given

    @model_validator(mode="after")
    def _targets_are_decoder_projections(self) -> Self:
        """Only decoder projections: embeddings and heads would be untied (decision 004)."""
        unknown = sorted(set(self.target_modules) - set(DECODER_PROJECTIONS))
        if unknown:
            msg = f"target_modules: unknown {', '.join(unknown)}"
            raise ValueError(msg)
        return self


PRESETS: Mapping[Preset, Hyperparameters] = MappingProxyType(
    {
        Preset.FAST: Hyperparameters(
            learning_rate=0.0001, batch_size=8, epochs=1, rank=8, alpha=16, dropout=0.05
        ),
        Preset.BALANCED: Hyperparameters(
            learning_rate=0.00005, batch_size=4, epochs=3, rank=16, alpha=32, dropout=0.1
        ),
        Preset.QUALITY: Hyperparameters(
            learning_rate=0.00003, batch_size=2, epochs=5, rank=32, alpha=64, dropout=0.1
        ),
    }
)


class GpuConfig(OwnersRequest):
    """Which GPU, and how many.

    Attributes:
        alternatives: other types, in order, to be tried with as many GPUs while there is no
            capacity.
    """

    type: str
    count: Annotated[int, Field(ge=1, le=MAX_GPU_COUNT)] = 1
    alternatives: Annotated[
        tuple[str, ...], Field(max_length=4, exclude_if=lambda others: not others)
    ] = ()
