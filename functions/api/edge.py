"""What every request meets before a route, and every answer after it: shares, audit, headers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from brightrun.accounts.audit import Actor
from brightrun.accounts.record import Principal, PrincipalKind
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.call_rates import Rate, draw, key_bucket, user_bucket
from brightrun.runtime import Deps

WORKER_RATE = Rate(per_second=5, burst=100)
"""A worker's share is its own: its user's dashboards take nothing of it, nor it of theirs."""
_WORKER_BUCKET_LIFE = timedelta(days=8)
LARGEST_ANSWER_BYTES = 5_500_000
"""Lambda answers at most 6 MB, headers and JSON around the body included."""
_PAGE = "/docs"
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_PAGE_ITSELF = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def take_share(deps: Deps, caller: Principal) -> None:
    """Count a call of whoever is known.

    Raises:
        RateLimited: the user, the key or the worker has used up its share for now.
    """
    now = deps.now()
    if caller.kind is PrincipalKind.WORKER and caller.job_id and caller.attempt:
        bucket = keys.worker_bucket(caller.job_id, caller.attempt)
        until = keys.expiry(now + _WORKER_BUCKET_LIFE)
        draw(deps.table, bucket, WORKER_RATE, now=now, expires_at=until)
    elif caller.kind is PrincipalKind.USER and caller.user_id is not None:
        rate = Rate(deps.settings.calls_per_second, deps.settings.calls_at_once)
        if caller.key_id is not None:
            draw(deps.table, key_bucket(caller.user_id, caller.key_id), rate, now=now)
        draw(deps.table, user_bucket(caller.user_id), rate, now=now)


def acting(deps: Deps, caller: Principal, event: Mapping[str, Any]) -> Deps:
    """Return the wires of one request of a user: what it changes is remembered as theirs."""
    if caller.kind is not PrincipalKind.USER or caller.user_id is None:
        return deps
    context = event["requestContext"]
    actor = Actor(
        user_id=caller.user_id,
        key_id=caller.key_id,
        address=context["http"].get("sourceIp"),
        request_id=str(context.get("requestId", "")),
        at=deps.now(),
    )
    return replace(deps, table=replace(deps.table, actor=actor))


def guarded(answer: dict[str, Any], path: str) -> dict[str, Any]:
    """Return an answer with the headers that keep browsers from making more of it than it is."""
    is_page = path == _PAGE and answer["statusCode"] == HTTPStatus.OK
    policy = _PAGE_ITSELF if is_page else _NOTHING
    headers = {**_HEADERS, "Content-Security-Policy": policy, **answer["headers"]}
    return {**answer, "headers": headers}


def is_no_text(path: str) -> bool:
    """Whether a path holds half a surrogate pair, which no answer could repeat.

    API Gateway lets through only what is UTF-8; another front may not.
    """
    return not path.isascii() and path.encode(errors="replace").decode() != path


def is_too_large(answer: Mapping[str, Any]) -> bool:
    """Whether Lambda would refuse to pass an answer on."""
    body = answer.get("body") or ""
    return len(body) > LARGEST_ANSWER_BYTES // 4 and len(body.encode()) > LARGEST_ANSWER_BYTES
