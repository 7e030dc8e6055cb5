"""API keys, for their owner and for administrators: made, listed with their last use, revoked."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from brightrun.accounts.record import USUAL_SCOPES, ApiKey, Principal, Scope
from brightrun.accounts.tokens import api_key, digest
from brightrun.errors import Forbidden
from brightrun.names import Name
from brightrun.ports.dynamodb.accounts import api_keys
from brightrun.ports.dynamodb.accounts.call_rates import last_uses
from brightrun.records import Moment, OwnersRequest, Record, UserId
from brightrun.runtime import Deps

_HINT_LENGTH = 4


class NewApiKey(OwnersRequest):
    """A key to be made.

    Attributes:
        name: so that its owner knows which one to revoke.
        scopes: what it opens; `keys` lets it make and revoke keys.
        expires_in_days: after which it opens nothing; null: until it is revoked.
    """

    name: Annotated[Name, Field(max_length=100)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=3)] = USUAL_SCOPES
    expires_in_days: Annotated[int | None, Field(ge=1, le=3650)] = None


class ApiKeyView(Record):
    """A key as its owner sees it.

    Attributes:
        hint: how its secret ends.
        scopes: what it opens.
        ends_at: from when on it opens nothing; null: until it is revoked.
        last_used_at: when it last opened something; null: it never did.
    """

    id: str
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    ends_at: Moment | None
    last_used_at: Moment | None = None
    revoked_at: Moment | None


def new_api_key(
    deps: Deps, caller: Principal, owner: UserId, wanted: NewApiKey
) -> tuple[ApiKeyView, str]:
    """Return a new key and its secret.

    Raises:
        Forbidden: a key asks for one that opens more than itself.
    """
    if caller.scopes is not None and not set(wanted.scopes) <= set(caller.scopes):
        raise Forbidden("this API key may not make one that opens more than it does")
    secret = api_key(deps.new_secret())
    days, now = wanted.expires_in_days, deps.now()
    key = ApiKey(
        id=deps.new_id(),
        user_id=owner,
        name=wanted.name,
        key_hash=digest(secret),
        hint=secret[-_HINT_LENGTH:],
        scopes=tuple(sorted(set(wanted.scopes))),
        created_at=now,
        ends_at=None if days is None else now + timedelta(days=days),
    )
    api_keys.create_api_key(deps.table, key)
    return _view(key), secret


def keys_of(deps: Deps, owner: UserId) -> tuple[ApiKeyView, ...]:
    """Return a user's keys, newest first."""
    used = last_uses(deps.table, owner)
    found = api_keys.api_keys(deps.table, owner)
    return tuple(_view(key).model_copy(update={"last_used_at": used.get(key.id)}) for key in found)


def revoked(deps: Deps, owner: UserId, key_id: str) -> ApiKeyView:
    """Return a key that opens nothing any more; doing it again changes nothing."""
    return _view(api_keys.revoke_api_key(deps.table, owner, key_id, at=deps.now()))


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView.model_validate(dict(key))
