"""Notifications by e-mail and to a user's own address: switched on and off, and their log."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from brightrun.accounts.access import owner_of
from brightrun.accounts.notification_delivery import (
    Delivery,
    DeliverySettings,
    require_webhook_url,
    secret_of,
)
from brightrun.accounts.record import Principal
from brightrun.envelope import MAX_PAGE_SIZE, Success
from brightrun.errors import InvalidRequest
from brightrun.ports.dynamodb.notification_settings import (
    delivery_log,
    find_delivery_settings,
    save_delivery_settings,
)
from brightrun.records import Request
from brightrun.runtime import Deps

router = Router()  # type: ignore[no-untyped-call]


class DeliveryChange(Request):
    """What to switch: what is not named stays. A new `webhook_url` gets a new secret; null: off."""

    email: bool | None = None
    webhook_url: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class DeliveryView(BaseModel):
    """The ways out that are on.

    Attributes:
        email: the address that gets mail; null: off.
        webhook_secret: what signs the webhooks; shown once, when the address is set.
    """

    email: str | None
    webhook_url: str | None
    webhook_secret: str | None = None


class DeliveryLog(BaseModel):
    """What left the house in the last 30 days, newest first; `cursor` leads on."""

    deliveries: tuple[Delivery, ...]
    cursor: str | None


@router.get("/api/notification-settings", tags=["notifications"])
def read_delivery_settings() -> Success[DeliveryView]:
    """Return which ways out of the house are switched on."""
    deps: Deps = router.context["deps"]
    found = find_delivery_settings(deps.table, owner_of(router.context["principal"]))
    return Success(data=_view(found))


@router.patch("/api/notification-settings", tags=["notifications"])
def change_delivery_settings(wanted: DeliveryChange) -> Success[DeliveryView]:
    """Switch e-mail or the webhook on or off."""
    deps: Deps = router.context["deps"]
    caller: Principal = router.context["principal"]
    before = find_delivery_settings(deps.table, owner_of(caller))
    start = before or DeliverySettings(user_id=owner_of(caller), changed_at=deps.now())
    changes: dict[str, object] = {"changed_at": deps.now()}
    if wanted.email is not None:
        changes["email"] = _address(deps, caller) if wanted.email else None
    secret = None
    if "webhook_url" in wanted.model_fields_set:
        secret = secret_of(deps.new_secret()) if wanted.webhook_url else None
        url = require_webhook_url(wanted.webhook_url) if wanted.webhook_url else None
        changes |= {"webhook_url": url, "webhook_secret": secret}
    after = start.model_copy(update=changes)
    save_delivery_settings(deps.table, before, after)
    return Success(data=_view(after).model_copy(update={"webhook_secret": secret}))


def _address(deps: Deps, caller: Principal) -> str:
    """Return the caller's own address, as their identity says it: nobody subscribes another."""
    if not deps.settings.mail_from:
        raise InvalidRequest({"email": ["no e-mail is sent from here"]})
    if caller.email is None:
        raise InvalidRequest({"email": ["sign in with a password: an API key has no address"]})
    return caller.email


@router.get("/api/notification-deliveries", tags=["notifications"])
def read_delivery_log(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 20,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Success[DeliveryLog]:
    """Return what was sent out, when, how often it was tried, and what went wrong."""
    deps: Deps = router.context["deps"]
    user_id = owner_of(router.context["principal"])
    page = delivery_log(deps.table, user_id, limit=limit, cursor=cursor)
    return Success(data=DeliveryLog(deliveries=page.records, cursor=page.cursor))


def _view(settings: DeliverySettings | None) -> DeliveryView:
    if settings is None:
        return DeliveryView(email=None, webhook_url=None)
    return DeliveryView(email=settings.email, webhook_url=settings.webhook_url)
