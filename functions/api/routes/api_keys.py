"""API keys: made, listed, revoked. The secret is shown once, when a key is made."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, Field

from brightrun.accounts.record import ApiKey
from brightrun.accounts.tokens import api_key, digest
from brightrun.envelope import Success
from brightrun.names import Name
from brightrun.ports.dynamodb import api_keys
from brightrun.records import Moment, Record, Request, UserId
from brightrun.runtime import Deps
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
_HINT_LENGTH = 4


class NewApiKey(Request):
    """What a key is called, so that its owner knows which one to revoke."""

    name: Annotated[Name, Field(max_length=100)]


class ApiKeyView(Record):
    """A key as its owner sees it; `hint` is how its secret ends."""

    id: str
    name: str
    hint: str
    created_at: Moment
    revoked_at: Moment | None


class CreatedApiKey(BaseModel):
    """A new key. `secret` is shown this once and cannot be shown again."""

    api_key: ApiKeyView
    secret: str


class ApiKeys(BaseModel):
    """Every key of a user, newest first; a revoked one is still listed for 30 days."""

    api_keys: tuple[ApiKeyView, ...]


@router.post("/api/api-keys", tags=["api keys"], status_code=HTTPStatus.CREATED)
def create_key(deps: Wires, user_id: Owner, wanted: NewApiKey) -> Success[CreatedApiKey]:
    """Make a key. Asking twice makes two; the other one can be revoked."""
    secret = api_key(deps.new_secret())
    key = _key(deps, user_id, wanted.name, secret)
    api_keys.create_api_key(deps.table, key)
    return Success(data=CreatedApiKey(api_key=_view(key), secret=secret))


@router.get("/api/api-keys", tags=["api keys"])
def list_keys(deps: Wires, user_id: Owner) -> Success[ApiKeys]:
    """List the caller's keys."""
    found = api_keys.api_keys(deps.table, user_id)
    return Success(data=ApiKeys(api_keys=tuple(_view(key) for key in found)))


@router.delete("/api/api-keys/<key_id>", tags=["api keys"])
def revoke_key(
    deps: Wires, user_id: Owner, key_id: Annotated[str, Path(min_length=1, max_length=64)]
) -> Success[ApiKeyView]:
    """Revoke a key; doing it again changes nothing."""
    return Success(data=_view(api_keys.revoke_api_key(deps.table, user_id, key_id, at=deps.now())))


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView.model_validate(dict(key))


def _key(deps: Deps, user_id: UserId, name: str, secret: str) -> ApiKey:
    return ApiKey(
        id=deps.new_id(),
        user_id=user_id,
        name=name,
        key_hash=digest(secret),
        hint=secret[-_HINT_LENGTH:],
        created_at=deps.now(),
    )
