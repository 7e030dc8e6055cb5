"""`gpu.toml`: the endpoints that a stage wants, checked before anybody is asked. Pure.

What the trainer's image needs of an endpoint is refused here when it is not declared so; why each
is needed stands in docs/gpu-endpoint.md.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from brightrun.records import Request
from brightrun.training.catalog import endpoints_by_type
from brightrun.training.configuration import MAX_GPU_COUNT

LEAST_DISK_GB = 40
"""16.4 GB of weights, 4.4 of checkpoints, and the image's own files: an 8B at rank 16."""
LEAST_CUDA = "13.0"
"""torch's wheels in the image are built for CUDA 13; an older driver ends each worker at once."""
_TAGGED = re.compile(r"[^\s:]+(:\d+/[^\s:]+)?:(?!latest$)[\w][\w.-]*|\S+@sha256:[0-9a-f]{64}")
_CUDA = r"^\d+\.\d+$"
_SECRET_NAME = re.compile(r"(?!runpod)[a-z_][\w.\-/]{0,190}", re.ASCII | re.IGNORECASE)
HUB_TOKEN = "HF_TOKEN"


class DeclarationRefused(ValueError):
    """The file cannot be used; each line of the message names a place and what is wrong there."""


class Volume(Request):
    """A network volume: it costs by the month whether a worker runs or not, and only grows."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    size_gb: Annotated[int, Field(ge=10, le=4096)]
    data_center: Annotated[str, Field(min_length=1)]
    tier: Literal["STANDARD", "HIGH_PERFORMANCE"] = "STANDARD"


class Endpoint(Request):
    """One endpoint: so many GPUs of one type to a worker.

    Attributes:
        cards: the provider's own names of the cards that will do; empty: all of the type.
        scaling: `queue_delay` starts a worker for what waits longer than `queue_delay_seconds`;
            `request_count` one for each run, and then RunPod takes no idle timeout.
        cached_model: what RunPod should hold ready on the host; its API has no field for it.
        hub_token_secret: name of the account's secret that opens gated base models.
    """

    gpu: Annotated[str, Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=MAX_GPU_COUNT)] = 1
    cards: tuple[str, ...] = ()
    image: str
    registry: str | None = None
    disk_gb: Annotated[int, Field(ge=LEAST_DISK_GB, le=4096)] = 60
    min_cuda: Annotated[str, Field(pattern=_CUDA)] = LEAST_CUDA
    min_workers: Annotated[int, Field(ge=0, le=100)] = 0
    max_workers: Annotated[int, Field(ge=1, le=100)] = 3
    scaling: Literal["queue_delay", "request_count"] = "queue_delay"
    queue_delay_seconds: Annotated[float, Field(ge=0.5, le=3600)] = 4.0
    idle_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    flashboot: Literal["off", "flashboot", "priority_flashboot"] = "off"
    job_hours: Annotated[int, Field(ge=1, le=168)] = 24
    cached_model: str | None = None
    volume: str | None = None
    data_centers: tuple[str, ...] = ()
    hub_token_secret: str | None = None
    env: dict[str, str] = Field(default_factory=dict)

    @field_validator("image")
    @classmethod
    def _is_pinned(cls, image: str) -> str:
        if not _TAGGED.fullmatch(image):
            raise ValueError("needs a tag of its own: hosts keep what they once pulled as `latest`")
        return image

    @field_validator("min_cuda")
    @classmethod
    def _is_enough(cls, version: str) -> str:
        if cuda_version(version) < cuda_version(LEAST_CUDA):
            raise ValueError(f"the image needs CUDA {LEAST_CUDA} or later")
        return version

    @field_validator("hub_token_secret")
    @classmethod
    def _is_a_name(cls, name: str | None) -> str | None:
        if name is not None and not _SECRET_NAME.fullmatch(name):
            raise ValueError("is no RunPod secret's name: letters, digits, _ . - /")
        return name

    @field_validator("env")
    @classmethod
    def _opens_nothing(cls, env: dict[str, str]) -> dict[str, str]:
        if HUB_TOKEN in env:
            raise ValueError(f"{HUB_TOKEN} is a secret: name one by hub_token_secret")
        return env

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.min_workers > self.max_workers:
            raise ValueError("min_workers is more than max_workers")
        if self.scaling == "request_count" and self.idle_seconds is not None:
            raise ValueError("RunPod takes no idle_seconds with scaling = request_count")
        return self

    @property
    def parameter_name(self) -> str:
        """How the template's parameter calls it: `H100`, `H100 x2`."""
        return self.gpu if self.count == 1 else f"{self.gpu} x{self.count}"


class Declaration(Request):
    """Everything that a stage wants at the provider."""

    volumes: tuple[Volume, ...] = ()
    endpoints: Annotated[tuple[Endpoint, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        volumes = [volume.name for volume in self.volumes]
        if len(set(volumes)) < len(volumes):
            raise ValueError("two volumes have one name")
        for endpoint in self.endpoints:
            if endpoint.volume and endpoint.volume not in volumes:
                raise ValueError(f"{endpoint.parameter_name}: no volume {endpoint.volume!r}")
        names = [endpoint.parameter_name for endpoint in self.endpoints]
        if len(set(names)) < len(names):
            raise ValueError("two endpoints have one GPU type and count")
        endpoints_by_type({name: name for name in names})
        return self


def cuda_version(text: str) -> tuple[int, int]:
    """Return a version as numbers: 13.10 is above 13.2."""
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


def read_declaration(text: str) -> Declaration:
    """Return what a `gpu.toml` declares; `[defaults]` holds for each `[[endpoint]]`.

    Raises:
        DeclarationRefused: it is no TOML, names something unknown, or asks for what cannot work.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationRefused(f"not TOML: {error}") from error
    unknown = sorted(set(told) - {"defaults", "endpoint", "volume"})
    if unknown:
        raise DeclarationRefused(f"unknown: {', '.join(unknown)}")
    entries = [_table(told.get("defaults", {})) | _table(e) for e in told.get("endpoint", [])]
    body = {"endpoints": entries, "volumes": told.get("volume", [])}
    try:
        return Declaration.model_validate(body)
    except ValidationError as error:
        raise DeclarationRefused("\n".join(_problems(error))) from error


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise DeclarationRefused("`defaults` is a table, `endpoint` a list of tables: [[endpoint]]")
    return dict(value)


def _problems(error: ValidationError) -> list[str]:
    names = {"endpoints": "endpoint", "volumes": "volume"}
    lines = []
    for problem in error.errors():
        place = ".".join(names.get(str(part), str(part)) for part in problem["loc"])
        lines.append(f"{place or 'gpu.toml'}: {problem['msg'].removeprefix('Value error, ')}")
    return lines
