"""A user's whole data: for the user, and for administrators."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import Field

from brightrun.accounts.access import owner_of
from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.errors import Forbidden
from brightrun.records import DeferredModel, OwnersRequest, UserId
from functions.api.accounts import user_data
from functions.api.accounts.user_data import DeletedPage, ErasureState, ErasureView, ExportPage
from functions.api.dependencies import Caller, Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
UserIdPath = Annotated[str, Path(min_length=1, max_length=128)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
Cursor = Annotated[str | None, Query(max_length=2000)]
_Id = Annotated[str, Field(min_length=1, max_length=64)]


class EraseRequest(OwnersRequest):
    """That it is meant: the words themselves.

    Attributes:
        confirm: `erase everything`, word for word.
    """

    confirm: Literal["erase everything"]


class PurgeRequest(OwnersRequest):
    """What of it is to be erased now; all, when nothing is named.

    Attributes:
        ids: of datasets, models and training files that were deleted.
    """

    ids: Annotated[tuple[_Id, ...], Field(min_length=1, max_length=100)] | None = None


class Purged(DeferredModel):
    """What is erased within a minute."""

    erasures: tuple[ErasureView, ...]


@router.get("/api/me/export", tags=["identity"])
def export_me(deps: Wires, user_id: Owner, cursor: Cursor = None) -> Success[ExportPage]:
    """Return everything that is kept of the caller, by page, with addresses of the files."""
    return Success(data=user_data.export(deps, user_id, cursor))


@router.post("/api/me/erase", tags=["identity"])
def erase_me(deps: Wires, caller: Caller, _: EraseRequest) -> Success[ErasureState]:
    """Close the caller's account now, and erase everything of theirs some days later.

    Until then an administrator can undo it. An API key cannot ask for it.
    """
    user_id = owner_of(caller)
    if caller.key_id is not None:
        raise Forbidden("an API key may not erase its owner; sign in")
    days = deps.settings.deleted_days
    return Success(data=user_data.erase_user(deps, user_id, by=user_id, days=days))


@router.get("/api/admin/users/<user_id>/export", tags=["admin"])
def export_user(deps: Wires, user_id: UserIdPath, cursor: Cursor = None) -> Success[ExportPage]:
    """Return everything that is kept of a user, by page, with addresses of the files."""
    return Success(data=user_data.export(deps, UserId(user_id), cursor))


@router.post("/api/admin/users/<user_id>/erase", tags=["admin"])
def erase_user(
    deps: Wires, caller: Caller, user_id: UserIdPath, _: EraseRequest
) -> Success[ErasureState]:
    """Shut a user out and erase everything of theirs, now; what they cost stays, without a name.

    Their jobs are cancelled first. Doing it again changes nothing.
    """
    state = user_data.erase_user(deps, UserId(user_id), by=owner_of(caller), days=0)
    return Success(data=state)


@router.get("/api/admin/users/<user_id>/erasure", tags=["admin"])
def read_erasure(deps: Wires, user_id: UserIdPath) -> Success[ErasureState]:
    """Tell whether a user is going to be erased, or is."""
    return Success(data=user_data.erasure_state(deps, UserId(user_id)))


@router.get("/api/admin/users/<user_id>/deleted", tags=["admin"])
def list_deleted(
    deps: Wires, user_id: UserIdPath, limit: Limit = 50, cursor: Cursor = None
) -> Success[DeletedPage]:
    """List what a user has deleted and is not erased yet, with when it will be."""
    return Success(data=user_data.deleted(deps, UserId(user_id), limit=limit, cursor=cursor))


@router.post("/api/admin/users/<user_id>/purge", tags=["admin"])
def purge(deps: Wires, user_id: UserIdPath, request: PurgeRequest | None = None) -> Success[Purged]:
    """Erase what a user has deleted at once, before its days are over; repeating is harmless."""
    erased = user_data.purge(deps, UserId(user_id), request.ids if request else None)
    return Success(data=Purged(erasures=erased))
