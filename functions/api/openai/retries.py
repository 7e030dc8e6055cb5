"""A client repeats what it got no answer to, and sends no key: what it repeats is recognised.

The same body by the same key within ten minutes is the same request while its job has not ended;
a call that the client itself marks as repeated is that in any case. Whoever wants a second job of
the same body meanwhile sends an `Idempotency-Key` of his own, or another seed.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.request import Request

from brightrun.accounts.record import Principal
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb.job_requests import IdempotentRequest, find_created
from brightrun.records import UserId
from brightrun.runtime import Deps

REMEMBERED = 600
"""Seconds; the client's own patience for one call."""
_LONGEST_CHAIN = 32


@dataclass(frozen=True)
class Repeatable:
    """A request as far as its repetition can be told from it."""

    user_id: UserId
    asked: str
    own_key: str | None
    is_retry: bool


def _is_retry(request: Request) -> bool:
    return request.headers.get("x-stainless-retry-count", "0") not in {"", "0"}


def _own_key(request: Request) -> str | None:
    return request.headers.get("idempotency-key") or None


IsRetry = Annotated[bool, Depends(_is_retry)]
OwnKey = Annotated[str | None, Depends(_own_key)]


def idempotency_key(deps: Deps, caller: Principal, asked: Repeatable) -> str:
    """Return the key under which a job is created, or was by the call that this one repeats."""
    if asked.own_key:
        return asked.own_key
    now = int(deps.now().timestamp()) // REMEMBERED
    named = hashlib.sha256(f"{caller.key_id}\n{asked.asked}".encode()).hexdigest()
    for window in (now, now - 1):
        *_, (key, job) = _chain(deps, asked, f"v1:{named}:{window}")
        if job is not None and _is_meant(deps, job, asked):
            return key
    *_, (key, job) = _chain(deps, asked, f"v1:{named}:{now}")
    return key if job is None else f"{key}:{job.id}"


def _is_meant(deps: Deps, job: Job, asked: Repeatable) -> bool:
    young = (deps.now() - job.created_at).total_seconds() < REMEMBERED
    return young and (asked.is_retry or not job.has_ended)


def _chain(deps: Deps, asked: Repeatable, key: str) -> Iterator[tuple[str, Job | None]]:
    """Yield the jobs one body has made in one window, each under the name of the one before."""
    job = find_created(deps.table, IdempotentRequest(asked.user_id, key, asked.asked))
    yield key, job
    for _ in range(_LONGEST_CHAIN):
        if job is None:
            return
        following = f"{key}:{job.id}"
        job = find_created(deps.table, IdempotentRequest(asked.user_id, following, asked.asked))
        if job is None:
            return
        key = following
        yield key, job
