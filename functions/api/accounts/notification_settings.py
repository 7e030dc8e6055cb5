"""Which ways out of the house a user has switched on: e-mail, and a webhook of their own."""

from typing import Annotated

from pydantic import Field

from brightrun.accounts.access import owner_of
from brightrun.accounts.notification_delivery import (
    DeliverySettings,
    require_webhook_url,
    secret_of,
    webhook_body,
    with_whole_link,
)
from brightrun.accounts.notifications import sample_notification
from brightrun.accounts.record import Principal
from brightrun.errors import InvalidRequest
from brightrun.ports.dynamodb.accounts.notification_settings import (
    find_delivery_settings,
    save_delivery_settings,
)
from brightrun.records import DeferredModel, OwnersRequest, UserId
from brightrun.runtime import Deps
from functions.api.accounts.webhook_samples import Sample, send_sample


class DeliveryChange(OwnersRequest):
    """What to switch: what is not named stays. A new `webhook_url` gets a new secret; null: off."""

    email: bool | None = None
    webhook_url: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class DeliveryView(DeferredModel):
    """The ways out that are on.

    Attributes:
        email: the address that gets mail; null: off.
        webhook_secret: what signs the webhooks; shown once, when the address is set.
    """

    email: str | None
    webhook_url: str | None
    webhook_secret: str | None = None


def _address(deps: Deps, caller: Principal) -> str:
    """Return the caller's own address, as their identity says it: nobody subscribes another."""
    if not deps.settings.mail_from:
        raise InvalidRequest(
            {"email": ["no e-mail is sent from here: whoever runs the stage sets MailFrom"]}
        )
    if caller.email is None:
        raise InvalidRequest({"email": ["sign in with a password: an API key has no address"]})
    return caller.email


def delivery_view(settings: DeliverySettings | None) -> DeliveryView:
    """Return the ways out as their owner sees them; no settings: none is on."""
    if settings is None:
        return DeliveryView(email=None, webhook_url=None)
    return DeliveryView(email=settings.email, webhook_url=settings.webhook_url)


def change_delivery(deps: Deps, caller: Principal, change: DeliveryChange) -> DeliveryView:
    """Switch e-mail or the webhook on or off; a new webhook's secret is shown this once."""
    user_id = owner_of(caller)
    before = find_delivery_settings(deps.table, user_id)
    start = before or DeliverySettings(user_id=user_id, changed_at=deps.now())
    changes: dict[str, object] = {"changed_at": deps.now()}
    if change.email is not None:
        changes["email"] = _address(deps, caller) if change.email else None
    secret = None
    if "webhook_url" in change.model_fields_set:
        secret = secret_of(deps.new_secret()) if change.webhook_url else None
        url = require_webhook_url(change.webhook_url) if change.webhook_url else None
        changes |= {"webhook_url": url, "webhook_secret": secret}
    after = start.model_copy(update=changes)
    save_delivery_settings(deps.table, before, after)
    return delivery_view(after).model_copy(update={"webhook_secret": secret})


def try_own_webhook(deps: Deps, user_id: UserId) -> int:
    """Post a signed sample to a user's webhook and return the status it was answered with.

    Raises:
        InvalidRequest: none is switched on, or it did not answer.
    """
    settings = find_delivery_settings(deps.table, user_id)
    if settings is None or settings.webhook_url is None or settings.webhook_secret is None:
        raise InvalidRequest({"webhook_url": ["is not set: there is nowhere to send a sample to"]})
    note = with_whole_link(sample_notification(deps.clock(), user_id), deps.settings.pages_url)
    secrets = [settings.webhook_secret]
    sample = Sample(settings.webhook_url, secrets, note.id, webhook_body(note))
    return send_sample(deps, user_id, sample)
