"""The native surface: every route of `/api` and `/worker`, checked and refused in one envelope.

A process loads what serves a resource when somebody first asks for it: a cold start pays for one,
not for all. `native_resolver` has every route, for what describes or walks them.
"""

from collections.abc import Callable, Iterable
from functools import cache

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.api.errors import in_envelope, refuse_with
from functions.api.request_bodies import parse_json

Routers = tuple[Router, ...]


def _resolver_of(routers: Iterable[Router]) -> APIGatewayHttpResolver:
    resolver = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=parse_json)
    for router in routers:
        resolver.include_router(router)
    refuse_with(in_envelope, resolver)
    return resolver


def _admin() -> Routers:
    from functions.api.routes import (
        admin,
        audit,
        catalog_versions,
        limits,
        user_access,
        user_data,
        watchdog,
    )

    about_users = (limits.router, audit.router, user_access.router, user_data.router)
    return (catalog_versions.router, admin.router, watchdog.router, *about_users)


def _api_keys() -> Routers:
    from functions.api.routes import api_keys

    return (api_keys.router,)


def _audit() -> Routers:
    from functions.api.routes import audit

    return (audit.router,)


def _catalog() -> Routers:
    from functions.api.routes import catalog

    return (catalog.router,)


def _costs() -> Routers:
    from functions.api.routes import costs

    return (costs.router,)


def _datasets() -> Routers:
    from functions.api.routes import dataset_ledger, datasets, training_files

    return (datasets.router, dataset_ledger.router, training_files.router)


def _health() -> Routers:
    from functions.api.routes import health

    return (health.router,)


def _identity() -> Routers:
    from functions.api.routes import identity, user_data

    return (identity.router, user_data.router)


def _jobs() -> Routers:
    from functions.api.routes import jobs, pausing

    return (jobs.router, pausing.router)


def _limits() -> Routers:
    from functions.api.routes import limits

    return (limits.router,)


def _models() -> Routers:
    from functions.api.routes import models

    return (models.router,)


def _notifications() -> Routers:
    from functions.api.routes import notification_settings, notifications

    return (notifications.router, notification_settings.router)


def _training_files() -> Routers:
    from functions.api.routes import training_files

    return (training_files.router,)


def _workers() -> Routers:
    from functions.api.routes import hooks, worker

    return (worker.router, hooks.router)


PARTS: dict[str, Callable[[], Routers]] = {
    "/api/datasets": _datasets,
    "/api/training-files": _training_files,
    "/api/jobs": _jobs,
    "/api/models": _models,
    "/api/costs": _costs,
    "/api/notifications": _notifications,
    "/api/notification-settings": _notifications,
    "/api/notification-deliveries": _notifications,
    "/api/api-keys": _api_keys,
    "/api/catalog": _catalog,
    "/api/config": _identity,
    "/api/me": _identity,
    "/api/limits": _limits,
    "/api/audit": _audit,
    "/api/health": _health,
    "/": _health,
    "/worker/v1": _workers,
    "/api/admin": _admin,
}
"""Who serves a resource, by the first two parts of its path; described in this order."""


def _nobody() -> Routers:
    return ()


@cache
def _part(serving: Callable[[], Routers]) -> APIGatewayHttpResolver:
    return _resolver_of(serving())


@cache
def native_resolver() -> APIGatewayHttpResolver:
    """Return a resolver with every native route."""
    routers = (router for serving in PARTS.values() for router in serving())
    return _resolver_of(dict.fromkeys(routers))


def native_part(path: str) -> APIGatewayHttpResolver:
    """Return a resolver with every route that could answer a path, and few others."""
    return _part(PARTS.get("/".join(path.split("/", 3)[:3]), _nobody))
