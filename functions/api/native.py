"""The native surface: every route of `/api` and `/worker`, checked and refused in one envelope."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from functions.api.errors import in_envelope, refuse_with
from functions.api.request_bodies import parse_json
from functions.api.routes import (
    admin,
    api_keys,
    audit,
    catalog,
    catalog_versions,
    costs,
    dataset_ledger,
    datasets,
    health,
    hooks,
    identity,
    jobs,
    limits,
    models,
    notification_settings,
    notifications,
    pausing,
    training_files,
    user_access,
    user_data,
    watchdog,
    worker,
)

RESOURCES = (
    datasets,
    dataset_ledger,
    jobs,
    models,
    costs,
    notifications,
    api_keys,
    training_files,
    catalog,
    catalog_versions,
    admin,
    health,
    worker,
    hooks,
    pausing,
    limits,
    watchdog,
    notification_settings,
    identity,
    audit,
    user_access,
    user_data,
)


def native_resolver() -> APIGatewayHttpResolver:
    """Return a resolver with every native route."""
    resolver = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=parse_json)
    for resource in RESOURCES:
        resolver.include_router(resource.router)
    refuse_with(in_envelope, resolver)
    return resolver


native = native_resolver()
