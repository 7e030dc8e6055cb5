"""What may come in a body: how large, of which type; judged before anything reads it."""

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from brightrun.errors import InvalidRequest, TooLarge
from functions.api.errors import JSON, Refusal, edge_refusal, refusal_of

MAX_BODY_BYTES = 1024**2


def refuse_unless_json(event: Mapping[str, Any]) -> Refusal | None:
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
    try:
        raw_body(event).decode()
    except ValueError:
        return False
    return True


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Return a body as it was sent. Raises ValueError for what is no Base64 and should be."""
    body: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "surrogatepass")
    return base64.b64decode(body, validate=True)


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
