"""Both descriptions of the API, read as a stranger reads them: nothing stands there unexplained."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.api.description.class_descriptions import CLASS_DESCRIPTIONS
from functions.api.description.field_descriptions import FIELD_DESCRIPTIONS
from functions.api.description.parameter_descriptions import PARAMETER_DESCRIPTIONS
from functions.api.description.v1_descriptions import V1_CLASSES, V1_FIELDS, V1_PARAMETERS

Json = dict[str, Any]
NATIVE, V1 = Path("docs/openapi.json"), Path("docs/openapi-v1.json")
WORDS = {
    NATIVE: (CLASS_DESCRIPTIONS, FIELD_DESCRIPTIONS, PARAMETER_DESCRIPTIONS),
    V1: (V1_CLASSES, V1_FIELDS, V1_PARAMETERS),
}
LEAST_FIELDS = {NATIVE: 1000, V1: 180}
in_both = pytest.mark.parametrize("file", [NATIVE, V1], ids=lambda file: file.name)


def document(file: Path) -> Json:
    found: Json = json.loads(file.read_text(encoding="utf-8"))
    return found


def fields(part: object, place: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every field of every schema below `part`, wherever it is written."""
    if isinstance(part, list):
        for each in part:
            yield from fields(each, place)
    if not isinstance(part, dict):
        return
    for name, inner in part.items():
        if name == "properties":
            yield from ((f"{place}.{field}", schema) for field, schema in inner.items())
        if name not in {"example", "examples"}:
            yield from fields(inner, place if name == "properties" else f"{place}/{name}")


def calls(described: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {path}", call


def contents(call: Json) -> Iterator[tuple[str, Json]]:
    """Yield each media type that a call takes or answers, refusals left out."""
    yield from call.get("requestBody", {}).get("content", {}).items()
    for status, answer in call["responses"].items():
        if status != "default":
            yield from answer.get("content", {}).items()


@in_both
def test_every_field_is_described(file: Path) -> None:
    found = list(fields(document(file)))

    assert [place for place, field in found if not field.get("description")] == []
    assert len(found) >= LEAST_FIELDS[file]
    assert "Attributes:" not in file.read_text(encoding="utf-8")


@in_both
def test_every_call_has_a_summary_and_explains_its_parameters(file: Path) -> None:
    for route, call in calls(document(file)):
        assert call["summary"].endswith("."), route
        silent = [each["name"] for each in call.get("parameters", []) if not each["description"]]
        assert silent == [], route


@in_both
def test_every_example_is_one_that_its_own_schema_takes(file: Path) -> None:
    described = document(file)
    for route, call in calls(described):
        for media_type, content in contents(call):
            assert content["example"], (route, media_type)
            if media_type == "application/json":
                whole = {**content["schema"], "components": described["components"]}
                wrong = list(Draft202012Validator(whole).iter_errors(content["example"]))
                assert wrong == [], route


@in_both
def test_no_words_are_kept_for_what_is_not_there(file: Path) -> None:
    """A class, a field or a parameter that was renamed takes its words with it."""
    described = document(file)
    schemas = described["components"]["schemas"]
    classes, by_name, by_parameter = WORDS[file]
    there = {place.rpartition(".")[2] for place, _ in fields(described)}
    parameters = {
        each["name"] for _, call in calls(described) for each in call.get("parameters", [])
    }
    told = {f"{name}.{field}" for name, words in classes.items() for field in words}
    real = {f"{name}.{field}" for name in schemas for field in schemas[name].get("properties", {})}

    assert sorted(told - real) == []
    assert sorted(by_name.keys() - there) == []
    assert sorted(by_parameter.keys() - parameters) == []
