"""Notifications by e-mail and to a user's own address: switched on and off, and their log."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from brightrun.accounts.notification_delivery import (
    Delivery,
)
from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.ports.dynamodb.accounts.notification_settings import (
    delivery_log,
    find_delivery_settings,
)
from brightrun.records import DeferredModel
from functions.api.accounts.notification_settings import (
    DeliveryChange,
    DeliveryView,
    change_delivery,
    delivery_view,
    try_own_webhook,
)
from functions.api.dependencies import Caller, Owner, Wires

router = Router()  # type: ignore[no-untyped-call]


class WebhookAnswer(DeferredModel):
    """The HTTP status a receiver answered a sample with: 2xx is what counts as delivered."""

    status_code: int


class DeliveryLog(DeferredModel):
    """Notifications sent out in the last 30 days, newest first; `cursor` leads on."""

    deliveries: tuple[Delivery, ...]
    cursor: str | None


@router.get("/api/notification-settings", tags=["notifications"])
def read_delivery_settings(deps: Wires, user_id: Owner) -> Success[DeliveryView]:
    """Return which notification channels are switched on."""
    found = find_delivery_settings(deps.table, user_id)
    return Success(data=delivery_view(found))


@router.patch("/api/notification-settings", tags=["notifications"])
def change_delivery_settings(
    deps: Wires, caller: Caller, wanted: DeliveryChange
) -> Success[DeliveryView]:
    """Switch e-mail or the webhook on or off."""
    return Success(data=change_delivery(deps, caller, wanted))


@router.post("/api/notification-settings/test", tags=["notifications"])
def try_webhook(deps: Wires, user_id: Owner) -> Success[WebhookAnswer]:
    """Post a signed sample to the caller's webhook now, and return what that answered.

    Each call sends one more; at most ten at once, then one in five seconds.
    """
    return Success(data=WebhookAnswer(status_code=try_own_webhook(deps, user_id)))


@router.get("/api/notification-deliveries", tags=["notifications"])
def read_delivery_log(
    deps: Wires,
    user_id: Owner,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 20,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[DeliveryLog]:
    """Return what was sent out, when, how often it was tried, and what went wrong."""
    page = delivery_log(deps.table, user_id, limit=limit, cursor=cursor)
    return Success(data=DeliveryLog(deliveries=page.records, cursor=page.cursor))
