"""The stand-in's management API (REST v2): endpoints, templates, volumes, secrets, catalogue.

Requests are validated by the published schema, errors have RFC 9457's form, lists come in pages.
A fault that a test asked for is named by method and kind: `POST serverless`; `performed` makes the
thing and loses the answer, as the service has done.
"""

import hmac
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.runpod import published_schema as schema
from local.runpod.resources import Document, Refused, catalogue
from local.runpod.state import Act, StandIn, standin_of

_KINDS: dict[str, tuple[str, type[BaseModel], type[BaseModel]]] = {
    "serverless": ("endpoints", schema.NewEndpoint, schema.EndpointChange),
    "templates": ("templates", schema.NewTemplate, schema.TemplateChange),
    "network-volumes": ("networkVolumes", schema.NewVolume, schema.VolumeChange),
}


def _problem(status: int, detail: str, errors: Iterable[str] = ()) -> Response:
    title = HTTPStatus(status).phrase
    body = {"title": title, "status": status, "detail": detail, "errors": list(errors)}
    return JSONResponse(body, status, media_type="application/problem+json")


async def _list(request: Request) -> Response:
    standin, kind = standin_of(request), _kind(request)
    shown = [_shown(standin, kind, d) for d in standin.resources.of(kind).values()]
    return _page(request, _KINDS[kind][0], shown)


def _page(request: Request, name: str, entries: list[Document]) -> Response:
    size = standin_of(request).resources.page_size
    start = int(request.query_params.get("cursor", "0"))
    more = start + size < len(entries)
    pagination = {"hasNextPage": more, "nextCursor": str(start + size) if more else None}
    return JSONResponse({name: entries[start : start + size], "pagination": pagination})


async def _create(request: Request) -> Response:
    standin, kind = standin_of(request), _kind(request)
    told = _KINDS[kind][1].model_validate_json(await request.body())
    made = standin.resources.create(kind, told.model_dump())
    if kind == "serverless":
        standin.fleet.limits[made["id"]] = made["workers"]["max"]
    return JSONResponse(_shown(standin, kind, made), HTTPStatus.CREATED)


async def _read(request: Request) -> Response:
    standin, kind = standin_of(request), _kind(request)
    found = standin.resources.of(kind).get(request.path_params["id"])
    if found is None:
        raise Refused(404, "resource not found")
    return JSONResponse(_shown(standin, kind, found))


async def _change(request: Request) -> Response:
    standin, kind, found = standin_of(request), _kind(request), request.path_params["id"]
    told = _KINDS[kind][2].model_validate_json(await request.body())
    changed = standin.resources.change(kind, found, told.model_dump(exclude_unset=True))
    if kind == "serverless" and told.model_dump().get("workers"):
        standin.fleet.limits[found] = changed["workers"]["max"]
    return JSONResponse(_shown(standin, kind, changed))


async def _list_workers(request: Request) -> Response:
    standin, endpoint_id = standin_of(request), request.path_params["id"]
    if endpoint_id not in standin.resources.endpoints:
        raise Refused(404, "resource not found")
    own = [w for w in standin.fleet.workers.values() if w.endpoint_id == endpoint_id]
    busy = [worker for worker in own if standin.runs.held_by(worker.id)]
    summary = {"running": len(busy), "idle": len(own) - len(busy), "total": len(own)}
    rest = dict.fromkeys(("initializing", "throttled", "unhealthy"), 0)
    status = {worker.id: "RUNNING" if worker in busy else "IDLE" for worker in own}
    workers = [{"id": worker_id, "status": state} for worker_id, state in status.items()]
    return JSONResponse({"workers": workers, "summary": summary | rest})


async def _list_secrets(request: Request) -> Response:
    names = standin_of(request).resources.secrets
    return _page(request, "secrets", [{"id": f"secret-{name}", "name": name} for name in names])


async def _list_gpus(request: Request) -> Response:
    return _page(request, "gpus", catalogue())


def _kind(request: Request) -> str:
    return next(kind for kind in _KINDS if f"/{kind}" in request.url.path)


def _shown(standin: StandIn, kind: str, document: Document) -> Document:
    """Return a thing as it is shown; how many workers an endpoint may have, the fleet knows."""
    if kind != "serverless":
        return document
    limit = standin.fleet.limit_of(document["id"])
    return {**document, "workers": {**document["workers"], "max": limit}}


def _guarded(call: str, act: Act) -> Act:
    """Return `act` behind the key, with its refusals in RunPod's form and the faults asked for."""

    async def answer(request: Request) -> Response:
        standin = standin_of(request)
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), standin.key.encode()):
            return _problem(401, "missing or wrong bearer token")
        fault = standin.next_fault(call)
        if fault is not None and not fault.performed:
            return _problem(fault.status, "a fault that a test asked for")
        response = await _answered(request, act)
        return response if fault is None else _problem(fault.status, "an answer that got lost")

    return answer


async def _answered(request: Request, act: Act) -> Response:
    try:
        return await act(request)
    except Refused as refusal:
        return _problem(refusal.status, refusal.detail)
    except ValidationError as error:
        errors = [f"{_place(e)}: {e['msg']}" for e in error.errors()]
        return _problem(422, "Request validation failed.", errors)


def _place(error: Any) -> str:  # noqa: ANN401 - pydantic's own mapping
    return ".".join(str(part) for part in error["loc"]) or "body"


def management_routes() -> list[Route]:
    """Return the management API."""
    routes = [
        Route("/serverless/{id}/workers", _guarded("GET workers", _list_workers), methods=["GET"]),
        Route("/account/secrets", _guarded("GET secrets", _list_secrets), methods=["GET"]),
        Route("/catalog/gpus", _guarded("GET gpus", _list_gpus), methods=["GET"]),
    ]
    for kind in _KINDS:
        for method, path, act in (
            ("GET", f"/{kind}", _list),
            ("POST", f"/{kind}", _create),
            ("GET", f"/{kind}/{{id}}", _read),
            ("PATCH", f"/{kind}/{{id}}", _change),
        ):
            routes.append(Route(path, _guarded(f"{method} {kind}", act), methods=[method]))
    return routes
