"""The audit trail: who changed what of a user's, for the owner and for administrators. Reads only.

No route changes or removes an entry; it goes when its time is over.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from brightrun.accounts.audit import AuditEntry
from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.ports.dynamodb.accounts.auditing import audit_trail
from brightrun.ports.dynamodb.set_aside import SetAside, all_set_aside
from brightrun.records import DeferredModel, UserId
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
Cursor = Annotated[str | None, Query(max_length=2000)]


class AuditPage(DeferredModel):
    """One page, newest first; `cursor` leads on."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None


class SetAsidePage(DeferredModel):
    """What waits for work and cannot be read; `cursor` leads on."""

    items: tuple[SetAside, ...]
    cursor: str | None


@router.get("/api/audit", tags=["account"])
def read_audit(
    deps: Wires, user_id: Owner, limit: Limit = 50, cursor: Cursor = None
) -> Success[AuditPage]:
    """Tell who changed what of the caller's: keys, limits, datasets, jobs, models, webhooks."""
    page = audit_trail(deps.table, user_id, limit=limit, cursor=cursor)
    return Success(data=AuditPage(entries=page.records, cursor=page.cursor))


@router.get("/api/admin/users/<user_id>/audit", tags=["admin"])
def read_audit_of(
    deps: Wires,
    user_id: Annotated[str, Path(min_length=1, max_length=128)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Success[AuditPage]:
    """Tell who changed what of a user's, administrators among them."""
    page = audit_trail(deps.table, UserId(user_id), limit=limit, cursor=cursor)
    return Success(data=AuditPage(entries=page.records, cursor=page.cursor))


@router.get("/api/admin/unreadable", tags=["admin"])
def read_set_aside(deps: Wires, limit: Limit = 50, cursor: Cursor = None) -> Success[SetAsidePage]:
    """List what was set aside in the last 30 days because nobody could read it."""
    page = all_set_aside(deps.table, limit=limit, cursor=cursor)
    return Success(data=SetAsidePage(items=page.records, cursor=page.cursor))
