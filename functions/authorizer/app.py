"""Who is calling: a Cognito JWT, an API key, or the token of one worker's attempt.

It identifies and never refuses: every answer is `isAuthorized`, with what was found in the
context; the api function refuses in the platform's own envelope (docs/decisions/003). It only
reads, so it may run twice. Does not cover: what a caller may do, whether an attempt is still the
newest. Who is disabled is out at once here, within a minute by the user pool alone.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import (
    APIGatewayAuthorizerEventV2,
    APIGatewayAuthorizerResponseV2,
)

from brightrun.accounts.access import ADMIN_GROUP
from brightrun.accounts.record import ApiKey, Principal, PrincipalKind
from brightrun.accounts.tokens import (
    API_KEY_PREFIX,
    WORKER_PREFIX,
    digest,
    find_worker_claim,
    is_digest_of,
)
from brightrun.accounts.users import UserAccess
from brightrun.jobs.record import Attempt
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import find
from brightrun.ports.jwks import KeySet, KeysUnavailable, key_set
from brightrun.records import UserId
from brightrun.runtime import Deps, production

MAX_TOKEN_LENGTH = 8192
CLOCK_SKEW = timedelta(seconds=30)

log = Logger(service="authorizer")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer API Gateway's authorizer request (payload 2.0, simple response)."""
    deps = production()
    return handle(event, deps, _keys(deps.settings.cognito_jwks_url))


@cache
def _keys(url: str) -> KeySet:
    return key_set(url, time.monotonic)


def handle(event: dict[str, Any], deps: Deps, provider_keys: KeySet) -> dict[str, Any]:
    """Return who is calling, as strings in the authorizer context."""
    asked = APIGatewayAuthorizerEventV2(event)
    caller = identify(bearer_token(asked.headers), deps, provider_keys)
    log.info("identified", kind=caller.kind, user_id=caller.user_id, reason=caller.reason)
    return APIGatewayAuthorizerResponseV2(authorize=True, context=context_of(caller)).asdict()


def context_of(caller: Principal) -> dict[str, str]:
    """Return the context the api function reads; what is not known is left out."""
    facts = {
        "kind": caller.kind.value,
        "user_id": caller.user_id,
        "email": caller.email,
        "admin": str(caller.is_admin).lower(),
        "key_id": caller.key_id,
        "scopes": None if caller.scopes is None else " ".join(caller.scopes),
        "job_id": caller.job_id,
        "attempt": None if caller.attempt is None else str(caller.attempt),
        "reason": caller.reason,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """Return the token of `Authorization: Bearer …` or of `x-api-key`, whichever is there."""
    lowered = {name.lower(): value for name, value in headers.items()}
    scheme, _, token = lowered.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return lowered.get("x-api-key", "").strip() or None


def identify(token: str | None, deps: Deps, provider_keys: KeySet) -> Principal:
    """Return whom a token belongs to; anonymous, with the reason, when nobody."""
    if token is None:
        return anonymous("no token was sent")
    if len(token) > MAX_TOKEN_LENGTH:
        return anonymous("the token is too long")
    if token.startswith(WORKER_PREFIX):
        return worker_of(token, deps)
    if token.startswith(API_KEY_PREFIX):
        caller = owner_of_key(token, deps)
    else:
        caller = user_of(token, deps, provider_keys)
    return anonymous("this user was disabled") if _is_out(caller, deps) else caller


def _is_out(caller: Principal, deps: Deps) -> bool:
    """Whether an administrator has disabled this user, here or in the user pool."""
    if caller.user_id is None:
        return False
    access = find(deps.table, keys.user_access(caller.user_id), UserAccess)
    if access is not None and access.disabled_at is not None:
        return True
    return deps.users is not None and not deps.users.is_enabled(caller.user_id, deps.now())


def anonymous(reason: str) -> Principal:
    """Return nobody, and why."""
    return Principal(kind=PrincipalKind.ANONYMOUS, reason=reason)


def owner_of_key(token: str, deps: Deps) -> Principal:
    """Return the user an API key belongs to."""
    stored = find(deps.table, keys.api_key(digest(token)), ApiKey)
    if stored is None or not is_digest_of(stored.key_hash, token):
        return anonymous("the API key is not known")
    if stored.revoked_at is not None:
        return anonymous("the API key was revoked")
    if stored.ends_at is not None and stored.ends_at <= deps.now():
        return anonymous("the API key has expired")
    return Principal(
        kind=PrincipalKind.USER,
        user_id=stored.user_id,
        key_id=stored.id,
        scopes=stored.scopes,
    )


def worker_of(token: str, deps: Deps) -> Principal:
    """Return the worker of one attempt.

    Also of an attempt that is over: the api function answers that one `superseded`, the word
    on which a worker stops at once.
    """
    claim = find_worker_claim(token)
    if claim is None:
        return anonymous("the worker token is malformed")
    attempt = find(deps.table, keys.attempt(claim.job_id, claim.attempt), Attempt)
    if attempt is None or not is_digest_of(attempt.token_hash, token):
        return anonymous("the worker token is not known")
    return Principal(
        kind=PrincipalKind.WORKER,
        user_id=attempt.user_id,
        job_id=attempt.job_id,
        attempt=attempt.number,
    )


def user_of(token: str, deps: Deps, provider_keys: KeySet) -> Principal:
    """Return the user a Cognito id or access token was issued to."""
    try:
        claims = verified_claims(token, deps, provider_keys)
    except KeysUnavailable:
        return anonymous("identity provider unavailable")
    except jwt.ExpiredSignatureError:
        return anonymous("the token has expired")
    except jwt.PyJWTError:
        return anonymous("the token is not valid")
    return Principal(
        kind=PrincipalKind.USER,
        user_id=UserId(claims["sub"]),
        # an address that nobody has proven theirs gets no mail from us
        email=claims.get("email") if _is_true(claims.get("email_verified")) else None,
        is_admin=ADMIN_GROUP in claims.get("cognito:groups", []),
    )


def _is_true(claim: object) -> bool:
    """Cognito writes the claim as a truth value, some of its flows as text."""
    return claim is True or claim == "true"


def verified_claims(token: str, deps: Deps, provider_keys: KeySet) -> dict[str, Any]:
    """Return the claims of a token that Cognito signed, for our client, and that still holds.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html

    Raises:
        jwt.PyJWTError: it is not such a token.
        KeysUnavailable: the provider's keys could not be had.
    """
    key_id = jwt.get_unverified_header(token).get("kid", "")
    key = provider_keys.find(key_id)
    if key is None:
        raise jwt.InvalidKeyError(key_id)
    claims: dict[str, Any] = jwt.decode(
        token,
        jwt.PyJWK(dict(key), algorithm="RS256"),
        algorithms=["RS256"],
        issuer=deps.settings.cognito_issuer,
        # Time is judged below by our own clock; the audience by the kind of token.
        options={
            "require": ["exp", "iss", "sub", "token_use"],
            "verify_aud": False,
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )
    _require_time_left(claims, deps.now())
    _require_client(claims, deps.settings.cognito_client_id)
    return claims


def _require_time_left(claims: Mapping[str, Any], now: datetime) -> None:
    expires_at = claims["exp"]
    if not isinstance(expires_at, int | float):
        raise jwt.DecodeError("exp is not a number")
    if expires_at <= (now - CLOCK_SKEW).timestamp():
        raise jwt.ExpiredSignatureError


def _require_client(claims: Mapping[str, Any], client_id: str) -> None:
    """An id token names its client in `aud`, an access token in `client_id`."""
    named = {"id": claims.get("aud"), "access": claims.get("client_id")}
    if not client_id or named.get(claims["token_use"]) != client_id:
        raise jwt.InvalidAudienceError
