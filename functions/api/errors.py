"""How a request is refused: which status each error has, and the hooks that answer it.

A refusal is one thing; what it looks like is the surface's: the native routes put it into their
envelope, another surface passes a shape of its own to `refuse_with`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from brightrun import errors
from brightrun.envelope import ErrorResponse
from brightrun.errors import InvalidRequest, PlatformError

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
    errors.WebhookEndpointNotFound: HTTPStatus.NOT_FOUND,
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
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
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
JSON = "application/json"


@dataclass(frozen=True)
class Refusal:
    """What is refused, before anybody has said in which shape it is told."""

    status: HTTPStatus
    code: str
    message: str
    details: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


Shape = Callable[[Refusal], Response[str]]


def in_envelope(refusal: Refusal) -> Response[str]:
    """Answer a refusal as every native route does."""
    body = ErrorResponse(error=refusal.message, details=refusal.details, code=refusal.code)
    return Response(
        refusal.status, JSON, body.model_dump_json(exclude_none=True), dict(refusal.headers)
    )


def refusal_of(error: PlatformError) -> Refusal:
    """Return how the platform's own error is refused."""
    headers = {}
    if isinstance(error, errors.QuotaExceeded):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, errors.RateLimited):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return Refusal(STATUS[type(error)], error.code, str(error), error.details, headers)


def edge_refusal(code: str, message: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """Return how something is refused that nothing behind the edge has heard of."""
    return Refusal(EDGE_CODES[code], code, message, headers=dict(headers or {}))


def malformed(error: RequestValidationError) -> Refusal:
    """Return how wrong fields are refused: each is named, with what is wrong with it."""
    return refusal_of(InvalidRequest(fields_of(error.errors())))


def fields_of(found: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return field → messages; a field is named as the caller wrote it: `gpu_config.count`."""
    fields: dict[str, list[str]] = {}
    for error in found:
        kind, *where = [str(part) for part in error["loc"]]
        # a model of query parameters puts its own name before theirs
        named = ".".join(where if kind == "body" else where[-1:]) or kind
        fields.setdefault(named, []).append(error["msg"])
    return fields


def unrouted(resolver: APIGatewayHttpResolver) -> Refusal:
    """Return how a path is refused that nobody serves, or that is served by another method."""
    path = resolver.current_event.path
    routes = resolver._static_routes + resolver._dynamic_routes  # noqa: SLF001 - the resolver lists them nowhere else
    allowed = ", ".join(sorted({route.method for route in routes if route.rule.match(path)}))
    if not allowed:
        return edge_refusal("route_not_found", f"nothing is served at {path}")
    return edge_refusal("method_not_allowed", f"{path} takes {allowed}", {"Allow": allowed})


def refuse_with(shape: Shape, resolver: APIGatewayHttpResolver) -> None:
    """Let a surface refuse in this shape whatever its routes refuse."""

    def refuse(error: PlatformError) -> Response[str]:
        return shape(refusal_of(error))

    def refuse_malformed(error: RequestValidationError) -> Response[str]:
        return shape(malformed(error))

    def refuse_route(_: NotFoundError) -> Response[str]:
        return shape(unrouted(resolver))

    resolver.exception_handler(PlatformError)(refuse)
    resolver.exception_handler(RequestValidationError)(refuse_malformed)
    resolver.not_found(refuse_route)
