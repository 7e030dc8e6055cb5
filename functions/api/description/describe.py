"""What the resolver does not say of calls and classes: summaries, meanings, examples."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from functions.api.description.examples import example_of

JSON = "application/json"
Schema = dict[str, Any]
_ATTRIBUTE = re.compile(r"^    (\w+): ", re.MULTILINE)


@dataclass(frozen=True)
class Words:
    """What fields and parameters mean: in one class, else wherever they stand; and examples."""

    classes: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, str]
    parameters: Mapping[str, str]
    examples: Mapping[str, Any]


def operations(described: Schema) -> list[tuple[str, str, Schema]]:
    """Return every call of a document, with its path and method."""
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def describe_fields(name: str, schema: Schema, words: Words) -> None:
    """Say of each field what its class's docstring says under `Attributes:`, or what all mean."""
    text = schema.get("description", "")
    about, _, listed = text.partition("\n\nAttributes:\n")
    if about:
        schema["description"] = " ".join(about.split())
    parts = _ATTRIBUTE.split("\n" + listed)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    here = words.classes.get(name, {})
    for field_name, field in schema.get("properties", {}).items():
        said = " ".join(told.get(field_name, "").split())
        said = said or here.get(field_name) or words.fields.get(field_name, "")
        if said:
            field.setdefault("description", said)


def describe_call(
    resolver: APIGatewayHttpResolver, path: str, method: str, operation: Schema, words: Words
) -> None:
    """Name a call by its function, summarise it by the docstring, explain its parameters."""
    name, docstring = _docstring(resolver, path, method)
    summary, _, more = docstring.partition("\n")
    operation["operationId"] = name
    operation["summary"] = summary.strip()
    operation["description"] = " ".join(f"{summary} {more}".split())
    for parameter in operation.get("parameters", []):
        parameter.setdefault("description", words.parameters.get(parameter["name"], ""))


def _docstring(resolver: APIGatewayHttpResolver, path: str, method: str) -> tuple[str, str]:
    """Return the name of the function that answers, and what it says of itself."""
    template = path.replace("{", "<").replace("}", ">")
    routes = resolver._static_routes + resolver._dynamic_routes  # noqa: SLF001 - the resolver lists them nowhere else
    (route,) = (r for r in routes if r.path == template and r.method == method.upper())
    return route.func.__name__, route.func.__doc__ or ""


def exemplify(operation: Schema, schemas: Schema, words: Words) -> None:
    """Show one request and one answer of a call, where they are JSON."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if content is not None:
        content["example"] = example_of(content["schema"], schemas, words.examples, whole=False)
    for status, response in operation["responses"].items():
        answer = response.get("content", {}).get(JSON)
        if answer is not None and status != "default":
            answer["example"] = example_of(answer["schema"], schemas, words.examples, whole=True)
