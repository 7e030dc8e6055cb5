"""An array with a broken element goes on after it, and every element stands in one count.

Covers: datasets.files.element_starts.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.validation.validator import validate

BREAKS = {
    "quote": lambda text: text.replace("here", 'he"re', 1),
    "two quotes": lambda text: text.replace("here", '"here"', 1),
    "comma and quote": lambda text: text.replace("here", 'he", re', 1),
    "line end": lambda text: text.replace("here", "he\nre", 1),
    "no quote before": lambda text: text.replace('"here', "here", 1),
    "no quote behind": lambda text: text.replace('here"', "here", 1),
    "no colon": lambda text: text.replace('"content": "here', '"content" "here', 1),
    "no brace": lambda text: text.replace('here"}', 'here"', 1),
    "a word": lambda text: text.replace('"here"', "None", 1),
    "no bracket": lambda text: text.replace('here"}]', 'here"}', 1),
    "single quotes": lambda text: text.replace('"here"', "'here, [and] {there'", 1),
    "cut in a text": lambda text: text[:-10],
    "cut before its end": lambda text: text[:-1],
    "a key without quotes": lambda text: text.replace('"messages"', "messages", 1),
    "a remark before it": lambda text: "// see below\n" + text,
    "a comma behind the last turn": lambda text: text.replace('here"}', 'here"},', 1),
    "a brace too many": lambda text: text + "}",
}


def a_row(at: int) -> dict[str, object]:
    answer = {"role": "assistant", "content": "here"}
    return {"messages": [{"role": "user", "content": f"[{at}], {{you}}"}, answer]}


@pytest.mark.parametrize("how", BREAKS)
def test_the_elements_after_a_broken_one_are_read_with_their_own_numbers(how: str) -> None:
    @settings(max_examples=12, deadline=None)
    @given(
        st.integers(2, 9),
        st.integers(0, 8),
        st.sampled_from([", ", ",\n", " ,\r\n  "]),
        st.sampled_from([1, 7, 1000]),
    )
    def compare(count: int, broken: int, between: str, chunk_bytes: int) -> None:
        broken %= count
        texts = [json.dumps(a_row(at)) for at in range(count)]
        texts[broken] = BREAKS[how](texts[broken])
        data = f"[{between.join(texts)}]".encode()
        chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

        outcome = validate(chunks)
        assert [each.line for each in outcome.report if each.severity == "error" and each.line] == [
            broken + 1
        ]
        assert outcome.verdict.statistics.rows == count
        assert outcome.verdict.statistics.trained_rows == count - 1
        lines = [example.source_line for example in read_examples(chunks)]
        assert lines == [at + 1 for at in range(count) if at != broken]

    compare()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9)), max_size=5),
    st.integers(1, 9),
)
def test_an_array_is_read_as_its_elements_however_it_is_cut(
    values: list[dict[str, str]], chunk_bytes: int
) -> None:
    rows = [{"prompt": json.dumps(value), "completion": "x\\" + str(value)} for value in values]
    data = json.dumps(rows, indent=1).encode()
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

    found = [example.messages[1].content for example in read_examples(chunks)]
    assert found == [row["completion"] for row in rows]


def test_an_element_that_is_too_long_is_told_and_those_after_it_are_read() -> None:
    long = {"prompt": "a", "completion": "b" * (17 << 20)}
    rows = [{"prompt": "a", "completion": str(at)} for at in range(3)]
    rows.insert(1, long)

    outcome = validate([json.dumps(rows).encode()])
    assert [each.line for each in outcome.report if each.code == "line_too_long"] == [2]
    assert outcome.verdict.statistics.trained_rows == 3


ROWS = [json.dumps(a_row(at)) for at in range(4)]


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        ("\n", "a comma is missing"),
        (" ", "a comma is missing"),
        ("],\n", "the array ends before"),
        ("] , ", "the array ends before"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 11, 1000])
def test_elements_that_are_parted_wrongly_are_read_with_their_own_numbers(
    between: str, reason: str, chunk_bytes: int
) -> None:
    data = f"[{ROWS[0]},{ROWS[1]}{between}{ROWS[2]},{ROWS[3]}]".encode()
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

    outcome = validate(chunks)
    (found,) = [each for each in outcome.report if each.severity == "error"]
    assert (found.line, found.code) == (3, "not_json")
    assert reason in found.message
    assert [example.source_line for example in read_examples(chunks)] == [1, 2, 4]


def test_calls_that_begin_with_the_key_of_rows_are_not_taken_for_rows() -> None:
    calls = ",".join(f'{{"id": "c{at}", "function": {{"name": "f"}}}}' for at in range(3))
    turns = '[{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"'
    broken = f'{{"id": 2, "messages": {turns} "tool_calls": [{calls}]}}]}}'
    good = [f'{{"id": {at}, "messages": {turns}}}]}}' for at in (1, 3)]
    for between in (", ", ",\n"):
        data = f"[{between.join([good[0], broken, good[1]])}]".encode()

        assert [example.source_line for example in read_examples([data])] == [1, 3]
        assert validate([data]).verdict.statistics.rows == 3
