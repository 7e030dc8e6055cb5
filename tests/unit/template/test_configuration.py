"""Parameters, settings and docs/configuration.md say the same."""

import re
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from brightrun.settings import Settings
from tests.support.deployment.template import FUNCTIONS, Template, properties, values_in

ROOT = Path(__file__).parents[3]
CODE = [
    *(ROOT / "layers" / "shared" / "brightrun").rglob("*.py"),
    *(ROOT / "functions").rglob("*.py"),
]


def settings_of(model: type[BaseModel], prefix: str = "") -> dict[str, FieldInfo]:
    """Every setting by its name in the environment, those of nested models among them."""
    found: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            found |= settings_of(nested, f"{prefix}{name}__")
        else:
            found[f"{prefix}{name}"] = field
    return found


SETTINGS = settings_of(Settings)


def variables(template: Template) -> set[str]:
    names = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for function in FUNCTIONS:
        own = properties(template, function).get("Environment", {}).get("Variables", {})
        names |= own.keys()
    return {name for name in names if name.startswith("BRIGHTRUN_")}


def test_every_setting_is_in_the_template_and_nothing_else_is(template: Template) -> None:
    settings = {f"BRIGHTRUN_{name.upper()}" for name in SETTINGS}

    assert variables(template) == settings


def test_every_setting_and_every_parameter_is_explained(template: Template) -> None:
    explained = (ROOT / "docs" / "configuration.md").read_text()
    names = [f"BRIGHTRUN_{name.upper()}" for name in SETTINGS]
    missing = [n for n in [*names, *template["Parameters"]] if f"`{n}`" not in explained]

    assert missing == []


def test_every_parameter_is_used(template: Template) -> None:
    rest = {part: template[part] for part in ("Globals", "Resources", "Conditions", "Outputs")}
    used = {value["Ref"] for value in values_in(rest) if isinstance(value, dict) and "Ref" in value}

    assert set(template["Parameters"]) <= used


def test_template_defaults_are_the_codes_defaults(template: Template) -> None:
    """A limit that is a setting with a default has the same one in the template."""
    parameters = template["Parameters"]
    compared = 0
    for name, field in SETTINGS.items():
        parameter = "".join(word.capitalize() for word in name.split("__")[-1].split("_"))
        if isinstance(field.default, int | float) and parameter in parameters:
            assert parameters[parameter]["Default"] == field.default, name
            compared += 1

    assert compared >= 16


def test_every_setting_is_read_by_some_code() -> None:
    """A parameter that nothing reads promises what nobody does."""
    code = "\n".join(file.read_text() for file in CODE)
    names = [name.split("__")[-1] for name in SETTINGS]
    unread = [name for name in names if not re.search(rf"(settings|limits|self)\.{name}\b", code)]

    assert (unread, len(CODE) > 100) == ([], True)
