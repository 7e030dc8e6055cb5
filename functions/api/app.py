"""HTTP edge: API Gateway events in, calls on `brightrun`, JSON out.

Who is calling is decided before anything of the request is read; every answer of a surface,
refusals too, leaves in the surface's own shape. Each route says what makes it safe to repeat.
"""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from brightrun.accounts.access import admit, principal_of
from brightrun.errors import InvalidRequest, PlatformError, TooLarge
from brightrun.runtime import Deps, production
from functions.api.documentation import documentation
from functions.api.edge import acting, guarded, is_too_large, take_share
from functions.api.errors import JSON, Refusal, Shape, edge_refusal, in_envelope, refusal_of
from functions.api.native import native

MAX_BODY_BYTES = 1024**2

log = Logger(service="api")


@dataclass(frozen=True)
class Surface:
    """One face of the API: its routes, and the shape of its refusals."""

    resolver: APIGatewayHttpResolver
    shape: Shape


NATIVE = Surface(native, in_envelope)
SURFACES = {
    "/openapi.json": Surface(documentation, in_envelope),
    "/docs": Surface(documentation, in_envelope),
}
"""Who answers a path and what lies below it; the native surface answers every other."""


def surface_of(path: str) -> Surface:
    """Return the surface that answers a path."""
    for prefix, surface in SURFACES.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return surface
    return NATIVE


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
        refusal = _refusal_of_body(event)
    except PlatformError as error:
        refusal = refusal_of(error)
    if refusal is None:
        wires = acting(deps, caller, event)
        surface.resolver.append_context(deps=wires, principal=caller)  # type: ignore[no-untyped-call]
        answer = surface.resolver.resolve(event, context)
        if is_too_large(answer):
            refusal = refusal_of(TooLarge("the answer is larger than one answer can be"))
    if refusal is not None:
        answer = _proxied(surface.shape(refusal))
    answer = guarded(answer, path)
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


def _refusal_of_body(event: Mapping[str, Any]) -> Refusal | None:
    """Return how a body is refused that is too large or no JSON text; None when it may be read."""
    body = event.get("body")
    if not body:
        return None
    if len(body) > MAX_BODY_BYTES:
        return refusal_of(TooLarge(f"a request may have {MAX_BODY_BYTES} bytes"))
    media_type = event["headers"].get("content-type", JSON)
    if not media_type.startswith(JSON):
        return edge_refusal("unsupported_media_type", f"the body must be {JSON}")
    return None if _is_text(event) else refusal_of(InvalidRequest({"body": ["is not UTF-8 text"]}))


def _is_text(event: Mapping[str, Any]) -> bool:
    """Whether a body can be decoded; API Gateway sends what it takes for binary as Base64."""
    if not event.get("isBase64Encoded"):
        return True
    try:
        base64.b64decode(event["body"], validate=True).decode()
    except ValueError:
        return False
    return True
