"""Where people sign in, and who is calling."""

from dataclasses import replace

from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import NOBODY, Call, an_event, answered, identity
from tests.support.factories import ADA


def test_where_to_sign_in_is_told_to_everybody(deps: Deps) -> None:
    issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12"
    settings = deps.settings.model_copy(
        update={"cognito_issuer": issuer, "cognito_jwks_url": f"{issuer}/.well-known/jwks.json"}
    )
    event = an_event("GET /api/config", None, NOBODY, None, None, None)

    answer = answered(handle(event, None, replace(deps, settings=settings)))

    assert answer.data == {
        "stage": "test",
        "region": "eu-west-1",
        "user_pool_id": "eu-west-1_Ab12",
        "user_pool_client_id": "client",
        "cognito_endpoint": "https://cognito-idp.eu-west-1.amazonaws.com",
    }


def test_an_administrator_is_told_so(api: Call) -> None:
    caller = identity(user_id=ADA, email="ada@example.com", admin="true")

    me = api("GET /api/me", caller=caller).data

    assert me == {"user_id": ADA, "email": "ada@example.com", "groups": ["admin"]}


def test_an_api_key_has_an_owner_and_neither_address_nor_group(api: Call) -> None:
    me = api("GET /api/me", caller=identity(user_id=ADA, key_id="key-1")).data

    assert me == {"user_id": ADA, "email": None, "groups": []}
