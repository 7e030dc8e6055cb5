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
from functions.api.description.class_descriptions import CLASS_DESCRIPTIONS
from functions.api.description.describe import (
    Words,
    describe_call,
    describe_fields,
    exemplify,
    operations,
)
from functions.api.description.examples import REQUESTS
from functions.api.description.field_descriptions import FIELD_DESCRIPTIONS
from functions.api.description.parameter_descriptions import PARAMETER_DESCRIPTIONS
from functions.api.errors import JSON
from functions.api.native import native_resolver
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
_COSTS = """\
recorded_at,job_id,job_name,dataset_name,job_status,cost_type,amount_usd,gpu_type,gpu_count,\
duration_hours,hourly_rate_usd,attempts
2026-11-20T12:00:00.000000Z,0199f3a2-7c4e-7b1d-9a60-52c1e8d0f4b7,Bakery voice,Bakery chats,\
completed,training_compute,0.42,A100-80GB,1,0.12,3.5,1
"""
_ERRORS = """\
{"line": 17, "path": "/messages/2/role", "code": "unknown_role", "severity": "error", \
"message": "the role 'asistant' is not known", "hint": "did you mean 'assistant'?", \
"excerpt": "asistant"}
"""
_LOGS = """\
2026-11-20T12:00:00.000000Z INFO    worker     attempt.started: Worker a1 has started
"""
OTHER_MEDIA = {
    "read_costs": ("text/csv", _COSTS),
    "read_errors": ("application/x-ndjson", _ERRORS),
    "read_logs": ("text/plain", _LOGS),
}
"""What a call answers when `format` asks for no JSON, and an example of it."""
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
WORDS = Words(CLASS_DESCRIPTIONS, FIELD_DESCRIPTIONS, PARAMETER_DESCRIPTIONS, REQUESTS)


def document(resolver: APIGatewayHttpResolver) -> dict[str, Any]:
    """Return the description of every route of a resolver."""
    described: dict[str, Any] = orjson.loads(resolver.get_openapi_json_schema(**_ABOUT))
    schemas = described["components"]["schemas"]
    schemas["ErrorResponse"] = ErrorResponse.model_json_schema()
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in schemas.items():
        _tell_numbers(schema)
        describe_fields(name, schema, WORDS)
    for path, method, operation in operations(described):
        # Powertools says that each route refuses with a 422 of its own; ours refuse otherwise
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _refused()
        if path in PUBLIC:
            operation["security"] = []
        describe_call(resolver, path, method, operation, WORDS)
        _tell_other_media(operation)
        exemplify(operation, schemas, WORDS)
    named = set(_REFERENCE.findall(orjson.dumps(described).decode()))
    described["components"]["schemas"] = {name: schemas[name] for name in sorted(named)}
    return described


def _refused() -> dict[str, Any]:
    return {
        "description": "Refused; docs/errors.md lists every code",
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}},
    }


def _tell_other_media(operation: dict[str, Any]) -> None:
    """Put what is no JSON under a media type of its own; the resolver knows JSON alone."""
    if (other := OTHER_MEDIA.get(operation["operationId"])) is not None:
        media_type, example = other
        content = operation["responses"]["200"]["content"]
        content[JSON]["schema"], text = content[JSON]["schema"]["anyOf"]
        content[media_type] = {"schema": text, "example": example}


def _is_a_number_as_text(allowed: dict[str, Any]) -> bool:
    return allowed.get("type") == "string" and "\\d" in allowed.get("pattern", "")


def _tell_numbers(schema: dict[str, Any]) -> None:
    """Leave out that a number may be a text: pydantic would take it, the API's requests do not."""
    for field in schema.get("properties", {}).values():
        allowed = field.get("anyOf", [])
        if any(each.get("type") == "number" for each in allowed):
            field["anyOf"] = [each for each in allowed if not _is_a_number_as_text(each)]


def as_file(described: dict[str, Any]) -> bytes:
    """Return the description as it is checked in."""
    return orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main(arguments: list[str]) -> int:
    """Write the files, or tell whether they are those that would be written."""
    made = {FILE: as_file(document(native_resolver())), FILE_V1: as_file(document_v1())}
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
