"""What a user was told: listed, and marked as read. Marking twice is harmless."""

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from brightrun.accounts.record import Notification
from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.ports.dynamodb.accounts import notifications as stored
from brightrun.records import DeferredModel
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
NoteId = Annotated[str, Path(min_length=1, max_length=64)]


class Notifications(DeferredModel):
    """One page, newest first; `cursor` leads on."""

    notifications: tuple[Notification, ...]
    unread_count: int
    cursor: str | None


class NotificationsRead(DeferredModel):
    """How many were marked, and how many are left."""

    marked: int
    unread_count: int


@router.get("/api/notifications", tags=["notifications"])
def list_notifications(
    deps: Wires,
    user_id: Owner,
    unread: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter, never positional
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 20,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[Notifications]:
    """List what the caller was told; `unread=true` leaves out what was read."""
    page = stored.notifications(deps.table, user_id, unread=unread, limit=limit, cursor=cursor)
    count = stored.unread_count(deps.table, user_id)
    found = Notifications(notifications=page.records, unread_count=count, cursor=page.cursor)
    return Success(data=found)


@router.patch("/api/notifications/<notification_id>/read", tags=["notifications"])
def read_notification(
    deps: Wires, user_id: Owner, notification_id: NoteId
) -> Success[Notification]:
    """Mark one notification as read."""
    expires_at = deps.now() + timedelta(days=deps.settings.history_days)
    note = stored.mark_read(deps.table, user_id, notification_id, expires_at=expires_at)
    return Success(data=note)


@router.post("/api/notifications/read-all", tags=["notifications"])
def read_all(deps: Wires, user_id: Owner) -> Success[NotificationsRead]:
    """Mark everything as read, at most a thousand at once."""
    expires_at = deps.now() + timedelta(days=deps.settings.history_days)
    marked = stored.mark_all_read(deps.table, user_id, expires_at=expires_at)
    left = stored.unread_count(deps.table, user_id)
    return Success(data=NotificationsRead(marked=marked, unread_count=left))
