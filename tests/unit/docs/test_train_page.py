"""docs/train.md and README keep up with presets, hyperparameters and the shipped catalogue."""

import re
from typing import Any

from brightrun.training.configuration import PRESETS, Hyperparameters, Preset, Scheduler
from tests.support.catalogs import load_catalog
from tests.support.documents import ROOT

PAGE = (ROOT / "docs" / "train.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
OF_THE_PRESET = {"learning_rate", "batch_size", "epochs", "rank", "dropout"}


def rows() -> dict[str, list[str]]:
    """Return the cells of each row of the page's tables, by the name that it begins with."""
    cells = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `")]
    return {
        row[0].strip().removesuffix(" (default)").strip("`"): [cell.strip() for cell in row[1:]]
        for row in cells
    }


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_every_hyperparameter_is_listed_with_its_range_and_default() -> None:
    schema = Hyperparameters.model_json_schema()["properties"]
    table = rows()

    assert set(schema) <= set(table)
    for name, field in schema.items():
        shown, default = table[name][:2]
        if found := re.fullmatch(r"([\d.,]+) to ([\d.,]+)", shown):
            assert (number(found[1]), number(found[2])) == limits(field), name
        if name in OF_THE_PRESET:
            assert default == "the preset's"
        elif re.fullmatch(r"[\d.,]+", default):
            assert number(default) == field["default"], name
    assert table["scheduler"][0] == ", ".join(Scheduler)
    assert re.findall(r"`(\w+)`", table["target_modules"][0]) == list(
        Hyperparameters().target_modules
    )


def limits(field: dict[str, Any]) -> tuple[float, float]:
    low = field["minimum"] if "minimum" in field else field["exclusiveMinimum"]
    return float(low), float(field["maximum"])


def test_every_preset_is_listed_with_its_numbers() -> None:
    table = rows()
    names = ("learning_rate", "batch_size", "epochs", "rank", "alpha", "dropout")

    assert set(PRESETS) == set(Preset) - {Preset.CUSTOM}
    for preset, numbers in PRESETS.items():
        assert [float(cell) for cell in table[preset][:6]] == [
            float(getattr(numbers, name)) for name in names
        ]


def test_the_shipped_catalogue_is_listed_with_its_prices() -> None:
    catalog, table = load_catalog("[]", {}), rows()

    for gpu in catalog.gpus:
        assert table[gpu.type][:2] == [f"{gpu.memory_gb} GB", f"{gpu.hourly_rate_usd:.2f}"]
    for model in catalog.base_models:
        context, licence = table[model.id][:2]
        assert number(context) == model.context_tokens
        assert licence.split()[0] == model.license
        assert model.name in README
    cheapest = min(gpu.hourly_rate_usd for gpu in catalog.gpus if not gpu.not_trainable)
    assert f"${cheapest:.2f}" in README
