"""docs/security.md claims nothing that no test holds."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HELD = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def test_every_claim_of_the_security_page_is_held_by_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = HELD.findall(page)
    texts: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        texts[path.name] = texts.get(path.name, "") + path.read_text()

    missing = [pair for pair in named if f"def {pair[1]}(" not in texts.get(pair[0], "")]

    assert (missing, len(named) > 30) == ([], True)


def test_every_row_of_its_tables_names_a_test() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and "held by" not in line]

    assert [row for row in rows if not HELD.search(row)] == []


def test_no_sentence_of_it_stands_outside_what_is_held_or_is_said_not_to_be() -> None:
    """After the first words of a part, each sentence names its test; the last part is of limits."""
    page = (ROOT / "docs" / "security.md").read_text()
    held, _, _ = page.partition("## What is not held")
    parts = held.split("\n## ")[1:]
    prose = [
        " ".join(line for line in paragraph.splitlines() if not line.startswith("|"))
        for part in parts
        for paragraph in part.split("\n\n")[1:]
    ]

    assert len(parts) >= 7
    assert [text for text in prose if text and not HELD.search(text)] == [
        "A worker is a stranger with a ticket for one attempt of one job."
    ]
