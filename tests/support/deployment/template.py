"""How the tests of template.yaml read it."""

import re
from collections.abc import Iterator, Mapping
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


def packaged(template: Template) -> Template:
    """Return a template whose code lies in S3, as the translator wants it."""
    source = template | {"Resources": dict(template["Resources"])}
    for name, resource in source["Resources"].items():
        where = {"CodeUri", "ContentUri"} & resource["Properties"].keys()
        uploaded = resource["Properties"] | dict.fromkeys(where, "s3://bucket/key")
        source["Resources"][name] = resource | {"Properties": uploaded}
    return source


def refused_values(template: Template, values: Mapping[str, str]) -> list[str]:
    """Return the parameters that CloudFormation would refuse with these values."""
    return [name for name, value in values.items() if not _is_taken(template, name, str(value))]


def _is_taken(template: Template, name: str, value: str) -> bool:
    parameter = template["Parameters"].get(name)
    if parameter is None:
        return False
    if "AllowedValues" in parameter:
        return value in map(str, parameter["AllowedValues"])
    if parameter["Type"] == "Number":
        low, high = (
            parameter.get("MinValue", float("-inf")),
            parameter.get("MaxValue", float("inf")),
        )
        return bool(low <= float(value) <= high)
    fits = re.fullmatch(parameter.get("AllowedPattern", r"[\s\S]*"), value) is not None
    return fits and len(value) <= parameter.get("MaxLength", 4096)


def environment_of(template: Template, function: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return a function's variables with these parameters; a resource is a name of 100 letters."""
    common = template.get("Globals", {}).get("Function", {}).get("Environment", {})
    own = properties(template, function).get("Environment", {})
    variables = common.get("Variables", {}) | own.get("Variables", {})
    return {name: _text(template, value, values) for name, value in variables.items()}


def _text(template: Template, value: Any, values: Mapping[str, str]) -> str:
    if not isinstance(value, dict):
        return str(value)
    parameter = template["Parameters"].get(value.get("Ref", ""))
    if parameter is None:
        return "r" * 100
    return str(values.get(value["Ref"], parameter["Default"]))
