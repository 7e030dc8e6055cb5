"""The page about datasets keeps up with the code."""

from pathlib import Path

from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.rules import RULES

PAGE = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_every_code_is_listed_with_its_severity_and_its_remedy() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    listed = {row[0].strip("| `"): (row[1], row[3].rstrip(" |")) for row in rows if len(row) == 4}

    assert listed == {
        code.value: (rule.severity.value, rule.hint.format()) for code, rule in RULES.items()
    }


def test_every_format_is_listed() -> None:
    assert all(f"| `{kind}` |" in PAGE for kind in DatasetFormat)
