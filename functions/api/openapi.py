"""The API's own description, in OpenAPI 3.1: made from the routes, the models and their docstrings.

`python -m functions.api.openapi` writes it to `docs/openapi.json`, that of `/v1` beside it; with
`--check` it says whether they still tell the truth. `/openapi.json` serves the native one.
"""

import re
import sys
from pathlib import Path
from typing import Any

import orjson
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server

from brightrun.accounts.access import PUBLIC
from brightrun.envelope import ErrorResponse
from functions.api.description.examples import example_of
from functions.api.description.field_descriptions import FIELD_DESCRIPTIONS
from functions.api.errors import JSON
from functions.api.native import native
from functions.api.openapi_v1 import document_v1

FILE, FILE_V1 = Path("docs/openapi.json"), Path("docs/openapi-v1.json")
_ABOUT: dict[str, Any] = {
    "title": "BrightRun LoRA Pipeline",
    "version": "1.0.0",
    "description": "A file of conversations in, a verified LoRA adapter out.",
    "servers": [Server(url="/")],
    "security_schemes": {"bearer": HTTPBearer(scheme="bearer")},
    "security": [{"bearer": []}],
}
OTHER_MEDIA = {
    "read_costs": "text/csv",
    "read_errors": "application/x-ndjson",
    "read_logs": "text/plain",
}
"""What a call answers when `format` asks for no JSON."""
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
_ATTRIBUTE = re.compile(r"^    (\w+): ", re.MULTILINE)


def document(resolver: APIGatewayHttpResolver) -> dict[str, Any]:
    """Return the description of every route of a resolver."""
    described: dict[str, Any] = orjson.loads(resolver.get_openapi_json_schema(**_ABOUT))
    schemas = described["components"]["schemas"]
    schemas["ErrorResponse"] = ErrorResponse.model_json_schema()
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for schema in schemas.values():
        _describe_fields(schema)
    for path, method, operation in _operations(described):
        # Powertools says that each route refuses with a 422 of its own; ours refuse otherwise
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _refused()
        if path in PUBLIC:
            operation["security"] = []
        _name(operation, _docstring(resolver, path, method))
        _tell_other_media(operation)
        _exemplify(operation, schemas)
    named = set(_REFERENCE.findall(orjson.dumps(described).decode()))
    described["components"]["schemas"] = {name: schemas[name] for name in sorted(named)}
    return described


def _operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def _refused() -> dict[str, Any]:
    return {
        "description": "Refused; docs/errors.md lists every code",
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}},
    }


def _docstring(resolver: APIGatewayHttpResolver, path: str, method: str) -> tuple[str, str]:
    """Return the name of the function that answers, and what it says of itself."""
    template = path.replace("{", "<").replace("}", ">")
    routes = resolver._static_routes + resolver._dynamic_routes  # noqa: SLF001 - the resolver lists them nowhere else
    (route,) = (r for r in routes if r.path == template and r.method == method.upper())
    return route.func.__name__, route.func.__doc__ or ""


def _name(operation: dict[str, Any], told: tuple[str, str]) -> None:
    """Name an operation by its function; its summary is the docstring's first line."""
    name, docstring = told
    summary, _, more = docstring.partition("\n")
    operation["operationId"] = name
    operation["summary"] = summary.strip()
    operation["description"] = " ".join(f"{summary} {more}".split())


def _tell_other_media(operation: dict[str, Any]) -> None:
    """Put what is no JSON under a media type of its own; the resolver knows JSON alone."""
    media_type = OTHER_MEDIA.get(operation["operationId"])
    if media_type is not None:
        content = operation["responses"]["200"]["content"]
        content[JSON]["schema"], text = content[JSON]["schema"]["anyOf"]
        content[media_type] = {"schema": text}


def _is_a_number_as_text(allowed: dict[str, Any]) -> bool:
    return allowed.get("type") == "string" and "\\d" in allowed.get("pattern", "")


def _tell_numbers(field: dict[str, Any]) -> None:
    """Leave out that a number may be a text: pydantic would take it, the API's requests do not."""
    allowed = field.get("anyOf", [])
    if any(each.get("type") == "number" for each in allowed):
        field["anyOf"] = [each for each in allowed if not _is_a_number_as_text(each)]


def _describe_fields(schema: dict[str, Any]) -> None:
    """Say of each field what its class's docstring says under `Attributes:`, or what all mean."""
    text = schema.get("description", "")
    words, _, listed = text.partition("\n\nAttributes:\n")
    if words:
        schema["description"] = " ".join(words.split())
    parts = _ATTRIBUTE.split("\n" + listed)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    for name, field in schema.get("properties", {}).items():
        _tell_numbers(field)
        said = " ".join(told.get(name, "").split()) or FIELD_DESCRIPTIONS.get(name)
        if said:
            field.setdefault("description", said)


def _exemplify(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Show one request and one answer of a call."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if content is not None:
        content["example"] = example_of(content["schema"], schemas, whole=False)
    for status, response in operation["responses"].items():
        answer = response.get("content", {}).get(JSON)
        if answer is not None and status != "default":
            answer["example"] = example_of(answer["schema"], schemas, whole=True)


def as_file(described: dict[str, Any]) -> bytes:
    """Return the description as it is checked in."""
    return orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main(arguments: list[str]) -> int:
    """Write the files, or tell whether they are those that would be written."""
    made = {FILE: as_file(document(native)), FILE_V1: as_file(document_v1())}
    if "--check" not in arguments:
        for file, content in made.items():
            file.write_bytes(content)
        return 0
    old = [str(file) for file, content in made.items() if file.read_bytes() != content]
    for name in old:
        sys.stderr.write(f"{name} is out of date: python -m functions.api.openapi writes it\n")
    return len(old)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
