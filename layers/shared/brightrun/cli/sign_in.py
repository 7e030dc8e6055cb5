"""Tokens of a sign-in, in a profile: fetched by `brightrun login`, renewed when an hour is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from brightrun.cli.exit_status import WrongCommand
from brightrun.client import BrightRun, BrightRunError
from brightrun.client.sign_in import (
    Challenge,
    ChallengeName,
    PoolApi,
    SignInRefused,
    Tokens,
    answer,
    renewed,
    revoke,
    sign_in,
)

if TYPE_CHECKING:
    from brightrun.cli.session import Session

_MARGIN = timedelta(minutes=1)
_CODE_TRIES = 3
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)


@contextmanager
def user_pool(session: "Session", url: str) -> Iterator[PoolApi]:
    """Yield the user pool that a stage says it accepts tokens of."""
    with BrightRun(url, transport=session.transport, sleep=session.sleep) as stage:
        told = stage.stage.sign_in()
    with httpx.Client(timeout=_TIMEOUT, transport=session.transport) as http:
        yield PoolApi(
            http=http,
            endpoint=told.cognito_endpoint,
            pool_id=told.user_pool_id,
            client_id=told.user_pool_client_id,
            now=session.now,
            sleep=session.sleep,
        )


def signed_in(session: "Session", url: str, email: str) -> Tokens:
    """Ask for the password, and whatever the pool wants besides, until there are tokens.

    Raises:
        SignInRefused: the pool said no.
        PoolUnreachable: it did not answer.
    """
    with user_pool(session, url) as pool:
        outcome = sign_in(pool, email, session.ask_secret("Password: "))
        while isinstance(outcome, Challenge):
            outcome = _answered(session, pool, outcome)
    return outcome


def fresh(session: "Session", url: str, tokens: Tokens) -> Tokens:
    """Return tokens that are valid for a while: these, or new ones.

    Raises:
        WrongCommand: they cannot be renewed any more.
        PoolUnreachable: the pool did not answer.
    """
    if tokens.expires_at - _MARGIN > session.now():
        return tokens
    if tokens.refresh_token is None:
        raise WrongCommand("the sign-in has ended: run `brightrun login`")
    try:
        with user_pool(session, url) as pool:
            return renewed(pool, tokens.refresh_token)
    except SignInRefused as refusal:
        raise WrongCommand(f"the sign-in has ended: {refusal}: run `brightrun login`") from refusal


def ended(session: "Session", url: str, tokens: Tokens) -> bool:
    """Revoke a sign-in; False where the pool could not be told: its tokens end by themselves."""
    if tokens.refresh_token is None:
        return True
    try:
        with user_pool(session, url) as pool:
            revoke(pool, tokens.refresh_token)
    except BrightRunError:
        return False
    return True


def _answered(session: "Session", pool: PoolApi, challenge: Challenge) -> Tokens | Challenge:
    if challenge.name is ChallengeName.NEW_PASSWORD:
        return answer(pool, challenge, _new_password(session))
    for left in reversed(range(_CODE_TRIES)):
        code = session.ask("Code of your authenticator: ").strip()
        try:
            return answer(pool, challenge, code)
        except SignInRefused as refusal:
            if refusal.code != "CodeMismatchException" or not left:
                raise
    raise AssertionError("the last try returns or raises")


def _new_password(session: "Session") -> str:
    chosen = session.ask_secret("A new password of your own: ")
    if chosen != session.ask_secret("Once more: "):
        raise WrongCommand("the two passwords differ; nothing was changed")
    return chosen


def read_tokens(facts: dict[str, object]) -> Tokens | None:
    """Return the tokens of a profile; None where it has none, or not all of them."""
    id_token, expires_at = facts.get("id_token"), facts.get("expires_at")
    refresh_token = facts.get("refresh_token")
    if not isinstance(id_token, str) or not isinstance(expires_at, datetime):
        return None
    return Tokens(id_token, refresh_token if isinstance(refresh_token, str) else None, expires_at)
