"""HTTP edge: API Gateway events in, calls on `brightrun`, JSON out.

Who is calling is decided before anything of the request is read; every answer of a surface,
refusals too, leaves in the surface's own shape. Each route says what makes it safe to repeat.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from brightrun.accounts.access import admit, principal_of
from brightrun.errors import InvalidRequest, PlatformError, TooLarge
from brightrun.runtime import Deps, production
from functions.api.edge import acting, guarded, is_no_text, is_too_large, take_share
from functions.api.errors import Refusal, Shape, in_envelope, refusal_of
from functions.api.native import native_part
from functions.api.request_bodies import refuse_unless_json

log = Logger(service="api")


@dataclass(frozen=True)
class Surface:
    """One face of the API: its routes, the shape of its refusals, and which bodies it reads."""

    resolver: APIGatewayHttpResolver
    shape: Shape
    refusal_of_body: Callable[[Mapping[str, Any]], Refusal | None] = refuse_unless_json


def _documentation() -> Surface:
    from functions.api.documentation import documentation  # noqa: PLC0415 - loaded when asked for

    return Surface(documentation, in_envelope)


def _openai() -> Surface:
    from functions.api.openai.bodies import refusal_of_body  # noqa: PLC0415 - as above
    from functions.api.openai.errors import in_openai_form  # noqa: PLC0415
    from functions.api.openai.surface import openai  # noqa: PLC0415

    return Surface(openai, in_openai_form, refusal_of_body)


SURFACES = {"/openapi.json": _documentation, "/docs": _documentation, "/v1": _openai}
"""Who answers a path and what lies below it; the native surface answers every other."""


def surface_of(path: str) -> Surface:
    """Return the surface that answers a path."""
    for prefix, surface in SURFACES.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return surface()
    return Surface(native_part(path), in_envelope)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own object
    """Answer one request of API Gateway (payload 2.0)."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: Any, deps: Deps) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Answer one request; what nobody foresaw leaves as an exception, for the alarm to see."""
    began = time.monotonic()
    http = event["requestContext"]["http"]
    caller = principal_of(_identified(event))
    # what the resolver routes: of a named stage's path without the stage
    path = APIGatewayProxyEventV2(event).path
    surface = surface_of(path)
    try:
        admit(caller, http["method"], path)
        take_share(deps, caller)
        if is_no_text(path):
            raise InvalidRequest({"path": ["holds what is no text"]})
        refusal = surface.refusal_of_body(event)
    except PlatformError as error:
        refusal = refusal_of(error)
    if refusal is None:
        wires = acting(deps.current(), caller, event)
        surface.resolver.append_context(deps=wires, principal=caller)  # type: ignore[no-untyped-call]
        answer = surface.resolver.resolve(event, context)
        if is_too_large(answer):
            refusal = refusal_of(TooLarge("the answer is larger than one answer can be"))
    if refusal is not None:
        answer = _proxied(surface.shape(refusal))
    answer = guarded(answer, path)
    answer["headers"]["x-request-id"] = str(event["requestContext"].get("requestId", ""))
    log.info(
        "answered",
        method=http["method"],
        path=event["rawPath"],
        status=answer["statusCode"],
        milliseconds=round((time.monotonic() - began) * 1000),
        caller=caller.kind,
        user_id=caller.user_id,
        key_id=caller.key_id,
        request_id=event["requestContext"].get("requestId"),
    )
    return answer


def _identified(event: Mapping[str, Any]) -> Mapping[str, str]:
    context: Mapping[str, str] = event["requestContext"].get("authorizer", {}).get("lambda") or {}
    return context


def _proxied(response: Response[str]) -> dict[str, Any]:
    return {
        "statusCode": int(response.status_code),
        "headers": response.headers,
        "body": response.body,
        "isBase64Encoded": False,
        "cookies": [],
    }
