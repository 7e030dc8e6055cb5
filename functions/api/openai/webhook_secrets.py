"""The secrets of webhook endpoints, replaced without a delivery that nobody can verify."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from brightrun.accounts import webhook_endpoints as rules
from brightrun.accounts.notification_delivery import secret_of
from brightrun.openai.objects import endpoint_with_secret
from brightrun.openai.shapes import WebhookEndpointWithSecret
from brightrun.records import Request
from brightrun.runtime import Deps
from functions.api.dependencies import Owner, Wires
from functions.api.openai.retries import REMEMBERED, IsRetry
from functions.api.openai.webhook_endpoints import EndpointId, named, save_endpoints

router = Router()  # type: ignore[no-untyped-call]


class Rotation(Request):
    """Whether the old secret goes on signing for a day."""

    keep_old_secret_active_for_24_hours: bool = False


@router.post("/v1/webhook_endpoints/<endpoint_id>/rotate_secret")
def rotate_secret(
    deps: Wires,
    user_id: Owner,
    endpoint_id: EndpointId,
    is_retry: IsRetry,
    asked: Annotated[Rotation | None, Body()] = None,
) -> WebhookEndpointWithSecret:
    """Replace the secret and show the new one; a client's own repetition is shown that again."""
    endpoint = named(deps, user_id, endpoint_id)
    if is_retry and _was_just_rotated(deps, endpoint):
        return endpoint_with_secret(endpoint)
    keeps = asked is not None and asked.keep_old_secret_active_for_24_hours
    secret = secret_of(deps.new_secret())
    after = rules.rotated(endpoint, secret, keep_old=keeps, at=deps.now())
    save_endpoints(deps, user_id, lambda found: rules.with_changed(found, after))
    return endpoint_with_secret(after)


def _was_just_rotated(deps: Deps, endpoint: rules.RegisteredEndpoint) -> bool:
    at = endpoint.rotated_at
    return at is not None and (deps.now() - at).total_seconds() < REMEMBERED
