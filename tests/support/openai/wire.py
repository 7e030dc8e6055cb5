"""What passed between a real client and the API, held against both sides' own descriptions.

Each answer that succeeds fits our schema and parses as the package's own object; each refusal is
the four-key error body. Counts which of the twenty operations were seen.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from functions.api.openapi_v1 import document_v1
from tests.support.api.recording_proxy import Exchange
from tests.support.openai.document import OPERATIONS, Operation

Schema = dict[str, Any]


@dataclass
class Seen:
    """How many bodies were checked, by resource; what did not fit; which operations were called."""

    checked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)
    refusals: int = 0


def looked_at(exchanges: Iterable[Exchange]) -> Seen:
    """Return what is to be said of everything that passed."""
    described, seen = document_v1(), Seen()
    for exchange in exchanges:
        operation = _operation(exchange)
        named = f"{exchange.method} {exchange.path}: {exchange.status}"
        if exchange.status >= 400:
            seen.refusals += 1
            seen.wrong += [f"{named} {told}" for told in _misfits(exchange, described, "default")]
        elif operation is not None:
            seen.operations.add(operation.route)
            seen.checked[operation.resource] += 1
            seen.wrong += [f"{named} {told}" for told in _wrong(exchange, operation, described)]
    return seen


def _operation(exchange: Exchange) -> Operation | None:
    for operation in OPERATIONS:
        method, path = operation.route.split()
        # clients of 1.x and 2.x send a whole name with its slash
        pattern = path.replace("{model_id}", ".+")
        if method == exchange.method and re.fullmatch(
            re.sub(r"{\w+}", "[^/]+", pattern), exchange.path
        ):
            return operation
    return None


def _wrong(exchange: Exchange, operation: Operation, described: Schema) -> Iterator[str]:
    if operation.reads is None:
        return
    yield from _misfits(exchange, described, "200", operation)
    body = json.loads(exchange.body)
    for item in body["data"] if operation.is_list else [body]:
        if item.get("status") == "paused":
            item["status"] = "queued"  # the one waiver: see openai_document.WAIVERS
        try:
            TypeAdapter(operation.reads).validate_python(item)
        except ValidationError as error:
            yield f"is no {operation.reads.__name__} to the package: {error}"


def _misfits(
    exchange: Exchange, described: Schema, status: str, operation: Operation | None = None
) -> Iterator[str]:
    if operation is None:
        schema: Schema = {"$ref": "#/components/schemas/OpenAIError"}
    else:
        method, path = operation.route.split()
        answer = described["paths"][path][method.lower()]["responses"][status]
        schema = answer["content"]["application/json"]["schema"]
    if exchange.media_type != "application/json":
        yield f"is {exchange.media_type}"
        return
    validator = Draft202012Validator({**schema, "components": described["components"]})
    for error in validator.iter_errors(json.loads(exchange.body)):
        yield f"{error.json_path}: {error.message}"
