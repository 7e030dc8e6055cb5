"""Every golden file gets exactly the report that was written for it by hand.

Covers: datasets.parsing.call_checks, datasets.parsing.format_detection,
datasets.files.line_reader, datasets.parsing.preference_rows, datasets.parsing.tool_calls,
datasets.parsing.turn_order, datasets.parsing.turns, datasets.problems, datasets.rules.
"""

import pytest

from brightrun.datasets.problems import Code
from brightrun.datasets.rules import RULES
from brightrun.datasets.validation.validator import validate
from tests.golden import bad_chat, bad_files, bad_formats, bad_tools
from tests.golden.case import Bad
from tests.golden.codes import CODES, HINTS

CASES = (*bad_files.CASES, *bad_chat.CASES, *bad_tools.CASES, *bad_formats.CASES)


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_the_report_is_the_one_written_by_hand(bad: Bad) -> None:
    expected = [
        {
            "line": row.line,
            "path": row.path,
            "code": row.code,
            "severity": CODES[row.code][0],
            "message": row.message,
            "hint": HINTS.get(f"{row.path}: {row.message}")
            or HINTS.get(row.message, CODES[row.code][1]),
            "excerpt": row.excerpt,
        }
        for row in bad.report
    ]

    report = [problem.model_dump(mode="json") for problem in validate([bad.content]).report]
    assert report == expected


def test_there_are_at_least_sixty_golden_files_with_names_of_their_own() -> None:
    assert len({bad.name for bad in CASES}) == len(CASES) >= 60


def test_every_code_has_the_severity_and_the_hint_typed_out() -> None:
    told = {code: (rule.severity, rule.hint.format()) for code, rule in RULES.items()}

    assert told == CODES
    assert set(told) == set(Code)
