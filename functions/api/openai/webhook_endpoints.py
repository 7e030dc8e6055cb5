"""Webhook endpoints: made, listed, changed, tested, deleted. Safe to repeat, as each route says."""

from collections.abc import Callable
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from brightrun.accounts import webhook_endpoints as rules
from brightrun.accounts.notification_delivery import (
    DeliverySettings,
    require_webhook_url,
    secret_of,
)
from brightrun.accounts.record import NotificationType
from brightrun.errors import InvalidRequest, WebhookEndpointNotFound
from brightrun.names import Name
from brightrun.openai import ids
from brightrun.openai.mappings import WEBHOOK_EVENT
from brightrun.openai.objects import endpoint_of, endpoint_with_secret, listed
from brightrun.openai.shapes import (
    DeletedWebhookEndpoint,
    EventTypes,
    Listed,
    WebhookEndpoint,
    WebhookEndpointWithSecret,
    WebhookTest,
)
from brightrun.openai.webhook_events import event_id, sample_body
from brightrun.ports.dynamodb.accounts.notification_settings import (
    find_delivery_settings,
    save_delivery_settings,
)
from brightrun.records import Request, UserId
from brightrun.runtime import Deps
from functions.api.accounts.webhook_samples import Sample, send_sample
from functions.api.dependencies import Owner, Wires
from functions.api.openai.paging import After, Limit, at_most, place
from functions.api.openai.retries import REMEMBERED, IsRetry

router = Router()  # type: ignore[no-untyped-call]
EndpointId = Annotated[str, Path(min_length=1, max_length=100)]
_USUAL = 20
_URL = Field(min_length=1, max_length=500)
_EVENTS = Field(min_length=1, max_length=50)
EventType = Annotated[str, Field(max_length=100)]


class NewEndpoint(Request):
    """An address, and what it is told."""

    name: Name
    url: Annotated[str, _URL]
    event_types: Annotated[tuple[EventType, ...], _EVENTS]


class EndpointChange(Request):
    """What is to be other than it was; what is not named stays."""

    name: Name | None = None
    url: Annotated[str, _URL] | None = None
    event_types: Annotated[tuple[EventType, ...], _EVENTS] | None = None


class SampleRequest(Request):
    """Which event a sample is of."""

    event_type: EventType


@router.get("/v1/webhook_event_types")
def list_event_types(user_id: Owner) -> EventTypes:
    """List what an endpoint can be told."""
    return EventTypes(data=list(WEBHOOK_EVENT.values()))


@router.post("/v1/webhook_endpoints")
def create_endpoint(
    deps: Wires, user_id: Owner, new: NewEndpoint, is_retry: IsRetry
) -> WebhookEndpointWithSecret:
    """Make an endpoint and show its secret; a client's own repetition finds the one it made."""
    made = _made(deps, new)
    known = _just_made(endpoints_of(deps, user_id), made) if is_retry else None
    if known is None:
        save_endpoints(deps, user_id, lambda found: rules.with_endpoint(found, made))
    return endpoint_with_secret(known or made)


def _made(deps: Deps, new: NewEndpoint) -> rules.RegisteredEndpoint:
    return rules.RegisteredEndpoint(
        id=deps.new_id(),
        name=new.name,
        url=require_webhook_url(new.url),
        tells=_kinds(new.event_types),
        secret=secret_of(deps.new_secret()),
        created_at=deps.now(),
        updated_at=deps.now(),
    )


def _just_made(
    found: rules.Endpoints, made: rules.RegisteredEndpoint
) -> rules.RegisteredEndpoint | None:
    for endpoint in found:
        same = (endpoint.name, endpoint.url, endpoint.tells) == (made.name, made.url, made.tells)
        if same and (made.created_at - endpoint.created_at).total_seconds() < REMEMBERED:
            return endpoint
    return None


@router.get("/v1/webhook_endpoints")
def list_endpoints(
    deps: Wires, user_id: Owner, after: After = None, limit: Limit = None
) -> Listed[WebhookEndpoint]:
    """List endpoints, newest first."""
    found = list(reversed(endpoints_of(deps, user_id)))
    last = place(after, ids.WEBHOOK_ENDPOINT)
    known = [endpoint.id for endpoint in found]
    left = found[known.index(last) + 1 :] if last in known else found if last is None else []
    shown = [endpoint_of(endpoint) for endpoint in left[: at_most(limit, _USUAL)]]
    return listed(shown, [endpoint.id for endpoint in shown], has_more=len(shown) < len(left))


@router.get("/v1/webhook_endpoints/<endpoint_id>")
def read_endpoint(deps: Wires, user_id: Owner, endpoint_id: EndpointId) -> WebhookEndpoint:
    """Return one endpoint."""
    return endpoint_of(named(deps, user_id, endpoint_id))


@router.post("/v1/webhook_endpoints/<endpoint_id>")
def change_endpoint(
    deps: Wires, user_id: Owner, endpoint_id: EndpointId, wanted: EndpointChange
) -> WebhookEndpoint:
    """Change what is named; repeating it changes nothing."""
    changes: dict[str, object] = {"name": wanted.name} if wanted.name else {}
    if wanted.url is not None:
        changes["url"] = require_webhook_url(wanted.url)
    if wanted.event_types is not None:
        changes["tells"] = _kinds(wanted.event_types)
    before = named(deps, user_id, endpoint_id)
    after = rules.changed(before, changes, at=deps.now())
    if after != before:
        save_endpoints(deps, user_id, lambda found: rules.with_changed(found, after))
    return endpoint_of(after)


@router.delete("/v1/webhook_endpoints/<endpoint_id>")
def delete_endpoint(deps: Wires, user_id: Owner, endpoint_id: EndpointId) -> DeletedWebhookEndpoint:
    """Delete an endpoint; what was due to it is not sent."""
    ours = named(deps, user_id, endpoint_id).id
    save_endpoints(deps, user_id, lambda found: rules.without_endpoint(found, ours))
    return DeletedWebhookEndpoint(id=endpoint_id)


@router.post("/v1/webhook_endpoints/<endpoint_id>/test")
def try_endpoint(
    deps: Wires, user_id: Owner, endpoint_id: EndpointId, asked: SampleRequest
) -> WebhookTest:
    """Send a signed sample now and return the status it was answered with."""
    endpoint, sample_id, now = named(deps, user_id, endpoint_id), deps.new_id(), deps.now()
    (kind,) = _kinds((asked.event_type,))
    secrets = rules.secrets_of(endpoint, at=now)
    body = sample_body(sample_id, kind, now)
    sample = Sample(endpoint.url, secrets, event_id(sample_id), body)
    status = send_sample(deps, user_id, sample)
    return WebhookTest(
        webhook_endpoint_id=endpoint_id, event_type=asked.event_type, status_code=status
    )


def _kinds(event_types: tuple[str, ...]) -> tuple[NotificationType, ...]:
    """Return what is to be told. Raises InvalidRequest for what happens nowhere here."""
    known = {theirs: ours for ours, theirs in WEBHOOK_EVENT.items()}
    for event_type in event_types:
        if event_type not in known:
            told = f"{event_type} does not happen here; there are {', '.join(known)}"
            raise InvalidRequest({"event_types": [told]})
    return tuple(kind for theirs, kind in known.items() if theirs in event_types)


def endpoints_of(deps: Deps, user_id: UserId) -> rules.Endpoints:
    """Return a user's endpoints, oldest first."""
    found = find_delivery_settings(deps.table, user_id)
    return found.endpoints if found else ()


def named(deps: Deps, user_id: UserId, endpoint_id: str) -> rules.RegisteredEndpoint:
    """Return a user's endpoint. Raises WebhookEndpointNotFound for what names none."""
    ours = ids.behind(ids.WEBHOOK_ENDPOINT, endpoint_id)
    if ours is None:
        raise WebhookEndpointNotFound(endpoint_id)
    return rules.endpoint_named(endpoints_of(deps, user_id), ours)


def save_endpoints(
    deps: Deps, user_id: UserId, change: Callable[[rules.Endpoints], rules.Endpoints]
) -> None:
    """Write a user's endpoints. Raises Conflict when another request came first."""
    before = find_delivery_settings(deps.table, user_id)
    start = before or DeliverySettings(user_id=user_id, changed_at=deps.now())
    changes = {"endpoints": change(start.endpoints), "changed_at": deps.now()}
    save_delivery_settings(deps.table, before, start.model_copy(update=changes))
