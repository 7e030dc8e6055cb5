"""Twenty families of chat templates and four kinds of rows: all of an answer trains, or none."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.tokenizing.chat_encoder import NO_LOSS, EncodingRefused
from tests.support.datasets.template_families import FAMILIES, encoder_of, said
from tests.support.datasets.whole_rows import KINDS, example_of, lacks, rows

PAGE = Path(__file__).parents[4] / "docs" / "datasets.md"
TOOL = {
    "type": "function",
    "function": {
        "name": "find_bus",
        "description": "Find a bus",
        "parameters": {"type": "object", "properties": {"stop": {"type": "string"}}},
    },
}


def typical(kind: str) -> dict[str, object]:
    """Return the row of a kind that the table is made of."""
    thought = {"reasoning_content": "East is near."} if kind in ("reasoning", "both") else {}
    answer = {"role": "assistant", "content": "Take line 4.", **thought}
    asked = {"role": "user", "content": "Which bus?"}
    if kind not in ("tools", "both"):
        return {"messages": [asked, answer]}
    function = {"name": "find_bus", "arguments": '{"stop": "east 1", "near": true, "n": 7}'}
    call = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        **thought,
    }
    result = {"role": "tool", "tool_call_id": "call_1", "content": "4"}
    return {"messages": [asked, call, result, answer], "tools": [TOOL]}


def trained_text(family: str, row: dict[str, object]) -> tuple[str, str]:
    """Return all that trains of a row, and the form it was rendered in."""
    sequences = encoder_of(family).samples(example_of(row))
    trained = (
        said([label for label in sequence.labels if label != NO_LOSS]) for sequence in sequences
    )
    return "".join(trained), sequences[0].form


def cell(family: str, kind: str) -> str:
    """Return what becomes of the typical row."""
    try:
        trained, form = trained_text(family, typical(kind))
    except EncodingRefused as refusal:
        return f"`{refusal.code}`"
    assert lacks(trained, typical(kind)) is None
    return f"trains ({form})" if form else "trains"


def test_the_table_in_the_documents_is_the_one_that_comes_out() -> None:
    lines = [
        "| Templates in the manner of | plain | tools | thinking | tools and thinking |",
        "|---|---|---|---|---|",
        *(
            f"| {family} | {' | '.join(cell(family, kind) for kind in KINDS)} |"
            for family in FAMILIES
        ),
    ]

    table = "\n".join(lines)
    assert len(FAMILIES) >= 12
    assert table in PAGE.read_text(encoding="utf-8"), table


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_all_of_an_answer_trains_or_the_row_is_refused(family: str, kind: str) -> None:
    refused: set[str] = set()

    @settings(max_examples=12, deadline=None)
    @given(rows(kind))
    def compare(row: dict[str, object]) -> None:
        try:
            trained, _ = trained_text(family, row)
        except EncodingRefused as refusal:
            refused.add(refusal.code)
            return

        assert lacks(trained, row) is None

    compare()
    assert all(code.startswith("template_") for code in refused)


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_plain_rows_train_with_every_family(family: str, data: st.DataObject) -> None:
    row = data.draw(rows("plain"))

    trained, form = trained_text(family, row)
    assert lacks(trained, row) is None
    assert form == ""
