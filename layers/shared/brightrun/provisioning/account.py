"""What is at the provider, and what should be: both in the same words, so that they compare. Pure.

Volumes are known by name here; their ids are put in when a request is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from brightrun.provisioning.cards import ProviderGpu, Selection
from brightrun.provisioning.declaration import HUB_TOKEN, Endpoint, Volume

_DEFAULT_IDLE_SECONDS = 60
"""A retry and the next job of the same base model find its weights; it costs while it waits."""
_MS_PER_HOUR = 3_600_000


@dataclass(frozen=True)
class VolumeState:
    """A network volume."""

    name: str
    size_gb: int
    data_center: str
    tier: str | None
    id: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class TemplateState:
    """A template: the worker's container as the console offers it; endpoints do not follow it."""

    name: str
    image: str
    disk_gb: int
    env: dict[str, str]
    registry: str | None
    id: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class EndpointState:
    """A serverless endpoint with a queue.

    Attributes:
        scaling: `QUEUE_DELAY` or `REQUEST_COUNT`, with its number.
        idle_seconds: None where the provider knows none for that scaling.
        volumes: names of its network volumes.
    """

    name: str
    image: str
    disk_gb: int
    env: dict[str, str]
    registry: str | None
    pools: tuple[str, ...]
    excluded: tuple[str, ...]
    gpu_count: int
    min_cuda: str | None
    min_workers: int
    max_workers: int
    idle_seconds: int | None
    scaling: tuple[str, float]
    timeout_ms: int
    flashboot: str
    data_centers: tuple[str, ...]
    volumes: tuple[str, ...]
    id: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Account:
    """Everything of the provider's account that a plan looks at.

    Attributes:
        secrets: names of the account's secrets; None where the key may not list them.
    """

    volumes: tuple[VolumeState, ...] = ()
    templates: tuple[TemplateState, ...] = ()
    endpoints: tuple[EndpointState, ...] = ()
    gpus: tuple[ProviderGpu, ...] = ()
    secrets: frozenset[str] | None = frozenset()


def endpoint_name(stage: str, endpoint: Endpoint) -> str:
    """Return the name an endpoint has at the provider: by it, and only by it, it is found again."""
    return f"brightrun-{stage}-{endpoint.gpu.lower()}-x{endpoint.count}"


def template_name(stage: str) -> str:
    """Return the name of a stage's template at the provider."""
    return f"brightrun-{stage}-trainer"


def wanted_volume(volume: Volume) -> VolumeState:
    """Return a declared volume as it should be."""
    return VolumeState(volume.name, volume.size_gb, volume.data_center, volume.tier)


def wanted_template(stage: str, endpoint: Endpoint) -> TemplateState:
    """Return the template as it should be: the first endpoint's container."""
    return TemplateState(
        name=template_name(stage),
        image=endpoint.image,
        disk_gb=endpoint.disk_gb,
        env=_environment(endpoint),
        registry=endpoint.registry,
    )


def wanted_endpoint(stage: str, endpoint: Endpoint, cards: Selection) -> EndpointState:
    """Return a declared endpoint as it should be."""
    by_delay = endpoint.scaling == "queue_delay"
    return EndpointState(
        name=endpoint_name(stage, endpoint),
        image=endpoint.image,
        disk_gb=endpoint.disk_gb,
        env=_environment(endpoint),
        registry=endpoint.registry,
        pools=cards.pools,
        excluded=cards.excluded,
        gpu_count=endpoint.count,
        min_cuda=endpoint.min_cuda,
        min_workers=endpoint.min_workers,
        max_workers=endpoint.max_workers,
        idle_seconds=(endpoint.idle_seconds or _DEFAULT_IDLE_SECONDS) if by_delay else None,
        scaling=("QUEUE_DELAY", endpoint.queue_delay_seconds) if by_delay else ("REQUEST_COUNT", 1),
        timeout_ms=endpoint.job_hours * _MS_PER_HOUR,
        flashboot=endpoint.flashboot.upper(),
        data_centers=tuple(sorted(endpoint.data_centers)),
        volumes=(endpoint.volume,) if endpoint.volume else (),
    )


def hourly_worst(endpoints: Sequence[tuple[Endpoint, Selection]]) -> Decimal | None:
    """Return what all workers at once cost in an hour, USD; None where a price is not known."""
    total = Decimal(0)
    for endpoint, cards in endpoints:
        if cards.hourly_usd is None:
            return None
        each = Decimal(str(cards.hourly_usd)) * endpoint.count
        total += each * endpoint.max_workers
    return total


def _environment(endpoint: Endpoint) -> dict[str, str]:
    """Return the container's variables; a secret by the name RunPod fills in when it starts."""
    if endpoint.hub_token_secret is None:
        return dict(endpoint.env)
    return endpoint.env | {HUB_TOKEN: f"{{{{ RUNPOD_SECRET_{endpoint.hub_token_secret} }}}}"}
