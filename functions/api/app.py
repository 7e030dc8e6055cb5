"""HTTP edge: API Gateway events in, calls on `brightrun`, JSON out.

Who is calling is decided before anything of the request is read; every answer of the native
routes, refusals too, leaves in one envelope. Each route says what makes it safe to repeat.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import orjson
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server
from aws_lambda_powertools.event_handler.openapi.swagger_ui import generate_swagger_html

from brightrun import errors
from brightrun.accounts.access import admit, principal_of
from brightrun.envelope import ErrorResponse
from brightrun.errors import InvalidRequest, PlatformError
from brightrun.runtime import Deps, production
from functions.api.routes import (
    admin,
    api_keys,
    catalog,
    costs,
    datasets,
    health,
    hooks,
    jobs,
    limits,
    models,
    notification_settings,
    notifications,
    pausing,
    training_files,
    watchdog,
    worker,
)

STATUS: dict[type[PlatformError], HTTPStatus] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.DatasetNotFound: HTTPStatus.NOT_FOUND,
    errors.JobNotFound: HTTPStatus.NOT_FOUND,
    errors.ModelNotFound: HTTPStatus.NOT_FOUND,
    errors.NotificationNotFound: HTTPStatus.NOT_FOUND,
    errors.TrainingFileNotFound: HTTPStatus.NOT_FOUND,
    errors.ApiKeyNotFound: HTTPStatus.NOT_FOUND,
    errors.DatasetNotReady: HTTPStatus.BAD_REQUEST,
    errors.DatasetInUse: HTTPStatus.CONFLICT,
    errors.UploadIncomplete: HTTPStatus.CONFLICT,
    errors.AlreadyExists: HTTPStatus.CONFLICT,
    errors.InvalidTransition: HTTPStatus.CONFLICT,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Superseded: HTTPStatus.CONFLICT,
    errors.GpuUnavailable: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.ProviderRefused: HTTPStatus.BAD_GATEWAY,
    errors.ProviderUnavailable: HTTPStatus.BAD_GATEWAY,
    errors.ArtifactCorrupt: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Each leaf of the error tree, and nothing else."""

EDGE_CODES = {
    "route_not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
"""What only the edge can refuse: nothing behind it has heard of routes or media types."""

RETRY_AFTER_SECONDS = 60
MAX_BODY_BYTES = 1024**2
JSON = "application/json"

RESOURCES = (
    datasets,
    jobs,
    models,
    costs,
    notifications,
    api_keys,
    training_files,
    catalog,
    admin,
    health,
    worker,
    hooks,
    pausing,
    limits,
    watchdog,
    notification_settings,
)

log = Logger(service="api")


def parse_json(body: str) -> dict[str, Any]:
    """Return a request's JSON object.

    orjson refuses what the standard library lets through: NaN, lone surrogates, endless depth.
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest({"body": [f"is not JSON: {error.msg}"]}) from error
    if not isinstance(parsed, dict):
        raise InvalidRequest({"body": ["must be a JSON object"]})
    return parsed


app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=parse_json)
for _resource in RESOURCES:
    app.include_router(_resource.router)
_ABOUT: dict[str, Any] = {
    "title": "BrightRun LoRA Pipeline",
    "version": "1.0.0",
    "description": "A file of conversations in, a verified LoRA adapter out.",
    "servers": [Server(url="/")],
    "security_schemes": {"bearer": HTTPBearer(scheme="bearer")},
    "security": [{"bearer": []}],
}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own object
    """Answer one request of API Gateway (payload 2.0)."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: Any, deps: Deps) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Answer one request; what nobody foresaw leaves as an exception, for the alarm to see."""
    began = time.monotonic()
    http = event["requestContext"]["http"]
    caller = principal_of(_identified(event))
    try:
        admit(caller, event["rawPath"])
        refused = _refusal_of_body(event)
    except PlatformError as error:
        refused = refuse(error)
    if refused is not None:
        answer = _proxied(refused)
    else:
        app.append_context(deps=deps, principal=caller)  # type: ignore[no-untyped-call]
        answer = app.resolve(event, context)
    log.info(
        "answered",
        method=http["method"],
        path=event["rawPath"],
        status=answer["statusCode"],
        milliseconds=round((time.monotonic() - began) * 1000),
        caller=caller.kind,
        user_id=caller.user_id,
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


# ---- what a request may look like


def _refusal_of_body(event: Mapping[str, Any]) -> Response[str] | None:
    """Return how a body is refused that is too large or no JSON text; None when it may be read."""
    body = event.get("body")
    if not body:
        return None
    if len(body) > MAX_BODY_BYTES:
        return refuse(errors.TooLarge(f"a request may have {MAX_BODY_BYTES} bytes"))
    media_type = event["headers"].get("content-type", JSON)
    if not media_type.startswith(JSON):
        return _edge_failure("unsupported_media_type", f"the body must be {JSON}")
    return None if _is_text(event) else refuse(InvalidRequest({"body": ["is not UTF-8 text"]}))


def _is_text(event: Mapping[str, Any]) -> bool:
    """Whether a body can be decoded; API Gateway sends what it takes for binary as Base64."""
    if not event.get("isBase64Encoded"):
        return True
    try:
        base64.b64decode(event["body"], validate=True).decode()
    except ValueError:
        return False
    return True


# ---- how it is refused


def refuse(error: PlatformError) -> Response[str]:
    """Answer what the platform refuses."""
    headers = {}
    if isinstance(error, errors.QuotaExceeded):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return _failure(STATUS[type(error)], error.code, str(error), error.details, headers)


def refuse_malformed(error: RequestValidationError) -> Response[str]:
    """Answer a request whose fields are wrong: each is named, with what is wrong with it."""
    return refuse(InvalidRequest(fields_of(error.errors())))


def refuse_route(_: NotFoundError) -> Response[str]:
    """Answer a path nobody serves, or one that is served by another method."""
    path = app.current_event.path
    routes = app._static_routes + app._dynamic_routes  # noqa: SLF001 - the resolver lists them nowhere else
    allowed = sorted({route.method for route in routes if route.rule.match(path)})
    if not allowed:
        return _edge_failure("route_not_found", f"nothing is served at {path}")
    answer = _edge_failure("method_not_allowed", f"{path} takes {', '.join(allowed)}")
    answer.headers["Allow"] = ", ".join(allowed)
    return answer


def fields_of(found: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return field → messages; a field is named as the caller wrote it: `gpu_config.count`."""
    fields: dict[str, list[str]] = {}
    for error in found:
        kind, *where = [str(part) for part in error["loc"]]
        # a model of query parameters puts its own name before theirs
        named = ".".join(where if kind == "body" else where[-1:]) or kind
        fields.setdefault(named, []).append(error["msg"])
    return fields


def _edge_failure(code: str, words: str) -> Response[str]:
    return _failure(EDGE_CODES[code], code, words, None, {})


def _failure(
    status: HTTPStatus,
    code: str,
    words: str,
    details: dict[str, Any] | None,
    headers: dict[str, str],
) -> Response[str]:
    failure = ErrorResponse(error=words, details=details, code=code)
    return Response(status, JSON, failure.model_dump_json(exclude_none=True), headers)


app.exception_handler(PlatformError)(refuse)
app.exception_handler(RequestValidationError)(refuse_malformed)
app.not_found(refuse_route)


@app.get("/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    """Describe every route, in OpenAPI 3.1."""
    return Response(HTTPStatus.OK, JSON, _description())


@cache
def _description() -> str:
    """Takes a second to make and never changes.

    Powertools says of each route that it refuses with a 422 of its own; ours refuse as told here.
    """
    described = orjson.loads(app.get_openapi_json_schema(**_ABOUT))
    schemas = described["components"]["schemas"]
    schemas["ErrorResponse"] = ErrorResponse.model_json_schema()
    refused = {
        "description": "Refused; docs/errors.md lists every code",
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}},
    }
    for methods in described["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = refused
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return orjson.dumps(described).decode()


@app.get("/docs", include_in_schema=False, compress=True)
def documentation() -> Response[str]:
    """Show the description as a page to try calls on; everything it needs is in it."""
    ui = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    page = generate_swagger_html(
        # "</" would end the script that the description stands in
        _description().replace("</", "<\\/"),
        ui.joinpath("swagger-ui-bundle.min.js").read_text(),
        ui.joinpath("swagger-ui.min.css").read_text(),
        swagger_base_url="",
        oauth2_config=None,
        persist_authorization=True,
    )
    return Response(HTTPStatus.OK, "text/html; charset=utf-8", page)
