"""API keys: made, listed, revoked. The secret is shown once, when a key is made."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from brightrun.envelope import Success
from brightrun.records import DeferredModel
from functions.api.accounts.key_care import ApiKeyView, NewApiKey, keys_of, new_api_key, revoked
from functions.api.dependencies import Caller, Owner, Wires

router = Router()  # type: ignore[no-untyped-call]


class CreatedApiKey(DeferredModel):
    """A new key. `secret` is shown this once and cannot be shown again."""

    api_key: ApiKeyView
    secret: str


class ApiKeys(DeferredModel):
    """Every key of a user, newest first; a revoked one is still listed for 30 days."""

    api_keys: tuple[ApiKeyView, ...]


@router.post("/api/api-keys", tags=["api keys"], status_code=HTTPStatus.CREATED)
def create_key(
    deps: Wires, caller: Caller, user_id: Owner, wanted: NewApiKey
) -> Success[CreatedApiKey]:
    """Make a key, which opens no more than what makes it. Asking twice makes two."""
    key, secret = new_api_key(deps, caller, user_id, wanted)
    return Success(data=CreatedApiKey(api_key=key, secret=secret))


@router.get("/api/api-keys", tags=["api keys"])
def list_keys(deps: Wires, user_id: Owner) -> Success[ApiKeys]:
    """List the caller's keys, with when each was last used."""
    return Success(data=ApiKeys(api_keys=keys_of(deps, user_id)))


@router.delete("/api/api-keys/<key_id>", tags=["api keys"])
def revoke_key(
    deps: Wires, user_id: Owner, key_id: Annotated[str, Path(min_length=1, max_length=64)]
) -> Success[ApiKeyView]:
    """Revoke a key; doing it again changes nothing."""
    return Success(data=revoked(deps, user_id, key_id))
