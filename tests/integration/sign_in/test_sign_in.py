"""Signing in to a user pool by its own API: proof of a password, first password, code, renewal.

Covers: accounts.srp.
"""

from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.accounts.srp import timestamp
from brightrun.client.sign_in import (
    Challenge,
    PoolApi,
    PoolUnreachable,
    SignInRefused,
    Tokens,
    answer,
    renewed,
    sign_in,
)
from tests.support.deployment.srp_pool import SrpPool, answered, challenge, tokens
from tests.support.factories import NOON

PASSWORD = "Correct-horse-1"  # pragma: allowlist secret


def api(pool: SrpPool, random: bytes = b"r" * 128) -> PoolApi:
    return PoolApi(
        http=httpx.Client(transport=httpx.MockTransport(pool.handle)),
        endpoint="https://cognito-idp.test",
        pool_id=pool.pool_id,
        client_id="client",
        now=lambda: NOON,
        sleep=lambda _: None,
        random=lambda count: random[:count],
    )


def test_a_password_is_proven_and_never_sent() -> None:
    pool = SrpPool(PASSWORD)
    outcome = sign_in(api(pool), "you@example.org", PASSWORD)

    assert outcome == Tokens("id-first", "refresh-first", NOON + timedelta(hours=1), "access-first")
    assert PASSWORD not in str(pool.bodies)


@given(password=st.text(min_size=1), random=st.binary(min_size=128, max_size=128))
@settings(max_examples=8)
def test_whatever_the_password_the_proof_is_the_pools_own(password: str, random: bytes) -> None:
    pool = SrpPool(password)

    assert isinstance(sign_in(api(pool, random), "you@example.org", password), Tokens)


def test_a_wrong_password_is_refused() -> None:
    with pytest.raises(SignInRefused, match="Incorrect") as refused:
        sign_in(api(SrpPool(PASSWORD)), "you@example.org", "another")

    assert refused.value.code == "NotAuthorizedException"


def test_a_pool_that_takes_passwords_alone_gets_none() -> None:
    """Whoever could pretend that a pool proves nothing would be told every password."""
    pool = SrpPool(PASSWORD, flows=frozenset({"USER_PASSWORD_AUTH"}))

    with pytest.raises(SignInRefused, match="USER_SRP_AUTH is not enabled"):
        sign_in(api(pool), "you@example.org", PASSWORD)

    assert PASSWORD not in str(pool.bodies)


def test_a_pool_whose_number_proves_nothing_is_not_answered() -> None:
    """With a public number of zero the pool would accept, and learn from, any proof."""
    zero = {
        "SALT": "aa",
        "SRP_B": "0",
        "SECRET_BLOCK": "YQ==",
        "USER_ID_FOR_SRP": "u",
    }
    pool = SrpPool(PASSWORD)
    pool.instead = lambda _: answered(
        {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": zero}
    )

    with pytest.raises(SignInRefused, match="proves nothing"):
        sign_in(api(pool), "you@example.org", PASSWORD)


def test_a_first_password_and_a_code_are_asked_for_one_after_the_other() -> None:
    pool = SrpPool(PASSWORD, next=challenge("NEW_PASSWORD_REQUIRED"))
    pool.codes = {"My-own-1": challenge("SOFTWARE_TOKEN_MFA"), "123456": tokens("whole")}
    first = sign_in(api(pool), "you@example.org", PASSWORD)
    assert isinstance(first, Challenge)
    second = answer(api(pool), first, "My-own-1")
    assert isinstance(second, Challenge)
    last = answer(api(pool), second, "123456")

    assert isinstance(last, Tokens)
    assert last.id_token == "id-whole"
    with pytest.raises(SignInRefused, match="Invalid code"):
        answer(api(pool), second, "000000")


def test_what_cannot_be_asked_in_a_terminal_is_sent_to_the_dashboard() -> None:
    pool = SrpPool(PASSWORD, next=challenge("WEB_AUTHN"))

    with pytest.raises(SignInRefused, match="WEB_AUTHN: use the dashboard"):
        sign_in(api(pool), "you@example.org", PASSWORD)


def test_a_renewal_keeps_what_renews() -> None:
    fresh = renewed(api(SrpPool(PASSWORD)), "refresh-first")

    assert (fresh.id_token, fresh.refresh_token) == ("id-second", "refresh-first")


def test_a_pool_that_fails_is_asked_three_times_and_no_more() -> None:
    asked = []

    def broken(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(503)

    pool = SrpPool(PASSWORD, instead=broken)
    with pytest.raises(PoolUnreachable, match="status 503"):
        sign_in(api(pool), "you@example.org", PASSWORD)

    assert len(asked) == 3


def test_an_answer_that_got_lost_is_not_asked_for_again() -> None:
    """A code counts once: sending it twice would lock out whoever typed it right."""
    asked = []

    def lost(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ReadTimeout("lost", request=request)

    with pytest.raises(PoolUnreachable):
        sign_in(api(SrpPool(PASSWORD, instead=lost)), "you@example.org", PASSWORD)

    assert len(asked) == 1


def test_the_time_is_signed_in_english_and_without_a_padded_day() -> None:
    assert timestamp(NOON.replace(year=2026, month=3, day=5)) == "Thu Mar 5 12:00:00 UTC 2026"
