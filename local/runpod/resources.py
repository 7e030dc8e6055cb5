"""What the stand-in's account holds: endpoints, templates, volumes, secrets; and what it refuses.

Rules beyond the published schema are those that its texts name: CUDA floor and exact versions
exclude each other, exclusions must be in the pools, a scaling by requests takes no idle timeout,
a volume does not shrink.
"""

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]

POOLS: dict[str, tuple[tuple[str, ...], float | None]] = {
    "AMPERE_80": (("NVIDIA A100 80GB PCIe", "NVIDIA A100-SXM4-80GB"), 2.74),
    "ADA_80_PRO": (("NVIDIA H100 PCIe", "NVIDIA H100 80GB HBM3", "NVIDIA H100 NVL"), 4.18),
    "HOPPER_141": (("NVIDIA H200",), 5.58),
    "BLACKWELL_180": (("NVIDIA B200",), 8.64),
    "ADA_48_PRO": (("NVIDIA L40", "NVIDIA L40S", "NVIDIA RTX 6000 Ada Generation"), 1.91),
    "ADA_24": (("NVIDIA GeForce RTX 4090",), 1.12),
}
"""Pools as the documentation lists them, with the price of an hour; a V100 is in none."""


class Refused(Exception):
    """A request that the schema takes and the service does not."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass
class Resources:
    """Everything by kind and id, in the order it was made; `page_size` is how long a list is."""

    endpoints: dict[str, Document] = field(default_factory=dict)
    templates: dict[str, Document] = field(default_factory=dict)
    volumes: dict[str, Document] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    page_size: int = 100

    def of(self, kind: str) -> dict[str, Document]:
        """Return the things of one kind."""
        return {
            "serverless": self.endpoints,
            "templates": self.templates,
            "network-volumes": self.volumes,
        }[kind]

    def create(self, kind: str, told: Document) -> Document:
        """Keep what was asked for; a name may stand twice, as on the service."""
        made = {**told, "id": _new_id()}
        if kind == "serverless":
            _check_idle_timeout(told, told["scaling"])
            made = _endpoint(made, self)
        if kind == "templates" and any(t["name"] == told["name"] for t in self.templates.values()):
            raise Refused(400, "template name must be unique")
        self.of(kind)[made["id"]] = made
        return made

    def change(self, kind: str, resource_id: str, told: Document) -> Document:
        """Change the fields that were sent."""
        was = self.of(kind).get(resource_id)
        if was is None:
            raise Refused(404, "resource not found")
        if kind == "network-volumes" and told.get("size", was["size"]) < was["size"]:
            raise Refused(400, "network volume storage cannot be reduced")
        made = {**was, **told}
        if kind == "serverless":
            _check_idle_timeout(told, made["scaling"])
            for name in ("gpu", "workers"):
                made[name] = {**was[name], **told.get(name, {})}
            if "pools" in told.get("gpu", {}):
                made["gpu"]["excludedTypes"] = told["gpu"].get("excludedTypes", [])
            made = _endpoint(made, self)
        self.of(kind)[resource_id] = made
        return made


def born_with(endpoint_ids: Iterable[str]) -> dict[str, Document]:
    """Return endpoints as a person would have made them by docs/gpu-endpoint.md."""
    return {
        endpoint_id: {
            "id": endpoint_id,
            "name": endpoint_id,
            "type": "QUEUE",
            "image": "brightrun-trainer:local",
            "disk": 60,
            "env": {},
            "registry": None,
            "gpu": {
                "pools": ["AMPERE_80"],
                "excludedTypes": [],
                "count": 2 if "2x" in endpoint_id else 1,
                "allowedCudaVersions": [],
                "minCudaVersion": "13.0",
            },
            "workers": {"min": 0, "max": 2, "idleTimeout": 30},
            "scaling": {"type": "QUEUE_DELAY", "queueDelay": 4.0},
            "timeout": 86_400_000,
            "flashboot": "OFF",
            "dataCenterIds": [],
            "networkVolumes": [],
            "createdAt": "2026-11-01T00:00:00Z",
        }
        for endpoint_id in endpoint_ids
    }


def _endpoint(made: Document, resources: Resources) -> Document:
    """Return an endpoint as the service would show it, or refuse what it would refuse."""
    gpu, workers = made["gpu"], made["workers"]
    _check_gpu(gpu)
    unknown = [v for v in made.get("networkVolumes", []) if v not in resources.volumes]
    if unknown:
        raise Refused(404, f"network volume {unknown[0]} not found")
    template = made.pop("templateId", None)
    if template is not None and template not in resources.templates:
        raise Refused(404, "template not found")
    by_count = made["scaling"]["type"] == "REQUEST_COUNT"
    idle = {} if by_count else {"idleTimeout": workers.get("idleTimeout") or 10}
    shown_gpu = {**gpu, "minCudaVersion": gpu.get("minCudaVersion") or None}
    shown_gpu = {"excludedTypes": [], "allowedCudaVersions": [], **_without_none(shown_gpu)}
    shown_gpu.setdefault("minCudaVersion", None)
    return {
        "dataCenterIds": [],
        "networkVolumes": [],
        "flashboot": "OFF",
        "createdAt": "2026-11-01T00:00:00Z",
        **made,
        "gpu": shown_gpu,
        "workers": {"min": workers.get("min", 0), "max": workers.get("max", 3), **idle},
    }


def _check_idle_timeout(told: Document, scaling: Document) -> None:
    given = (told.get("workers") or {}).get("idleTimeout")
    if scaling["type"] == "REQUEST_COUNT" and given is not None:
        raise Refused(422, "workers.idleTimeout does not apply to REQUEST_COUNT scaling")


def _check_gpu(gpu: Document) -> None:
    if gpu.get("allowedCudaVersions") and gpu.get("minCudaVersion"):
        raise Refused(400, "allowedCudaVersions and minCudaVersion exclude each other")
    unknown = [pool for pool in gpu["pools"] if pool not in POOLS]
    if unknown:
        raise Refused(400, f"unknown GPU pool {unknown[0]}")
    known = {card for pool in gpu["pools"] for card in POOLS[pool][0]}
    strange = [card for card in gpu.get("excludedTypes") or [] if card.strip() not in known]
    if strange:
        raise Refused(400, f"{strange[0]!r} is in none of the pools")
    if not known - set(gpu.get("excludedTypes") or []):
        raise Refused(400, "no GPU type is left")


def _without_none(told: Document) -> Document:
    return {name: value for name, value in told.items() if value is not None}


def catalogue() -> list[Document]:
    """Return the cards as `GET /catalog/gpus` lists them."""
    cards = [
        {"id": card, "name": card, "pool": pool, "price": {"serverless": price}}
        for pool, (names, price) in POOLS.items()
        for card in names
    ]
    return [*cards, {"id": "Tesla V100-SXM2-32GB", "name": "V100", "pool": None, "price": {}}]


def _new_id() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(14))
