"""Signing in to a user pool by its own API, as the dashboard does: no AWS credential is needed.

The password is proven and never sent (`USER_SRP_AUTH`), whatever a pool says that it allows.
Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx

from brightrun.accounts import srp
from brightrun.client.errors import NoConnection, NotSignedIn

_TRIES = 3


class ChallengeName(StrEnum):
    """What a pool may want beside the password; anything else cannot be answered here."""

    NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"
    CODE = "SOFTWARE_TOKEN_MFA"


_ANSWERS = {
    ChallengeName.NEW_PASSWORD: "NEW_PASSWORD",
    ChallengeName.CODE: "SOFTWARE_TOKEN_MFA_CODE",
}


class SignInRefused(NotSignedIn):
    """The pool said no; `code` is its own word for why: `NotAuthorizedException`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(HTTPStatus.UNAUTHORIZED, code, message)


class PoolUnreachable(NoConnection):
    """The user pool did not answer in three tries."""


@dataclass(frozen=True)
class Tokens:
    """What opens the API for an hour, and what fetches the next for a month."""

    id_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    access_token: str | None = field(default=None, repr=False)
    """What changes one's own account at the pool; None: these were kept, and it was not."""


@dataclass(frozen=True)
class Challenge:
    """What has to be answered before there are tokens."""

    name: ChallengeName
    session: str = field(repr=False)
    username: str


@dataclass(frozen=True)
class PoolApi:
    """One user pool and one app client of it; `http` needs no base address.

    Attributes:
        random: so many random bytes.
    """

    http: httpx.Client
    endpoint: str
    pool_id: str
    client_id: str
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    random: Callable[[int], bytes] = secrets.token_bytes


def sign_in(pool: PoolApi, username: str, password: str) -> Tokens | Challenge:
    """Return tokens, or what the pool wants to know first.

    Raises:
        SignInRefused: the name or the password is wrong, or the pool wants what we do not do.
        PoolUnreachable: no answer.
    """
    return _outcome(pool, _proven(pool, username, password), username)


def answer(pool: PoolApi, challenge: Challenge, text: str) -> Tokens | Challenge:
    """Answer a challenge: with the new password, or with the code of the authenticator.

    Raises:
        SignInRefused, PoolUnreachable: see `sign_in`.
    """
    told = _respond(
        pool,
        challenge.name,
        challenge.session,
        {"USERNAME": challenge.username, _ANSWERS[challenge.name]: text},
    )
    return _outcome(pool, told, challenge.username)


def renewed(pool: PoolApi, refresh_token: str) -> Tokens:
    """Return fresh tokens for a refresh token; it is kept, a pool sends none again.

    Raises:
        SignInRefused: it is not valid any more: sign in again.
        PoolUnreachable: no answer.
    """
    told = _begun(pool, "REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": refresh_token})
    outcome = _outcome(pool, told, "")
    if isinstance(outcome, Challenge):
        raise SignInRefused("UnknownChallenge", "the user pool wants a new sign-in")
    return Tokens(outcome.id_token, outcome.refresh_token or refresh_token, outcome.expires_at)


def revoke(pool: PoolApi, refresh_token: str) -> None:
    """Let a refresh token, and the access tokens it made, open nothing any more.

    Raises:
        SignInRefused, PoolUnreachable: see `sign_in`.
    """
    _call(pool, "RevokeToken", {"Token": refresh_token, "ClientId": pool.client_id})


def _proven(pool: PoolApi, username: str, password: str) -> dict[str, Any]:
    handshake = srp.Handshake.of_random(pool.random(srp.SECRET_BYTES))
    begun = _begun(pool, "USER_SRP_AUTH", {"USERNAME": username, "SRP_A": handshake.public})
    if begun.get("ChallengeName") != "PASSWORD_VERIFIER":
        return begun
    told: Mapping[str, str] = begun["ChallengeParameters"]
    challenge = srp.Challenge(
        told["USER_ID_FOR_SRP"], told["SALT"], told["SRP_B"], told["SECRET_BLOCK"]
    )
    try:
        proof = handshake.proof(pool.pool_id, password, challenge, pool.now())
    except srp.BadChallenge as error:
        raise SignInRefused("BadChallenge", str(error)) from error
    return _respond(pool, "PASSWORD_VERIFIER", begun.get("Session"), proof)


def _begun(pool: PoolApi, flow: str, parameters: dict[str, str]) -> dict[str, Any]:
    body = {"AuthFlow": flow, "ClientId": pool.client_id, "AuthParameters": parameters}
    return _call(pool, "InitiateAuth", body)


def _respond(
    pool: PoolApi, name: str, session: str | None, answers: dict[str, str]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ClientId": pool.client_id,
        "ChallengeName": str(name),
        "ChallengeResponses": answers,
    }
    return _call(
        pool, "RespondToAuthChallenge", body if session is None else {**body, "Session": session}
    )


def _outcome(pool: PoolApi, told: Mapping[str, Any], username: str) -> Tokens | Challenge:
    if result := told.get("AuthenticationResult"):
        expires_at = pool.now() + timedelta(seconds=int(result["ExpiresIn"]))
        return Tokens(
            result["IdToken"], result.get("RefreshToken"), expires_at, result["AccessToken"]
        )
    name = str(told.get("ChallengeName"))
    if name not in set(ChallengeName):
        raise SignInRefused("UnknownChallenge", f"this sign-in asks for {name}: use the dashboard")
    parameters = told.get("ChallengeParameters") or {}
    known = str(parameters.get("USER_ID_FOR_SRP") or username)
    return Challenge(ChallengeName(name), str(told.get("Session") or ""), known)


def _call(pool: PoolApi, action: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"AWSCognitoIdentityProviderService.{action}",
    }
    told = "no answer"
    for attempt in range(_TRIES):
        if attempt:
            pool.sleep(2.0**attempt)
        try:
            response = pool.http.post(pool.endpoint, headers=headers, json=body)
        except httpx.ConnectError as error:
            told = type(error).__name__
            continue
        except httpx.HTTPError as error:
            # it may have been heard: a code or a new password is not sent twice
            raise PoolUnreachable(
                f"the user pool did not answer: {type(error).__name__}"
            ) from error
        if not response.is_server_error:
            return _read(response)
        told = f"status {response.status_code}"
    raise PoolUnreachable(f"the user pool did not answer: {told}")


def _read(response: httpx.Response) -> dict[str, Any]:
    try:
        told = response.json() if response.content else {}
    except ValueError:
        told = {}
    if response.is_success and isinstance(told, dict):
        return told
    kind = str(told.get("__type") or "UnknownRefusal").rsplit("#", 1)[-1]
    raise SignInRefused(kind, str(told.get("message") or told.get("Message") or kind))
