"""A number is a number, a text a text, a truth value a truth value: all else is refused by name.

Walked over every field of every body and every query parameter that the description names, of
administrators' calls too.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from brightrun.runtime import Deps
from tests.support.api.bodies import BODIES
from tests.support.api.http_calls import ADA_CALLS, Call, identity
from tests.support.factories import DATASET_ID, JOB_ID, KEY_ID, MODEL_ID

DESCRIBED: dict[str, Any] = json.loads(Path("docs/openapi.json").read_text())
ADMIN = identity(user_id="root", admin="true")
IDS = {
    "dataset_id": DATASET_ID, "job_id": JOB_ID, "model_id": MODEL_ID, "key_id": KEY_ID,
    "file_id": "f", "notification_id": "n", "user_id": "ada",
}  # fmt: skip
WRONG: dict[str, tuple[object, ...]] = {
    "integer": ("4", True, 1.5, [], {}),
    "number": ("4", True, [], {}),
    "boolean": ("true", 1, 0, "yes", []),
    "string": (7, True, [], {}),
    "array": ("x", 7, True),
    "object": ("x", 7, True, []),
}
"""What each JSON type is not. Money may come as a text of digits: see `MONEY`."""
FREE = {("PUT /api/admin/catalog", "document")}
"""Checked as a whole by a model of its own."""


def resolved(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the plain schemas a schema allows, references followed."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return resolved(DESCRIBED["components"]["schemas"][name])
    if "anyOf" in schema:
        return [plain for each in schema["anyOf"] for plain in resolved(each)]
    return [schema]


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
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


def bodies() -> Iterator[tuple[str, tuple[str, ...], object]]:
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


def queries() -> Iterator[tuple[str, str, str]]:
    for route, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            for plain in resolved(parameter["schema"]):
                wrong = {"integer": ("-1", "x", "1.5", "1e99"), "boolean": ("perhaps",)}
                values = wrong.get(plain.get("type", ""), ())
                for value in (*values, *(["no-such-word"] if "enum" in plain else [])):
                    yield route, parameter["name"], value


def filled(route: str) -> str:
    for name, value in IDS.items():
        route = route.replace(f"<{name}>", value)
    return route


def caller_of(route: str) -> dict[str, str]:
    return ADMIN if "/api/admin" in route else ADA_CALLS


@pytest.fixture
def deps(deps: Deps) -> Deps:
    """Nobody is too fast here."""
    patient = {"calls_at_once": 10**6}
    return replace(deps, settings=deps.settings.model_copy(update=patient))


BODY_CASES = list(bodies())
QUERY_CASES = list(queries())


def test_there_is_much_to_walk() -> None:
    assert len(BODY_CASES) > 200
    assert len(QUERY_CASES) > 60
    assert len({route for route, *_ in BODY_CASES}) >= 17
    assert any("/api/admin" in route for route, *_ in BODY_CASES + QUERY_CASES)


@pytest.mark.usefixtures("adas")
def test_no_field_of_a_body_is_coerced(api: Call) -> None:
    """In one test: each case is a call of a millisecond, and its name stands in the failure."""
    taken = []
    for route, where, wrong in BODY_CASES:
        body: dict[str, Any] = json.loads(json.dumps(BODIES.get(route, {})))
        inner = body
        for name in where[:-1]:
            if not isinstance(inner.get(name), dict):
                inner[name] = {}
            inner = inner[name]
        inner[where[-1]] = wrong
        answer = api(filled(route), body, caller=caller_of(route))
        named = any(where[-1] in detail or where[0] == detail.split(".")[0]
                    for detail in answer.body.get("details") or {})  # fmt: skip
        if answer.status != 400 or not named:
            taken.append((route, ".".join(where), wrong, answer.status, answer.text[:90]))

    assert taken == []


@pytest.mark.usefixtures("adas")
def test_no_query_parameter_is_coerced(api: Call) -> None:
    taken = []
    for route, name, value in QUERY_CASES:
        answer = api(filled(route), BODIES.get(route), query={name: value}, caller=caller_of(route))
        if answer.status != 400 or name not in (answer.body.get("details") or {}):
            taken.append((route, name, value, answer.status, answer.text[:90]))

    assert taken == []
