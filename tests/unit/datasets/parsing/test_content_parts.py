"""What parts of a text, arguments, schemas and answers of tools may be called in files."""

import json
from typing import Any

import pytest

from brightrun.datasets.parsing.reader import Parsed, parse
from brightrun.datasets.record import DatasetFormat

ASKED = {"role": "user", "content": "q"}
ANSWERED = {"role": "assistant", "content": "a"}


def read(*turns: dict[str, Any], **beside: Any) -> Parsed:
    return parse(json.dumps({"messages": turns, **beside}).encode(), DatasetFormat.OPENAI_CHAT)


def told(parsed: Parsed) -> list[tuple[str, str]]:
    return [(each.code.value, each.path) for each in parsed.findings]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "text", "text": "hi"},
        {"type": "output_text", "text": "hi"},
        {"type": "input_text", "text": "hi"},
        {"type": "refusal", "refusal": "hi"},
        {"text": "hi"},
        "hi",
    ],
)
def test_every_kind_of_part_that_is_text_is_read(part: Any) -> None:
    parsed = read(ASKED, {"role": "assistant", "content": [part]})

    assert not parsed.findings
    assert parsed.row is not None
    assert parsed.row.messages[1].content == "hi"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"type": "image_url", "image_url": {"url": "x"}}, "unsupported_content"),
        ({"type": "tool_use", "text": "x"}, "unsupported_content"),
        ({"type": "refusal", "text": "x"}, "missing_field"),
        ({"type": 1, "text": "x"}, "wrong_type"),
        (None, "wrong_type"),
        ({}, "wrong_type"),
    ],
)
def test_any_other_part_is_named(part: Any, code: str) -> None:
    parsed = read(ASKED, {"role": "assistant", "content": [part]})

    assert [each for each, _ in told(parsed)] == [code]


@pytest.mark.parametrize("nothing", [None, "", "  ", "null", "{}", " {} ", {}])
def test_every_way_to_write_no_arguments_is_read(nothing: Any) -> None:
    call = {"function": {"name": "f", "arguments": nothing}}
    parsed = read(ASKED, {"role": "assistant", "tool_calls": [call]})

    assert not parsed.findings
    assert parsed.row is not None
    (read_call,) = parsed.row.messages[1].tool_calls or ()
    assert read_call["function"]["arguments"] == {}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (json.dumps(json.dumps({"a": 1})), "encoded twice"),
        ("{'a': 1}", "json.dumps"),
        ('{"a": True}', "json.dumps"),
        ('{"a": 1,}', "comma"),
    ],
)
def test_arguments_that_are_not_json_are_told_with_what_helps(text: str, hint: str) -> None:
    call = {"function": {"name": "f", "arguments": text}}
    (found,) = read(ASKED, {"role": "assistant", "tool_calls": [call]}).findings

    assert found.code == "tool_args_not_json"
    assert hint in found.hint


@pytest.mark.parametrize("as_text", [False, True])
def test_a_tool_may_say_its_arguments_under_input_schema(as_text: bool) -> None:  # noqa: FBT001
    schema = {"type": "object", "properties": {"stop": {"type": "string"}}}
    tool: Any = {"name": "f", "input_schema": schema}
    parsed = read(ASKED, ANSWERED, tools=[json.dumps(tool) if as_text else tool])

    assert not parsed.findings
    assert parsed.row is not None
    function = {"name": "f", "parameters": schema}
    assert parsed.row.tools == ({"type": "function", "function": function},)


def calls(*ids: str) -> dict[str, Any]:
    made = [
        {"id": each, "function": {"name": f"f{at}", "arguments": "{}"}}
        for at, each in enumerate(ids)
    ]
    return {"role": "assistant", "tool_calls": made}


@pytest.mark.parametrize(
    "answers",
    [
        [{"tool_call_id": "b"}, {"tool_call_id": "a"}],
        [{}, {}],
        [{"name": "f1"}, {"name": "f0"}],
        [{"tool_call_id": "b"}, {}],
        [{"name": "f1"}, {"tool_call_id": "a"}],
    ],
)
def test_answers_belong_to_calls_by_id_by_name_or_in_order(answers: list[dict[str, Any]]) -> None:
    results = [{"role": "tool", "content": "4", **each} for each in answers]

    assert told(read(ASKED, calls("a", "b"), *results, ANSWERED)) == []


@pytest.mark.parametrize(
    ("ids", "answers", "expected"),
    [
        ("ab", [{"tool_call_id": "a"}], [("tool_call_unanswered", 1)]),
        ("ab", [{}], [("tool_call_unanswered", 1)]),
        ("aa", [{"tool_call_id": "a"}], [("tool_call_unanswered", 1)]),
        ("a", [{"name": "f7"}], [("tool_call_unanswered", 0)]),
    ],
)
def test_a_call_that_no_answer_belongs_to_is_an_error(
    ids: str, answers: list[dict[str, Any]], expected: list[tuple[str, int]]
) -> None:
    results = [{"role": "tool", "content": "4", **each} for each in answers]

    assert told(read(ASKED, calls(*ids), *results, ANSWERED)) == [
        (code, f"/messages/1/tool_calls/{at}") for code, at in expected
    ]
