"""An authorizer to ask, with a provider behind it whose keys are known."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from brightrun.ports.jwks import KeySet
from brightrun.runtime import Deps
from functions.authorizer.app import handle
from tests.support.api.identity_provider import Provider


@pytest.fixture(scope="session")
def signer() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


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
