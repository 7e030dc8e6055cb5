"""RunPod's volumes, templates and endpoints: what is there, and making or changing one.

REST v2. A creation may be answered with a 5xx although the thing exists, and bills; so after an
answer that is not clear it is looked up by name, twice, before it is asked for again.
Source: https://docs.runpod.io/api-reference-v2; a PATCH changes the named fields alone, lists
come in pages, errors are RFC 9457's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.ports.patience import patient
from brightrun.ports.runpod.resource_bodies import PATHS, body_of, read_resource, update_of
from brightrun.provisioning.account import Account, EndpointState, TemplateState, VolumeState
from brightrun.provisioning.cards import ProviderGpu
from brightrun.provisioning.difference import Action, Change, same_name

_TRIES = 3
_LOOKS = 2
_MOST_PAGES = 100


@dataclass(frozen=True)
class Management:
    """A client with base address, key and timeouts set, and how to wait between tries."""

    http: httpx.Client
    sleep: Callable[[float], None]


def see_account(api: Management) -> Account:
    """Return everything that a plan compares with.

    Raises:
        ProviderRefused: the key does not open the management API.
        ProviderUnavailable: no usable answer in three tries.
    """
    volumes = tuple(read_resource("volume", e, {}) for e in _listed(api, "volume"))
    names = {str(v.id): v.name for v in volumes}
    states = {
        kind: tuple(read_resource(kind, entry, names) for entry in _listed(api, kind))
        for kind in ("template", "endpoint")
    }
    return Account(
        volumes=tuple(v for v in volumes if isinstance(v, VolumeState)),
        templates=tuple(t for t in states["template"] if isinstance(t, TemplateState)),
        endpoints=tuple(e for e in states["endpoint"] if isinstance(e, EndpointState)),
        gpus=tuple(_gpu(entry) for entry in _pages(api, "/catalog/gpus", "gpus")),
        secrets=_secrets(api),
    )


def carry_out(api: Management, change: Change, volume_ids: dict[str, str]) -> str:
    """Make or change one thing and return its id; what is there already is not made again.

    Args:
        volume_ids: ids of the volumes by name, those made a moment ago included.

    Raises:
        ProviderRefused: RunPod said no; the message has its reason.
        ProviderUnavailable: no clear answer in three tries, and it is not there by name.
    """
    path = PATHS[change.kind]
    if change.action is Action.UPDATE and change.id:
        changed = {f.name for f in change.fields}
        _patiently(
            api, "PATCH", f"{path}/{change.id}", update_of(change.wanted, changed, volume_ids)
        )
        return change.id
    return change.id or _created(api, change, body_of(change.wanted, volume_ids))


def find_endpoint(api: Management, endpoint_id: str) -> EndpointState | None:
    """Return one endpoint; None where there is none of that id.

    Raises:
        ProviderRefused, ProviderUnavailable: see `see_account`.
    """
    path = f"{PATHS['endpoint']}/{quote(endpoint_id, safe='')}"
    try:
        found = read_resource("endpoint", _patiently(api, "GET", path, None), {})
    except ProviderRefused as refusal:
        if refusal.status_code == httpx.codes.NOT_FOUND:
            return None
        raise
    return found if isinstance(found, EndpointState) else None


def worker_counts(api: Management, endpoint_id: str) -> dict[str, int]:
    """Return how many workers of an endpoint run, idle, wait for capacity or are ill.

    Raises:
        ProviderRefused, ProviderUnavailable: see `see_account`.
    """
    answer = _patiently(api, "GET", f"{PATHS['endpoint']}/{endpoint_id}/workers", None)
    summary = answer.get("summary") or {}
    return {str(name): count for name, count in summary.items() if isinstance(count, int)}


def _created(api: Management, change: Change, body: dict[str, Any]) -> str:
    for left in reversed(range(_TRIES)):
        try:
            return _id_of(_asked(api, "POST", PATHS[change.kind], body))
        except ProviderUnavailable:
            if (found := _found(api, change)) is not None:
                return found
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def _found(api: Management, change: Change) -> str | None:
    """Return the id of what bears the name, looking twice: it may show a little later."""
    for look in range(_LOOKS):
        api.sleep(2.0 * (look + 1))
        for entry in _listed(api, change.kind):
            if same_name(str(entry.get("name")), change.wanted.name):
                return _id_of(entry)
    return None


def _listed(api: Management, kind: str) -> Iterator[dict[str, Any]]:
    path = PATHS[kind]
    name = {"volume": "networkVolumes", "template": "templates", "endpoint": "endpoints"}[kind]
    return _pages(api, path, name)


def _pages(api: Management, path: str, name: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        query = {"cursor": cursor} if cursor else {}
        answer = _patiently(api, "GET", path, None, query)
        yield from (entry for entry in answer.get(name, []) if isinstance(entry, dict))
        pagination = answer.get("pagination") or {}
        cursor = pagination.get("nextCursor") if pagination.get("hasNextPage") else None
        if not cursor:
            return
    raise ProviderUnavailable(f"RunPod's list of {name} does not end")


def _secrets(api: Management) -> frozenset[str] | None:
    """Return the names of the account's secrets; None where this key may not see them."""
    try:
        entries = list(_pages(api, "/account/secrets", "secrets"))
    except ProviderRefused as refusal:
        if refusal.status_code in {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND}:
            return None
        raise
    return frozenset(str(entry.get("name")) for entry in entries)


def _gpu(entry: dict[str, Any]) -> ProviderGpu:
    price = (entry.get("price") or {}).get("serverless")
    hourly = float(price) if isinstance(price, int | float) else None
    pool = entry.get("pool")
    return ProviderGpu(str(entry.get("id")), str(pool) if pool else None, hourly)


def _id_of(answer: dict[str, Any]) -> str:
    found = answer.get("id")
    if not isinstance(found, str) or not found:
        raise ProviderUnavailable("RunPod's answer names no id")
    return found


def _patiently(
    api: Management,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the answer to a call that may come twice."""
    trying = patient(ProviderUnavailable, tries=_TRIES, sleep=api.sleep)
    return trying(_asked, api, method, path, body, query)


def _asked(
    api: Management,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    try:
        response = api.http.request(method, path, json=body, params=query or {})
    except httpx.HTTPError as error:
        raise ProviderUnavailable(f"RunPod did not answer: {type(error).__name__}") from error
    code = response.status_code
    if code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        raise ProviderUnavailable(f"RunPod answered {code} to {method} {path}")
    if not response.is_success:
        raise ProviderRefused(f"RunPod refused {method} {path}: {_reason(response)}", code)
    try:
        answer = response.json()
    except ValueError as error:
        raise ProviderUnavailable("RunPod's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise ProviderUnavailable("RunPod's answer is not an object")
    return answer


def _reason(response: httpx.Response) -> str:
    """Return the answer's own words, whatever they are, and the code."""
    try:
        told = response.json()
    except ValueError:
        told = None
    words = [str(response.status_code)]
    if isinstance(told, dict):
        words += [str(told[name]) for name in ("title", "detail") if told.get(name)]
        words += [str(error) for error in told.get("errors") or []]
    return ": ".join(words)[:2000]
