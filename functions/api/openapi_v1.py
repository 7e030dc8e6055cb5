"""What `/v1` takes and answers, in OpenAPI 3.1: made from its routes, as the native document is.

OpenAI's own document says what the calls mean; this one says how much of it is here, and tests
hold the two against each other. Powertools knows neither forms nor the refusals of this surface.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from brightrun.openai.result_file import COLUMNS
from functions.api.description.describe import (
    Words,
    describe_call,
    describe_fields,
    exemplify,
    operations,
)
from functions.api.description.v1_descriptions import V1_CLASSES, V1_FIELDS, V1_PARAMETERS
from functions.api.description.v1_examples import V1_EXAMPLES
from functions.api.openai.files import EXPIRY, PURPOSE
from functions.api.openai.surface import openai_resolver

Schema = dict[str, Any]
WORDS = Words(V1_CLASSES, V1_FIELDS, V1_PARAMETERS, V1_EXAMPLES)
_ABOUT: dict[str, Any] = {
    "title": "BrightRun for clients of OpenAI",
    "version": "1.0.0",
    "description": "Files, uploads, fine-tuning, models and webhooks, on the records of `/api`.",
}
_BYTES: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
_ROW = '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}'
_TEXT_OR_NULL: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_REFUSED: Schema = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "description": "What was wrong",
            "required": ["message", "type", "param", "code"],
            "additionalProperties": False,
            "properties": {
                name: kind | {"description": V1_FIELDS[name]}
                for name, kind in (
                    ("message", {"type": "string"}),
                    ("type", {"type": "string"}),
                    ("param", _TEXT_OR_NULL),
                    ("code", _TEXT_OR_NULL),
                )
            },
        }
    },
}
_FORMS: dict[tuple[str, str], Schema] = {
    ("/v1/files", "post"): {
        "schema": {
            "type": "object",
            "required": ["file", "purpose"],
            "properties": {
                "purpose": {
                    "type": "string",
                    "enum": [PURPOSE],
                    "description": "What the file is for; nothing else is done here",
                },
                "file": _BYTES | {"description": "The file, 4 MiB at the most"},
                EXPIRY: {"type": "object", "description": "Refused: files here do not expire"},
            },
        },
        "example": {"purpose": PURPOSE, "file": _ROW},
    },
    ("/v1/uploads/{upload_id}/parts", "post"): {
        "schema": {
            "type": "object",
            "required": ["data"],
            "properties": {"data": _BYTES | {"description": "A part, 4 MiB at the most"}},
        },
        "example": {"data": _ROW},
    },
}
_METADATA: Schema = {
    "name": "metadata",
    "in": "query",
    "style": "deepObject",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    "description": "Jobs that carry it; `metadata=null` asks for those without any",
}
_CSV = f"{','.join(COLUMNS)}\n1,2.31,,,,,,\n"
_CONTENT = ("/v1/files/{file_id}/content", "get")


def document_v1() -> dict[str, Any]:
    """Return the description of every route of `/v1`."""
    resolver = openai_resolver()
    described: dict[str, Any] = orjson.loads(resolver.get_openapi_json_schema(**_ABOUT))
    schemas: dict[str, Schema] = described["components"]["schemas"]
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["OpenAIError"] = _REFUSED
    described["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{"bearer": []}]
    for name, schema in schemas.items():
        describe_fields(name, schema, WORDS)
    for path, method, operation in operations(described):
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _answer("OpenAIError", "It was refused")
        describe_call(resolver, path, method, operation, WORDS)
        exemplify(operation, schemas, WORDS)
        if form := _FORMS.get((path, method)):
            media = {"multipart/form-data": form}
            operation["requestBody"] = {"required": True, "content": media}
    described["paths"]["/v1/fine_tuning/jobs"]["get"]["parameters"].append(_METADATA)
    _tell_content(described["paths"][_CONTENT[0]][_CONTENT[1]])
    for name in _answered(described):
        # whatever an answer may hold it does hold, null where there is nothing
        schemas[name]["required"] = list(schemas[name].get("properties", {}))
    return described


def _answer(name: str, told: str) -> Schema:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _tell_content(operation: Schema) -> None:
    operation["responses"]["200"] = {
        "description": "A result file, as CSV",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _CSV}},
    }
    operation["responses"]["302"] = {
        "description": "Where the file's bytes are, by a signed address",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }


def _answered(described: dict[str, Any]) -> set[str]:
    """Return the names of every schema that an answer is made of."""
    found: set[str] = set()
    waiting = [
        response
        for methods in described["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
    ]
    while waiting:
        for name in _named(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(described["components"]["schemas"][name])
    return found


def _named(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for inner in part.values():
            yield from _named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner)
