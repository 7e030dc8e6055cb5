"""OpenAI's error body: four keys, always all of them."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from aws_lambda_powertools.event_handler import Response

from brightrun.openai.ids import in_their_ids
from brightrun.openai.mappings import FIELDS
from functions.api.errors import JSON, Refusal

_CODES = {
    "dataset_in_use": "file_in_use",
    "dataset_not_found": "file_not_found",
    "dataset_not_ready": "file_not_ready",
    "quota_exceeded": "insufficient_quota",
    "rate_limited": "rate_limit_exceeded",
    "too_large": "file_too_large",
    "unauthenticated": "invalid_api_key",
}
"""What OpenAI calls what we call otherwise; every other code is ours."""
_TYPES: Mapping[HTTPStatus, str] = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}
_PASSING = frozenset({"conflict", "rate_limited", "provider_unavailable"})
"""What the same call may find gone when it is made again."""


def in_openai_form(refusal: Refusal) -> Response[str]:
    """Answer a refusal as OpenAI would; what is permanent says so, or the client asks thrice."""
    status = _status(refusal)
    param, message = _told(refusal)
    error = {
        "message": in_their_ids(message),
        "type": _type(status),
        "param": param,
        "code": _CODES.get(refusal.code, refusal.code),
    }
    headers = dict(refusal.headers)
    if refusal.code not in _PASSING:
        headers["x-should-retry"] = "false"
        headers.pop("Retry-After", None)
    return Response(status, JSON, orjson.dumps({"error": error}).decode(), dict(headers))


def _status(refusal: Refusal) -> HTTPStatus:
    """A conflict that stays is a bad request: clients repeat every 409."""
    if refusal.status is HTTPStatus.CONFLICT and refusal.code not in _PASSING:
        return HTTPStatus.BAD_REQUEST
    return refusal.status


def _type(status: HTTPStatus) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server_error"
    return _TYPES.get(status, "invalid_request_error")


def _told(refusal: Refusal) -> tuple[str | None, str]:
    """Return the field that is wrong, as its caller wrote it, and what is wrong with it."""
    if refusal.code != "invalid_request" or not refusal.details:
        return None, refusal.message
    field, messages = next(iter(refusal.details.items()))
    param = FIELDS.get(field, field)
    return param, f"{param}: {messages[0]}"
