"""The authorizer against real signatures, and a provider that can fail."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from brightrun.ports.dynamodb.accounts.user_access import set_access
from brightrun.records import UserId
from brightrun.runtime import Deps
from tests.support.api.identity_provider import Provider, a_jwt
from tests.support.factories import ADA, NOON


@pytest.fixture(scope="session")
def stranger() -> RSAPrivateKey:
    """A key the provider never published."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def test_an_id_token_names_its_user(ask: Callable[..., Any], signer: RSAPrivateKey) -> None:
    assert ask(a_jwt(signer)) == {
        "kind": "user",
        "user_id": "ada",
        "email": "ada@example.org",
        "admin": "false",
    }


@pytest.mark.parametrize("claim", [False, "false", None, 1])
def test_an_address_that_is_not_proven_is_none(
    ask: Callable[..., Any], signer: RSAPrivateKey, claim: object
) -> None:
    """Mail would go to whomever the user names."""
    assert "email" not in ask(a_jwt(signer, email_verified=claim))


def test_an_access_token_names_its_user(ask: Callable[..., Any], signer: RSAPrivateKey) -> None:
    token = a_jwt(signer, token_use="access", aud=None, client_id="client", email=None)

    assert ask(token) == {"kind": "user", "user_id": "ada", "admin": "false"}


def test_only_the_admin_group_makes_an_admin(
    ask: Callable[..., Any], signer: RSAPrivateKey
) -> None:
    groups: dict[str, Any] = {"cognito:groups": ["admins", "readers"]}
    member = ask(a_jwt(signer, **groups))
    admin = ask(a_jwt(signer, **groups | {"cognito:groups": ["readers", "admin"]}))

    assert member["admin"] == "false"
    assert admin["admin"] == "true"


def test_a_disabled_users_token_opens_nothing_at_once(
    ask: Callable[..., Any], signer: RSAPrivateKey, deps: Deps
) -> None:
    """A token holds for an hour by itself; whoever is disabled is out with the next call."""
    token = a_jwt(signer)
    before = ask(token)
    set_access(deps.table, ADA, UserId("root"), NOON, disabled=True)

    assert before["kind"] == "user"
    assert ask(token)["reason"] == "this user was disabled"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://issuer.test/other"},
        {"aud": "another-client"},
        {"aud": None, "client_id": "client"},
        {"token_use": "access"},
        {"token_use": "refresh"},
        {"token_use": None},
        {"sub": None},
        {"exp": None},
    ],
    ids=json.dumps,
)
def test_a_token_for_somebody_else_is_nobody(
    ask: Callable[..., Any], signer: RSAPrivateKey, changed: dict[str, Any]
) -> None:
    context = ask(a_jwt(signer, **changed))

    assert context == {"kind": "anonymous", "admin": "false", "reason": "the token is not valid"}


def test_a_token_ends_when_it_says_with_30_seconds_of_grace(
    ask: Callable[..., Any], signer: RSAPrivateKey
) -> None:
    noon = int(NOON.timestamp())

    assert ask(a_jwt(signer, exp=noon - 29))["kind"] == "user"
    assert ask(a_jwt(signer, exp=noon - 30))["reason"] == "the token has expired"


def test_a_forged_signature_is_nobody(ask: Callable[..., Any], stranger: RSAPrivateKey) -> None:
    assert ask(a_jwt(stranger))["kind"] == "anonymous"


def test_an_unsigned_token_is_nobody(ask: Callable[..., Any]) -> None:
    assert ask(a_jwt(None, algorithm="none"))["kind"] == "anonymous"


def test_a_token_signed_with_the_public_key_as_a_password_is_nobody(
    ask: Callable[..., Any], provider: Provider
) -> None:
    """Algorithm confusion: HS256 with what everybody can read."""
    published = provider.keys[0]["n"]

    assert ask(a_jwt(published, algorithm="HS256"))["kind"] == "anonymous"


@pytest.mark.parametrize("token", ["x", "a.b.c", "ey.ey.ey", "é" * 30, "x" * 8193])
def test_rubbish_is_nobody(ask: Callable[..., Any], token: str) -> None:
    assert ask(token)["kind"] == "anonymous"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "nonsense"])
def test_a_header_without_a_token_is_nobody(ask: Callable[..., Any], header: str) -> None:
    assert ask(authorization=header)["reason"] == "no token was sent"


def test_no_header_at_all_is_nobody(ask: Callable[..., Any]) -> None:
    assert ask() == {"kind": "anonymous", "admin": "false", "reason": "no token was sent"}


def test_the_providers_keys_are_fetched_once_an_hour(
    ask: Callable[..., Any], signer: RSAPrivateKey, provider: Provider
) -> None:
    asked = []
    for seconds in (0.0, 600.0, 3599.0, 3600.0):
        provider.seconds = seconds
        ask(a_jwt(signer))
        asked.append(provider.asked)

    assert asked == [1, 1, 1, 2]


def test_invented_key_ids_cannot_make_us_hammer_the_provider(
    ask: Callable[..., Any], signer: RSAPrivateKey, provider: Provider
) -> None:
    for number in range(20):
        assert ask(a_jwt(signer, kid=f"invented-{number}"))["kind"] == "anonymous"

    assert provider.asked == 1


def test_a_new_key_of_the_provider_is_found_within_a_minute(
    ask: Callable[..., Any], signer: RSAPrivateKey, provider: Provider
) -> None:
    ask(a_jwt(signer))
    provider.keys = [{**provider.keys[0], "kid": "two"}]
    provider.seconds = 60.0

    assert ask(a_jwt(signer, kid="two"))["kind"] == "user"


def test_an_unreachable_provider_is_said_and_left_alone_for_a_while(
    ask: Callable[..., Any], signer: RSAPrivateKey, provider: Provider
) -> None:
    provider.is_up = False
    reasons = {ask(a_jwt(signer))["reason"] for _ in range(4)}
    asked_while_down = provider.asked
    provider.is_up = True
    provider.seconds = 5.0

    assert reasons == {"identity provider unavailable"}
    assert asked_while_down == 2
    assert ask(a_jwt(signer))["kind"] == "user"


def test_known_keys_stay_in_use_while_the_provider_is_down(
    ask: Callable[..., Any], signer: RSAPrivateKey, provider: Provider
) -> None:
    ask(a_jwt(signer))
    provider.is_up = False
    provider.seconds = 3 * 3600.0

    assert ask(a_jwt(signer))["kind"] == "user"
