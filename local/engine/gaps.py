"""What the engine's CloudFormation leaves out, applied when a resource is made or changed.

MiniStack 1.5.33 ignores the OpenAPI body of an HTTP API (routes, authorizers, CORS), a table's
TTL, and a function's reserved concurrency and dead-letter queue. The names used here are private
to that version: `install` refuses to run against any other.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from ministack.services import apigateway, dynamodb, lambda_svc
from ministack.services.cloudformation import provisioners

from local.engine.version import ENGINE_VERSION
from local.front import API_ID

_PRIVATE_NAMES = {
    apigateway: (
        "_apis _routes _integrations _authorizers _update_api _delete_cors_configuration "
        "_create_route _create_integration _create_authorizer _extract_path_params"
    ),
    dynamodb: "_update_ttl",
    lambda_svc: "_functions _put_function_concurrency _delete_function_concurrency",
    provisioners: "_RESOURCE_HANDLERS",
}
LEAST_TIMEOUT_SECONDS = 90
"""AWS gives each function a processor of its own; here all of them share the machine's, and what
takes milliseconds there may wait its turn here. The template's own timeouts are AWS's."""
_ANY_METHOD = "x-amazon-apigateway-any-method"

Properties = Mapping[str, Any]
Gap = Callable[[str, Properties], None]
Extract = Callable[[str, str], dict[str, str] | None]


class EngineDiffers(RuntimeError):
    """The installed engine is not the one this project was tested with."""


class EngineRefused(RuntimeError):
    """The engine answered a call of ours with an error."""


def install() -> None:
    """Make stacks complete: wrap the handlers of three resource types, and how paths match.

    Raises:
        EngineDiffers: another version is installed, or a private name is gone.
    """
    installed = version("ministack")
    if installed != ENGINE_VERSION:
        raise EngineDiffers(f"ministack {installed} is installed, {ENGINE_VERSION} is needed")
    for module, names in _PRIVATE_NAMES.items():
        for name in names.split():
            if not hasattr(module, name):
                raise EngineDiffers(f"ministack {installed} has no {module.__name__}.{name}")
    for resource_type, gap in GAPS.items():
        _wrap(provisioners._RESOURCE_HANDLERS[resource_type], gap)  # noqa: SLF001
    apigateway._extract_path_params = _blind_to_line_breaks(apigateway._extract_path_params)  # noqa: SLF001


def _blind_to_line_breaks(extract: Extract) -> Extract:
    """Let `{proxy+}` match a path with `%0A` in it, as it does on AWS; the event keeps the path."""

    def matching(route_path: str, request_path: str) -> dict[str, str] | None:
        return extract(route_path, request_path.replace("\n", " "))

    return matching


def _wrap(handlers: dict[str, Any], gap: Gap) -> None:
    create, update = handlers["create"], handlers["update"]

    def create_whole(logical_id: str, asked: Properties, stack_name: str) -> Any:  # noqa: ANN401 - the engine's own tuple, passed on
        properties = _with_fixed_id(asked) if gap is _import_body else asked
        made = create(logical_id, properties, stack_name)
        gap(made[0], properties)
        return made

    def update_whole(physical_id: str, old: Properties, new: Properties, *names: str) -> Any:  # noqa: ANN401 - as above
        made = update(physical_id, old, new, *names)
        gap(made[0], new)
        return made

    handlers["create"], handlers["update"] = create_whole, update_whole


def _with_fixed_id(properties: Properties) -> Properties:
    """Return an API that gets the id which the front port leads to.

    The front port is bound before there is a stack, whoever deploys it.
    """
    return {**properties, "Tags": {**(properties.get("Tags") or {}), "ms-custom-id": API_ID}}


def _accepted(answer: tuple[int, Any, bytes]) -> bytes:
    status, _, body = answer
    if status >= 400:  # noqa: PLR2004 - HTTP's own boundary
        raise EngineRefused(f"{status}: {body!r}")
    return body


def _import_body(api_id: str, properties: Properties) -> None:
    """Give the API the routes, authorizers and CORS of its OpenAPI body, and no others."""
    body = properties.get("Body")
    if not body:
        return
    for store in (apigateway._routes, apigateway._integrations, apigateway._authorizers):  # noqa: SLF001
        store[api_id] = {}
    _import_cors(api_id, body)
    schemes = body.get("components", {}).get("securitySchemes", {})
    authorizers = {name: _import_authorizer(api_id, name, schemes[name]) for name in schemes}
    for route_key, operation in _operations(body):
        _import_route(api_id, route_key, operation, authorizers)


def _import_cors(api_id: str, body: Properties) -> None:
    cors = body.get("x-amazon-apigateway-cors")
    if cors:
        _accepted(apigateway._update_api(api_id, {"corsConfiguration": cors}))  # noqa: SLF001
    else:
        apigateway._delete_cors_configuration(api_id)  # noqa: SLF001


def _import_authorizer(api_id: str, name: str, scheme: Properties) -> dict[str, str]:
    """Return what a route guarded by this scheme must say."""
    declared = scheme["x-amazon-apigateway-authorizer"]
    kind = str(declared["type"]).upper()
    known = set(apigateway._authorizers.get(api_id, {}))  # noqa: SLF001
    _accepted(
        apigateway._create_authorizer(  # noqa: SLF001
            api_id, {**declared, "authorizerType": kind, "name": name}
        )
    )
    (authorizer_id,) = set(apigateway._authorizers[api_id]) - known  # noqa: SLF001
    guard = "JWT" if kind == "JWT" else "CUSTOM"
    return {"authorizationType": guard, "authorizerId": authorizer_id}


def _operations(body: Properties) -> Iterator[tuple[str, Properties]]:
    for path, methods in body.get("paths", {}).items():
        for method, operation in methods.items():
            if path == "/$default":
                yield "$default", operation
            else:
                yield f"{'ANY' if method == _ANY_METHOD else method.upper()} {path}", operation


def _import_route(
    api_id: str, route_key: str, operation: Properties, authorizers: Mapping[str, Properties]
) -> None:
    integration = operation["x-amazon-apigateway-integration"]
    known = set(apigateway._integrations[api_id])  # noqa: SLF001
    _accepted(
        apigateway._create_integration(  # noqa: SLF001
            api_id,
            {
                "integrationType": str(integration["type"]).upper(),
                "integrationUri": integration["uri"],
                "payloadFormatVersion": integration.get("payloadFormatVersion", "2.0"),
            },
        )
    )
    (integration_id,) = set(apigateway._integrations[api_id]) - known  # noqa: SLF001
    named = [name for scheme in operation.get("security", []) for name in scheme]
    guard = next((authorizers[name] for name in named if name in authorizers), {})
    route = {"routeKey": route_key, "target": f"integrations/{integration_id}", **guard}
    _accepted(apigateway._create_route(api_id, route))  # noqa: SLF001


def _switch_on_ttl(table_name: str, properties: Properties) -> None:
    specification = properties.get("TimeToLiveSpecification")
    if specification:
        enabled = str(specification.get("Enabled")).lower() == "true"
        _accepted(
            dynamodb._update_ttl(  # noqa: SLF001
                {
                    "TableName": table_name,
                    "TimeToLiveSpecification": {**specification, "Enabled": enabled},
                }
            )
        )


def _limit_function(function_name: str, properties: Properties) -> None:
    """Set reserved concurrency, the dead-letter queue of asynchronous calls, and patience."""
    reserved = properties.get("ReservedConcurrentExecutions")
    if reserved is None:
        _accepted(lambda_svc._delete_function_concurrency(function_name))  # noqa: SLF001
    else:
        limit = {"ReservedConcurrentExecutions": int(reserved)}
        _accepted(lambda_svc._put_function_concurrency(function_name, limit))  # noqa: SLF001
    configuration = lambda_svc._functions[function_name]["config"]  # noqa: SLF001
    if properties.get("DeadLetterConfig"):
        configuration["DeadLetterConfig"] = dict(properties["DeadLetterConfig"])
    else:
        configuration.pop("DeadLetterConfig", None)
    configuration["Timeout"] = max(LEAST_TIMEOUT_SECONDS, int(configuration["Timeout"]))


GAPS: Mapping[str, Gap] = {
    "AWS::ApiGatewayV2::Api": _import_body,
    "AWS::DynamoDB::Table": _switch_on_ttl,
    "AWS::Lambda::Function": _limit_function,
}
