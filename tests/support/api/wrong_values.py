"""Values that are none of what a field is, for every field and query that the description names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.api.bodies import BODIES

DESCRIBED: dict[str, Any] = json.loads(Path("docs/openapi.json").read_text())
WRONG: dict[str, tuple[object, ...]] = {
    "integer": ("4", True, 1.5, [], {}),
    "number": ("4", True, [], {}),
    "boolean": ("true", 1, 0, "yes", []),
    "string": (7, True, [], {}),
    "array": ("x", 7, True),
    "object": ("x", 7, True, []),
}
"""What each JSON type is not. Money may come as a text of digits."""
FREE = {("PUT /api/admin/catalog", "document")}
"""Checked as a whole by a model of its own."""
BodyCase = tuple[str, tuple[str, ...], object]
QueryCase = tuple[str, str, str]


def resolved(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the plain schemas a schema allows, references followed."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return resolved(DESCRIBED["components"]["schemas"][name])
    if "anyOf" in schema:
        return [plain for each in schema["anyOf"] for plain in resolved(each)]
    return [schema]


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each call of a user or an administrator, as `GET /api/jobs/<job_id>`."""
    for path, methods in DESCRIBED["paths"].items():
        for method, operation in methods.items():
            if not path.startswith("/worker/"):
                yield f"{method.upper()} {path}".replace("{", "<").replace("}", ">"), operation


def fields(
    schema: dict[str, Any], at: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every field of a body, those of objects within it too, with what it may be."""
    for plain in resolved(schema):
        for name, field in plain.get("properties", {}).items():
            allowed = resolved(field)
            yield (*at, name), allowed
            for inner in allowed:
                if len(at) < 2:
                    yield from fields(inner, (*at, name))


def body_cases() -> Iterator[BodyCase]:
    """Yield each call with a field of its body and a value that it must not take."""
    for route, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        for where, allowed in fields(content["schema"]):
            if (route, where[0]) in FREE:
                continue
            types = {plain.get("type", "object") for plain in allowed}
            for kind in sorted(types - {"null"}):
                for wrong in WRONG[kind]:
                    if not any(_fits(wrong, plain) for plain in allowed):
                        yield route, where, wrong


def _fits(value: object, plain: dict[str, Any]) -> bool:
    kind = plain.get("type")
    if isinstance(value, bool):
        return kind == "boolean"
    fitting = {
        int: ("integer", "number"), float: ("number",), str: ("string",), list: ("array",),
        dict: ("object",),
    }  # fmt: skip
    return kind in fitting[type(value)]


def query_cases() -> Iterator[QueryCase]:
    """Yield each call with a query parameter and a value that it must not take."""
    for route, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            for plain in resolved(parameter["schema"]):
                wrong = {"integer": ("-1", "x", "1.5", "1e99"), "boolean": ("perhaps",)}
                values = wrong.get(plain.get("type", ""), ())
                for value in (*values, *(["no-such-word"] if "enum" in plain else [])):
                    yield route, parameter["name"], value


def body_with(case: BodyCase) -> dict[str, Any]:
    """Return a body that is right but for the case's field."""
    route, where, wrong = case
    body: dict[str, Any] = json.loads(json.dumps(BODIES.get(route, {})))
    inner = body
    for name in where[:-1]:
        if not isinstance(inner.get(name), dict):
            inner[name] = {}
        inner = inner[name]
    inner[where[-1]] = wrong
    return body


def is_refused_by_name(status: int, body: dict[str, Any], where: tuple[str, ...]) -> bool:
    """Whether an answer refuses this field and says so."""
    named = body.get("details") or {}
    return status == 400 and any(
        where[-1] in detail or where[0] == detail.split(".")[0] for detail in named
    )
