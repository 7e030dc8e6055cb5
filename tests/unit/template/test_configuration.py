"""Parameters, settings and docs/configuration.md say the same."""

from pathlib import Path

from brightrun.settings import Settings
from tests.support.template import FUNCTIONS, Template, properties, values_in

ROOT = Path(__file__).parents[3]


def variables(template: Template) -> set[str]:
    names = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for function in FUNCTIONS:
        own = properties(template, function).get("Environment", {}).get("Variables", {})
        names |= own.keys()
    return {name for name in names if name.startswith("BRIGHTRUN_")}


def test_every_setting_is_in_the_template_and_nothing_else_is(template: Template) -> None:
    settings = {f"BRIGHTRUN_{name.upper()}" for name in Settings.model_fields}

    assert variables(template) == settings


def test_every_setting_and_every_parameter_is_explained(template: Template) -> None:
    explained = (ROOT / "docs" / "configuration.md").read_text()
    names = [f"BRIGHTRUN_{name.upper()}" for name in Settings.model_fields]
    missing = [n for n in [*names, *template["Parameters"]] if f"`{n}`" not in explained]

    assert missing == []


def test_every_parameter_is_used(template: Template) -> None:
    rest = {part: template[part] for part in ("Globals", "Resources", "Conditions", "Outputs")}
    used = {value["Ref"] for value in values_in(rest) if isinstance(value, dict) and "Ref" in value}

    assert set(template["Parameters"]) <= used


def test_template_defaults_are_the_codes_defaults(template: Template) -> None:
    """A limit that is a setting with a default has the same one in the template."""
    parameters = template["Parameters"]
    words = {
        name: "".join(w.capitalize() for w in name.split("_")) for name in Settings.model_fields
    }
    compared = 0
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | float) and words[name] in parameters:
            assert parameters[words[name]]["Default"] == field.default, name
            compared += 1

    assert compared >= 13
