"""Cognito as the authorizer meets it: its keys over HTTP, and tokens signed with them."""

from datetime import timedelta
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.support.factories import NOON


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


def a_jwt(signer: Any, *, kid: str = "one", algorithm: str = "RS256", **changed: Any) -> str:
    """Return an identity token of Ada's with some claims changed, or left out where None."""
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
