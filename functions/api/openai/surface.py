"""Every route of `/v1`, checked and refused in OpenAI's own form."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from functions.api.errors import refuse_with
from functions.api.openai import (
    files,
    job_events,
    jobs,
    models,
    uploads,
    webhook_endpoints,
    webhook_secrets,
)
from functions.api.openai.errors import in_openai_form
from functions.api.request_bodies import parse_json

RESOURCES = (files, uploads, jobs, job_events, models, webhook_endpoints, webhook_secrets)


def openai_resolver() -> APIGatewayHttpResolver:
    """Return a resolver with every route of `/v1`."""
    resolver = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=parse_json)
    for resource in RESOURCES:
        resolver.include_router(resource.router)
    refuse_with(in_openai_form, resolver)
    return resolver


openai = openai_resolver()
