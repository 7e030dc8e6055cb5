"""API keys in the table, found by the hash of their secret."""

from datetime import datetime, timedelta

from brightrun.accounts.record import ApiKey
from brightrun.errors import ApiKeyNotFound, QuotaExceeded
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Table, listed
from brightrun.ports.dynamodb.writes import commit, put_new, replace
from brightrun.records import UserId

MAX_API_KEYS = 50


def api_keys(table: Table, user_id: UserId) -> tuple[ApiKey, ...]:
    """Return a user's API keys, newest first, revoked ones among them."""
    page = listed(table, keys.api_keys(user_id), ApiKey, limit=MAX_API_KEYS * 2)
    return page.records


def create_api_key(table: Table, key: ApiKey) -> None:
    """Write a new API key.

    Raises:
        QuotaExceeded: the user has 50 already, counting revoked ones of the last days.
    """
    if len(api_keys(table, key.user_id)) >= MAX_API_KEYS:
        raise QuotaExceeded(f"a user may have {MAX_API_KEYS} API keys; revoke one")
    commit(table, [put_new(table, key)])


def revoke_api_key(table: Table, user_id: UserId, key_id: str, *, at: datetime) -> ApiKey:
    """Return a key as revoked; it opens nothing from now on, and is forgotten in 30 days.

    Raises:
        ApiKeyNotFound: no such key of this user.
    """
    for key in api_keys(table, user_id):
        if key.id == key_id:
            return key if key.revoked_at else _revoke(table, key, at)
    raise ApiKeyNotFound(key_id)


def _revoke(table: Table, key: ApiKey, at: datetime) -> ApiKey:
    revoked = key.model_copy(update={"revoked_at": at})
    write = replace(table, key, revoked)
    write["Put"]["Item"]["expires_at"] = keys.expiry(at + timedelta(days=30))
    commit(table, [write])
    return revoked
