"""Who is who and who is out: an administrator looks at users, disables them, sees to their keys."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from brightrun.accounts.access import owner_of
from brightrun.accounts.users import UserAccess
from brightrun.envelope import Success
from brightrun.ports.dynamodb.accounts.erasures import withdraw_for_user
from brightrun.ports.dynamodb.accounts.user_access import set_access
from brightrun.records import DeferredModel, UserId
from functions.api.accounts.key_care import ApiKeyView, keys_of, revoked
from functions.api.accounts.user_view import UserView, view_of
from functions.api.dependencies import Caller, Wires

router = Router()  # type: ignore[no-untyped-call]
UserIdPath = Annotated[str, Path(min_length=1, max_length=128)]
KeyIdPath = Annotated[str, Path(min_length=1, max_length=64)]


class UsersKeys(DeferredModel):
    """Every key of a user, newest first; a revoked one is still listed for 30 days."""

    api_keys: tuple[ApiKeyView, ...]


@router.get("/api/admin/users/<user_id>", tags=["admin"])
def read_user(deps: Wires, user_id: UserIdPath) -> Success[UserView]:
    """Tell who a user is, what there is of theirs, and whether they may come in.

    Any id is answered: somebody who never declared a dataset can sign in all the same.
    """
    return Success(data=view_of(deps, UserId(user_id)))


@router.post("/api/admin/users/<user_id>/disable", tags=["admin"])
def disable_user(deps: Wires, caller: Caller, user_id: UserIdPath) -> Success[UserAccess]:
    """Shut a user out: tokens and keys open nothing from now on, and nobody signs in as them.

    Doing it again changes nothing; where the user pool did not answer, it is asked again.
    """
    access = set_access(deps.table, UserId(user_id), owner_of(caller), deps.now(), disabled=True)
    if deps.users is not None:
        deps.users.disable(UserId(user_id))
    return Success(data=access)


@router.post("/api/admin/users/<user_id>/enable", tags=["admin"])
def enable_user(deps: Wires, caller: Caller, user_id: UserIdPath) -> Success[UserAccess]:
    """Let a user in again, with the keys that were not revoked. Doing it again changes nothing.

    An erasure that has not begun is called off.
    """
    withdraw_for_user(deps.table, UserId(user_id), at=deps.now())
    if deps.users is not None:
        deps.users.enable(UserId(user_id))
    access = set_access(deps.table, UserId(user_id), owner_of(caller), deps.now(), disabled=False)
    return Success(data=access)


@router.get("/api/admin/users/<user_id>/api-keys", tags=["admin"])
def list_keys_of(deps: Wires, user_id: UserIdPath) -> Success[UsersKeys]:
    """List a user's keys."""
    return Success(data=UsersKeys(api_keys=keys_of(deps, UserId(user_id))))


@router.delete("/api/admin/users/<user_id>/api-keys/<key_id>", tags=["admin"])
def revoke_key_of(deps: Wires, user_id: UserIdPath, key_id: KeyIdPath) -> Success[ApiKeyView]:
    """Revoke a user's key; doing it again changes nothing."""
    return Success(data=revoked(deps, UserId(user_id), key_id))
