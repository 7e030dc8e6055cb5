"""RunPod's words for volumes, templates and endpoints, and ours: what is sent, and what is read.

Source: https://docs.runpod.io/api-reference-v2 (CreateEndpointRequest, UpdateEndpointRequest,
CreateTemplateRequest, CreateNetworkVolumeRequest); an unknown field is refused there.
"""

from collections.abc import Mapping
from typing import Any

from brightrun.provisioning.account import EndpointState, TemplateState, VolumeState

PATHS = {"volume": "/network-volumes", "template": "/templates", "endpoint": "/serverless"}

State = VolumeState | TemplateState | EndpointState
_GPU = frozenset({"pools", "excluded", "gpu_count", "min_cuda"})
_WORKERS = frozenset({"min_workers", "max_workers", "idle_seconds", "scaling"})


def body_of(wanted: State, volume_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what a creation sends."""
    match wanted:
        case VolumeState():
            return {
                "name": wanted.name,
                "size": wanted.size_gb,
                "dataCenter": wanted.data_center,
                "type": wanted.tier,
            }
        case TemplateState():
            # neither is for a worker that takes its work from a queue
            shells = {"startSsh": False, "startJupyter": False}
            return {"name": wanted.name, "serverless": True, **shells, **_container(wanted)}
        case EndpointState():
            groups = _endpoint_groups(wanted, volume_ids)
            sent = {name: value for group in groups.values() for name, value in group.items()}
            return {"name": wanted.name, "type": "QUEUE", **_container(wanted), **sent}


def update_of(wanted: State, changed: set[str], volume_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what an update sends: the fields that differ, whole groups where they hang together.

    Pools without their exclusions would clear them; workers and scaling are judged together.
    """
    match wanted:
        case VolumeState():
            return {"size": wanted.size_gb}
        case TemplateState():
            return {**_container(wanted), "registry": wanted.registry}
        case EndpointState():
            sent: dict[str, Any] = {}
            if changed & {"image", "disk_gb", "env", "registry"}:
                sent |= {**_container(wanted), "registry": wanted.registry}
            groups = _endpoint_groups(wanted, volume_ids)
            for names, group in groups.items():
                if changed & names:
                    sent |= group
            return sent


def _container(wanted: TemplateState | EndpointState) -> dict[str, Any]:
    registry = {"registry": wanted.registry} if wanted.registry else {}
    return {"image": wanted.image, "disk": wanted.disk_gb, "env": dict(wanted.env), **registry}


def _endpoint_groups(
    wanted: EndpointState, volume_ids: Mapping[str, str]
) -> dict[frozenset[str], dict[str, Any]]:
    kind, number = wanted.scaling
    by_delay = kind == "QUEUE_DELAY"
    scaling = {"queueDelay": number} if by_delay else {"requestCount": int(number)}
    workers = {"min": wanted.min_workers, "max": wanted.max_workers}
    if wanted.idle_seconds is not None:
        workers["idleTimeout"] = wanted.idle_seconds
    gpu = {
        "pools": list(wanted.pools),
        "excludedTypes": list(wanted.excluded),
        "count": wanted.gpu_count,
        "minCudaVersion": wanted.min_cuda or "",
        "allowedCudaVersions": [],
    }
    return {
        _GPU: {"gpu": gpu},
        _WORKERS: {"workers": workers, "scaling": {"type": kind, **scaling}},
        frozenset({"timeout_ms"}): {"timeout": wanted.timeout_ms},
        frozenset({"flashboot"}): {"flashboot": wanted.flashboot},
        frozenset({"data_centers"}): {"dataCenterIds": list(wanted.data_centers)},
        frozenset({"volumes"}): {"networkVolumes": [volume_ids[name] for name in wanted.volumes]},
    }


def read_resource(kind: str, told: Mapping[str, Any], volume_names: Mapping[str, str]) -> State:
    """Return what RunPod lists, in our words; what it leaves out is read as its default."""
    name, found = str(told.get("name", "")), str(told.get("id", ""))
    if kind == "volume":
        size, place = int(told.get("size") or 0), str(told.get("dataCenter", ""))
        return VolumeState(name, size, place, told.get("type"), id=found)
    shared: dict[str, Any] = {
        "name": name,
        "image": str(told.get("image") or ""),
        "disk_gb": int(told.get("disk") or 0),
        "env": {str(k): str(v) for k, v in (told.get("env") or {}).items()},
        "registry": told.get("registry") or None,
        "id": found,
    }
    if kind == "template":
        return TemplateState(**shared)
    return EndpointState(**shared, **_read_endpoint(told, volume_names))


def _read_endpoint(told: Mapping[str, Any], volume_names: Mapping[str, str]) -> dict[str, Any]:
    gpu, workers = told.get("gpu") or {}, told.get("workers") or {}
    scaling = told.get("scaling") or {}
    volumes = [str(volume) for volume in told.get("networkVolumes") or []]
    return {
        "pools": tuple(sorted(gpu.get("pools") or [])),
        "excluded": tuple(sorted(gpu.get("excludedTypes") or [])),
        "gpu_count": int(gpu.get("count") or 1),
        "min_cuda": _least_cuda(gpu),
        "min_workers": int(workers.get("min") or 0),
        "max_workers": int(workers.get("max") or 0),
        "idle_seconds": workers.get("idleTimeout"),
        "scaling": (
            str(scaling.get("type") or ""),
            float(scaling.get("queueDelay") or scaling.get("requestCount") or 0),
        ),
        "timeout_ms": int(told.get("timeout") or 0),
        "flashboot": str(told.get("flashboot") or "OFF"),
        "data_centers": tuple(sorted(told.get("dataCenterIds") or [])),
        "volumes": tuple(volume_names.get(volume, volume) for volume in volumes),
    }


def _least_cuda(gpu: Mapping[str, Any]) -> str | None:
    """Return the floor; a list of exact versions counts as none, and is cleared with the next."""
    if gpu.get("allowedCudaVersions"):
        return None
    return gpu.get("minCudaVersion") or None
