"""Guesses at what a key was to be cost little, however many keys there are.

Covers: datasets.parsing.row_findings.
"""

import json
from typing import Any

from brightrun.datasets.parsing.reader import parse
from brightrun.datasets.problems import Code
from brightrun.datasets.record import DatasetFormat

CHAT = DatasetFormat.OPENAI_CHAT
TURNS = [{"role": "user", "content": "go"}, {"role": "assistant", "content": "gone"}]


def hints(row: dict[str, Any], code: Code) -> list[str]:
    findings = parse(json.dumps(row).encode(), CHAT).findings
    return [found.hint for found in findings if found.code is code]


def test_only_the_first_unknown_keys_of_an_object_are_guessed_at() -> None:
    row: dict[str, Any] = {"messages": TURNS} | {f"tool{'s' * at}": 1 for at in range(2, 60)}

    found = hints(row, Code.UNKNOWN_KEY)
    assert len(found) == 58
    assert found[0] == "did you mean 'tools'?"
    assert not any(found[20:])


def test_a_misspelled_field_is_found_among_the_first_keys_alone() -> None:
    user = {"role": "user", "content": "go"}
    near: dict[str, Any] = {"messages": [{"role": "user", "contents": "go"}, user]}
    far: dict[str, Any] = {
        "messages": [{"role": "user"} | {f"k{at}": 1 for at in range(40)} | {"contents": "x"}]
    }

    assert "rename the key 'contents' that stands here" in hints(near, Code.MISSING_FIELD)
    assert hints(far, Code.MISSING_FIELD)[0] == ""
