"""The authorizer against a real table shape, real signatures, and a provider that can fail."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from brightrun.accounts.tokens import api_key, worker_token
from brightrun.jobs.record import AttemptState
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.ports.jwks import KeySet
from brightrun.runtime import Deps
from functions.authorizer.app import handle
from tests.support.factories import ADA, JOB_ID, KEY_ID, NOON, an_api_key, an_attempt

KEY_SECRET = "k" * 43
WORKER_SECRET = "w" * 43


@pytest.fixture(scope="session")
def signer() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def stranger() -> RSAPrivateKey:
    """A key the provider never published."""
    return generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """Cognito's public keys over HTTP; counts how often it was asked, and can go down."""

    def __init__(self, signer: RSAPrivateKey) -> None:
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(signer.public_key(), as_dict=True)
        self.keys: list[dict[str, Any]] = [{**jwk, "kid": "one", "use": "sig"}]
        self.is_up = True
        self.asked = 0
        self.seconds = 0.0

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if not self.is_up:
            raise httpx.ConnectTimeout("too slow", request=request)
        return httpx.Response(200, json={"keys": self.keys})


@pytest.fixture
def provider(signer: RSAPrivateKey) -> Provider:
    return Provider(signer)


@pytest.fixture
def keys(provider: Provider) -> Iterator[KeySet]:
    with httpx.Client(transport=httpx.MockTransport(provider.answer)) as client:
        yield KeySet(client, "https://issuer.test/pool/jwks", lambda: provider.seconds)


@pytest.fixture
def ask(deps: Deps, keys: KeySet) -> Callable[..., dict[str, str]]:
    """Ask the authorizer about a request; gives the context, after checking it refuses nobody."""
    event = json.loads(Path("events/authorizer.json").read_text())

    def asking(token: str | None = None, **headers: str) -> dict[str, str]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        answer = handle({**event, "headers": sent}, deps, keys)
        assert answer["isAuthorized"] is True
        context: dict[str, str] = answer["context"]
        return context

    return asking


def a_jwt(signer: Any, *, kid: str = "one", algorithm: str = "RS256", **changed: Any) -> str:
    claims = {
        "sub": "ada",
        "iss": "https://issuer.test/pool",
        "token_use": "id",
        "aud": "client",
        "email": "ada@example.org",
        "email_verified": True,
        "exp": int((NOON + timedelta(minutes=60)).timestamp()),
    } | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, signer, algorithm=algorithm, headers={"kid": kid})


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


@pytest.mark.parametrize("header", ["authorization", "x_api_key"])
def test_an_api_key_names_its_owner(ask: Callable[..., Any], deps: Deps, header: str) -> None:
    token = api_key(KEY_SECRET)
    commit(deps.table, [put_new(deps.table, an_api_key(token=token))])
    sent = f"bearer {token}" if header == "authorization" else token

    assert ask(**{header: sent}) == {
        "kind": "user",
        "user_id": ADA,
        "admin": "false",
        "key_id": KEY_ID,
        "scopes": "read write",
    }


def test_a_revoked_api_key_is_nobody(ask: Callable[..., Any], deps: Deps) -> None:
    token = api_key(KEY_SECRET)
    commit(deps.table, [put_new(deps.table, an_api_key(token=token, revoked_at=NOON))])

    assert ask(token)["reason"] == "the API key was revoked"


def test_an_unknown_api_key_is_nobody(ask: Callable[..., Any]) -> None:
    assert ask(api_key(KEY_SECRET))["reason"] == "the API key is not known"


def test_a_worker_speaks_for_its_attempt_alone(ask: Callable[..., Any], deps: Deps) -> None:
    token = worker_token(JOB_ID, 1, WORKER_SECRET)
    commit(deps.table, [put_new(deps.table, an_attempt(token=token))])

    assert ask(token) == {
        "kind": "worker",
        "user_id": ADA,
        "admin": "false",
        "job_id": JOB_ID,
        "attempt": "1",
    }


def test_the_worker_of_an_ended_attempt_is_still_known(ask: Callable[..., Any], deps: Deps) -> None:
    """The api function tells it `superseded`, the word on which a worker stops."""
    token = worker_token(JOB_ID, 1, WORKER_SECRET)
    ended = an_attempt(token=token, state=AttemptState.ENDED)
    commit(deps.table, [put_new(deps.table, ended)])

    assert ask(token)["kind"] == "worker"


@pytest.mark.parametrize(
    "token",
    [
        worker_token(JOB_ID, 2, WORKER_SECRET),
        worker_token(JOB_ID, 1, "v" * 43),
        worker_token(JOB_ID.replace("a1", "a2"), 1, WORKER_SECRET),
        worker_token(JOB_ID, 0, WORKER_SECRET),
        f"brw_{JOB_ID}_1_",
        "brw_../../x_1_" + WORKER_SECRET,
    ],
)
def test_a_guessed_worker_token_is_nobody(ask: Callable[..., Any], deps: Deps, token: str) -> None:
    held = worker_token(JOB_ID, 1, WORKER_SECRET)
    commit(deps.table, [put_new(deps.table, an_attempt(token=held))])

    assert ask(token)["kind"] == "anonymous"
