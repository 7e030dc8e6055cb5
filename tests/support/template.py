"""How the tests of template.yaml read it."""

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]

FUNCTIONS = {
    "AuthorizerFunction",
    "ApiFunction",
    "ValidateDatasetFunction",
    "ProcessJobsFunction",
    "CreateArtifactsFunction",
}
BACKGROUND = {"ValidateDatasetFunction", "ProcessJobsFunction", "CreateArtifactsFunction"}


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: r for name, r in template["Resources"].items() if r["Type"] == kind}


def statements(template: Template, function: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in properties(template, function)["Policies"]
        for statement in policy["Statement"]
    ]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def values_in(tree: Any) -> Iterator[Any]:
    yield tree
    for inner in (
        tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    ):
        yield from values_in(inner)
