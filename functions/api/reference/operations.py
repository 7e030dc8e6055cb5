"""One call: how it is asked, with what, and what comes back. Pure."""

from typing import Any

import orjson

from functions.api.reference.markup import Markup, element, joined, prose
from functions.api.reference.shapes import Schema, inner, kind, row, table

_JSON = "application/json"
_KEY = '-H "Authorization: Bearer $BRIGHTRUN_API_KEY" '


def call(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Schema]) -> Markup:
    """Return a call, folded under its method, its path and what it does."""
    parts = [
        _description(operation),
        _parameters(operation),
        _body(operation),
        _answer(operation, schemas),
        _line(path, method, operation),
    ]
    head = element(
        "summary",
        element("span", method.upper(), class_="method", data_method=method),
        element("code", path, class_="path"),
        element("span", prose(operation.get("summary", "")), class_="does"),
    )
    body = element("div", *parts, class_="call-body", id=operation["operationId"])
    return element("details", head, body, class_="call")


def _description(operation: dict[str, Any]) -> Markup:
    text = operation.get("description", "").removeprefix(operation.get("summary", "")).strip()
    return element("p", prose(text)) if text else Markup("")


def _parameters(operation: dict[str, Any]) -> Markup:
    found = operation.get("parameters", [])
    if not found:
        return Markup("")
    rows = (
        row(
            one["name"],
            one["schema"],
            one.get("description") or f"In the {one['in']}.",
            needed=one.get("required", False),
        )
        for one in found
    )
    return joined(element("h4", "In the address and the headers"), table(rows))


def _body(operation: dict[str, Any]) -> Markup:
    content = operation.get("requestBody", {}).get("content", {}).get(_JSON)
    if content is None:
        return Markup("")
    return joined(
        element("h4", "Body"),
        element("p", kind(content["schema"])),
        _example("An example body", content.get("example")),
    )


def _answer(operation: dict[str, Any], schemas: dict[str, Schema]) -> Markup:
    found = [
        (status, said) for status, said in operation["responses"].items() if status != "default"
    ]
    parts: list[Markup] = []
    for status, said in found:
        content = said.get("content", {})
        other = [media for media in content if media != _JSON]
        words = f" or, by `format`, {', '.join(f'`{one}`' for one in other)}" if other else ""
        json = content.get(_JSON)
        shape = kind(inner(json["schema"], schemas)) if json else Markup("")
        parts.append(element("p", element("code", status), " ", shape, prose(words)))
        example = json.get("example") if json else None
        parts.append(_example(f"An example answer, {status}", example))
    return joined(element("h4", "Answer"), *parts)


def _example(label: str, example: Any) -> Markup:  # noqa: ANN401 - an example may be any JSON
    if example is None:
        return Markup("")
    text = orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
    block = element("pre", text, class_="code", tabindex="0", role="region", aria_label=label)
    return element("details", element("summary", "Example"), block, class_="example")


def _line(path: str, method: str, operation: dict[str, Any]) -> Markup:
    verb = "" if method == "get" else f"-X {method.upper()} "
    key = "" if operation.get("security") == [] else _KEY
    body = ""
    content = operation.get("requestBody", {}).get("content", {}).get(_JSON)
    if content is not None:
        example = orjson.dumps(content.get("example", {})).decode().replace("'", "'\\''")
        body = f"-H 'Content-Type: application/json' -d '{example}' "
    line = f'curl {verb}{key}{body}"$BRIGHTRUN_URL{path}"'
    name = f"{method.upper()} {path} by curl"
    block = element("pre", line, class_="code", tabindex="0", role="region", aria_label=name)
    return joined(element("h4", "By curl"), block)
