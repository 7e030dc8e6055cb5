"""What RunPod's REST v2 takes, as its published schema says; anything else is a 422 with the field.

Source: https://docs.runpod.io/api-reference-v2 (openapi.json, read 2026-11): the requests for
endpoints, templates and network volumes. An unknown field is refused, a number is no text.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Cuda = Annotated[str, Field(pattern=r"^\d+\.\d+$")]


class Body(BaseModel):
    """A request of which every field is known."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Container(Body):
    """What templates and endpoints share; `registry` may be null, the rest may be absent."""

    args: str = ""
    disk: Annotated[int, Field(ge=1)] = 50
    env: dict[str, str] = Field(default_factory=dict)
    image: str = ""
    ports: list[str] = Field(default_factory=list)
    registry: str | None = None


class GpuChange(Body):
    """GPUs of a worker; an exclusion belongs to the pools it is taken from."""

    pools: Annotated[list[str], Field(min_length=1)] | None = None
    excludedTypes: list[Annotated[str, Field(pattern=r"^\s*[^-\s]")]] | None = None  # noqa: N815 - RunPod's own name, as below
    count: Annotated[int, Field(ge=1)] = 1
    allowedCudaVersions: list[Cuda] | None = None  # noqa: N815
    minCudaVersion: Annotated[str, Field(pattern=r"^$|^\d+\.\d+$")] | None = None  # noqa: N815

    @model_validator(mode="after")
    def _exclusions_have_pools(self) -> Self:
        if self.excludedTypes is not None and self.pools is None:
            raise ValueError("excludedTypes requires pools")
        return self


class Gpu(GpuChange):
    """GPUs of a worker of a new endpoint."""

    pools: Annotated[list[str], Field(min_length=1)]
    minCudaVersion: Cuda | None = None  # noqa: N815 - as above


class Workers(Body):
    """How many workers, and how long one may idle."""

    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=0)] = 3
    idleTimeout: Annotated[int, Field(ge=1, le=3600)] | None = None  # noqa: N815


class QueueDelay(Body):
    """Scale on how long a request waits."""

    type: Literal["QUEUE_DELAY"]
    queueDelay: Annotated[float, Field(ge=0.5, strict=False)]  # noqa: N815


class RequestCount(Body):
    """Scale on requests in flight."""

    type: Literal["REQUEST_COUNT"]
    requestCount: Annotated[int, Field(ge=1)]  # noqa: N815


Scaling = Annotated[QueueDelay | RequestCount, Field(discriminator="type")]
FlashBoot = Literal["OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT"]


class NewEndpoint(Container):
    """Of an endpoint with GPUs; one on CPUs is of no use here."""

    name: Text
    type: Literal["QUEUE", "LOAD_BALANCER"]
    scaling: Scaling
    gpu: Gpu
    workers: Workers = Workers()
    timeout: int = 0
    flashboot: FlashBoot = "OFF"
    dataCenterIds: list[str] = Field(default_factory=list)  # noqa: N815
    networkVolumes: list[str] = Field(default_factory=list)  # noqa: N815
    templateId: Text | None = None  # noqa: N815

    @model_validator(mode="after")
    def _has_an_image(self) -> Self:
        if not self.image and self.templateId is None:
            raise ValueError("image is required unless templateId is set")
        return self


class EndpointChange(Container):
    """Only what is sent is changed; `type` is none of it."""

    name: Text | None = None
    scaling: Scaling | None = None
    gpu: GpuChange | None = None
    workers: Workers | None = None
    timeout: int | None = None
    flashboot: FlashBoot | None = None
    dataCenterIds: list[str] | None = None  # noqa: N815
    networkVolumes: list[str] | None = None  # noqa: N815
    templateId: str | None = None  # noqa: N815


class NewTemplate(Container):
    """Of a template."""

    name: Text
    image: str
    allowedCudaVersions: list[Cuda] = Field(default_factory=list)  # noqa: N815
    category: Literal["CPU", "NVIDIA", "AMD"] = "NVIDIA"
    public: bool = False
    serverless: bool = False
    startJupyter: bool = True  # noqa: N815
    startSsh: bool = True  # noqa: N815


class TemplateChange(Container):
    """Only what is sent is changed."""

    name: Text | None = None
    allowedCudaVersions: list[Cuda] | None = None  # noqa: N815
    category: Literal["CPU", "NVIDIA", "AMD"] | None = None
    public: bool | None = None
    serverless: bool | None = None
    startJupyter: bool | None = None  # noqa: N815
    startSsh: bool | None = None  # noqa: N815


class NewVolume(Body):
    """Of a network volume."""

    name: Text
    size: Annotated[int, Field(ge=10, le=4096)]
    dataCenter: Text  # noqa: N815
    type: Literal["STANDARD", "HIGH_PERFORMANCE"] = "STANDARD"


class VolumeChange(Body):
    """At least one of the two; a size may only grow."""

    name: Text | None = None
    size: Annotated[int, Field(ge=10, le=4096)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one field must be present")
        return self
