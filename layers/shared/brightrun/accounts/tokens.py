"""The shapes of our own bearer tokens, and what of them is stored. Pure.

An API key is `brk_{secret}`; a worker's token is `brw_{job_id}_{attempt}_{secret}`, so that one
read finds the attempt it speaks for. Only the SHA-256 of a whole token is ever stored: secrets
here are 256 random bits, which no slow hash could make harder to guess. Does not cover who may
do what: a token only says who is calling.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

API_KEY_PREFIX = "brk_"
WORKER_PREFIX = "brw_"
_WORKER = re.compile(r"brw_(?P<job_id>[0-9a-f-]{36})_(?P<attempt>[1-9][0-9]{0,3})_[\w-]{20,128}")


@dataclass(frozen=True)
class WorkerClaim:
    """Which attempt a token says it belongs to; true only once the stored hash agrees."""

    job_id: str
    attempt: int


def api_key(secret: str) -> str:
    """Return the API key made of this secret; shown to its owner once."""
    return f"{API_KEY_PREFIX}{secret}"


def worker_token(job_id: str, attempt: int, secret: str) -> str:
    """Return the token of one attempt's worker."""
    return f"{WORKER_PREFIX}{job_id}_{attempt}_{secret}"


def digest(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_worker_claim(token: str) -> WorkerClaim | None:
    """Return what a worker's token says of itself, or None when it has another shape."""
    found = _WORKER.fullmatch(token)
    return WorkerClaim(found["job_id"], int(found["attempt"])) if found else None


def hook_of(token_hash: str) -> str:
    """Return the unguessable end of an attempt's webhook address; it opens nothing else.

    Derived from the stored hash, so that the address can be checked without keeping it.
    """
    return hmac.new(token_hash.encode(), b"runpod webhook", hashlib.sha256).hexdigest()


def is_hook_of(token_hash: str, hook: str) -> bool:
    """Tell, in constant time, whether `hook` belongs to the attempt with this token hash."""
    return hmac.compare_digest(hook_of(token_hash).encode(), hook.encode())


def is_digest_of(stored: str, token: str) -> bool:
    """Tell, in constant time, whether the stored hash is this token's."""
    return hmac.compare_digest(stored, digest(token))
