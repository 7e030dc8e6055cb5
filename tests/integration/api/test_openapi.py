"""The API's description: checked in, complete, and one class behind each name."""

import json
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.api.native import native_resolver
from functions.api.openapi import as_file, document
from tests.support.api.http_calls import Call

Operation = dict[str, Any]
CHECKED_IN = Path("docs/openapi.json")
HIDDEN = "/worker/v1/hooks/"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CHECKED_IN.read_text())
    return found


@pytest.fixture(scope="module")
def operations(described: dict[str, Any]) -> dict[str, Operation]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_the_checked_in_document_is_the_one_that_would_be_made() -> None:
    assert CHECKED_IN.read_bytes() == as_file(document(native_resolver()))


def test_the_api_serves_the_document_that_is_checked_in(
    api: Call, described: dict[str, Any]
) -> None:
    served = api("GET /openapi.json").text

    assert orjson.loads(served) == described
    assert described["openapi"].startswith("3.1")


def test_every_route_is_described(operations: dict[str, Operation]) -> None:
    whole = native_resolver()
    routes = {
        f"{route.method} {route.path}".replace("<", "{").replace(">", "}")
        for route in whole._static_routes + whole._dynamic_routes
        if HIDDEN not in route.path
    }

    assert operations.keys() == routes
    assert len(routes) >= 50


def test_every_call_has_a_name_of_its_own_a_summary_and_a_refusal(
    operations: dict[str, Operation],
) -> None:
    assert len({call["operationId"] for call in operations.values()}) == len(operations)
    for route, call in operations.items():
        assert call["summary"].endswith("."), route
        assert "422" not in call["responses"]
        refused = call["responses"]["default"]["content"]["application/json"]["schema"]
        assert refused == {"$ref": "#/components/schemas/ErrorResponse"}


def test_every_call_shows_an_example_of_what_it_takes_and_answers(
    operations: dict[str, Operation],
) -> None:
    for route, call in operations.items():
        takes = call.get("requestBody", {}).get("content", {})
        (answers,) = (r["content"] for s, r in call["responses"].items() if s != "default")
        for content in (*takes.values(), answers["application/json"]):
            assert content["example"], route


def test_no_two_classes_share_a_name(described: dict[str, Any]) -> None:
    """Where two do, pydantic tells them apart by their modules: `brightrun__jobs__record__Job`."""
    names = set(described["components"]["schemas"])

    assert not [name for name in names if "__" in name or "brightrun" in name.lower()]
    assert not [name for name in names if not re.fullmatch(r"\w+(-Input|-Output)?", name)]
    assert len(names) >= 150


def test_no_reference_leads_nowhere_and_no_schema_is_left_over(described: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))

    assert named == set(described["components"]["schemas"])


def test_an_attempts_verdict_is_described_with_its_own_failure(
    described: dict[str, Any], operations: dict[str, Operation]
) -> None:
    finish = operations["POST /worker/v1/jobs/{job_id}/attempts/{attempt}/finish"]
    body = finish["requestBody"]["content"]["application/json"]["schema"]
    schemas = described["components"]["schemas"]

    assert body == {"$ref": "#/components/schemas/FinishRequest"}
    error, nothing = schemas["FinishRequest"]["properties"]["error"]["anyOf"]
    assert error == {"$ref": "#/components/schemas/RunFailure"}
    assert nothing == {"type": "null"}
    assert set(schemas["RunFailure"]["properties"]) == {"code", "message"}
    assert set(schemas["ErrorResponse"]["properties"]) == {"error", "details", "code"}
