"""What one turn says twice, or under another key, is read or refused; it is never left out.

Covers: datasets.parsing.turns, datasets.parsing.tool_calls, datasets.parsing.reader.
"""

import json
from typing import Any

import pytest

from brightrun.datasets.parsing.reader import Parsed, RowOutcome, parse
from brightrun.datasets.record import DatasetFormat

CHAT = DatasetFormat.OPENAI_CHAT
BERLIN = {"city": "Berlin"}


def chat(**answer: Any) -> Parsed:
    turns = [{"role": "user", "content": "go"}, {"role": "assistant", "content": None, **answer}]
    return parse(json.dumps({"messages": turns}).encode(), CHAT)


def row_with(**beside: Any) -> Parsed:
    turns = [{"role": "user", "content": "go"}, {"role": "assistant", "content": "gone"}]
    return parse(json.dumps({"messages": turns, **beside}).encode(), CHAT)


def names_of(parsed: Parsed) -> list[str]:
    assert parsed.row is not None
    return [tool["function"]["name"] for tool in parsed.row.tools or ()]


def arguments_of(parsed: Parsed) -> list[object]:
    assert parsed.row is not None
    calls = parsed.row.messages[-1].tool_calls or ()
    return [call["function"]["arguments"] for call in calls]


def told(parsed: Parsed) -> list[tuple[str, str]]:
    return [(each.code.value, each.path) for each in parsed.findings]


@pytest.mark.parametrize("key", ["arguments", "parameters", "input", "args"])
@pytest.mark.parametrize("as_text", [False, True])
def test_the_arguments_of_a_call_may_have_another_key(key: str, as_text: bool) -> None:  # noqa: FBT001
    value = json.dumps(BERLIN) if as_text else BERLIN
    function = {"name": "f", key: value}

    assert arguments_of(chat(tool_calls=[{"type": "function", "function": function}])) == [BERLIN]
    assert arguments_of(chat(tool_calls=[{"id": "1", **function}])) == [BERLIN]
    assert arguments_of(chat(function_call=function)) == [BERLIN]


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ({"function": {"name": "f", "arguments": {}, "parameters": BERLIN}}, None),
        ({"function": {"name": "f", "arguments": BERLIN, "input": {"a": 1}}}, "/function/input"),
        ({"function": {"name": "f"}, "arguments": BERLIN}, "/arguments"),
        ({"function": {"name": "f"}, "name": "g"}, "/name"),
    ],
)
def test_arguments_that_would_be_lost_are_an_error(call: dict[str, Any], path: str | None) -> None:
    parsed = chat(tool_calls=[call])

    if path is None:
        assert arguments_of(parsed) == [BERLIN]
    else:
        assert told(parsed) == [("wrong_type", f"/messages/1/tool_calls/0{path}")]


def test_a_key_of_a_call_that_nobody_reads_is_told() -> None:
    parsed = chat(tool_calls=[{"function": {"name": "f", "arguments": BERLIN, "strict": True}}])

    assert told(parsed) == [("unknown_key", "/messages/1/tool_calls/0/function/strict")]


def test_a_call_whose_arguments_nobody_reads_does_not_train_without_them() -> None:
    parsed = chat(tool_calls=[{"function": {"name": "f", "params": BERLIN}}])

    assert told(parsed) == [
        ("unknown_key", "/messages/1/tool_calls/0/function/params"),
        ("missing_field", "/messages/1/tool_calls/0/function/arguments"),
    ]
    assert "'params'" in parsed.findings[1].hint


def test_the_older_list_of_tools_beside_the_newer_one_adds_to_it_or_is_the_same() -> None:
    tool = {"name": "f", "parameters": {"type": "object"}}
    same = row_with(tools=[{"type": "function", "function": tool}], functions=[tool])
    more = row_with(tools=[tool], functions=[{**tool, "name": "g"}])
    other = row_with(tools=[tool], functions=[{**tool, "description": "another"}])

    assert names_of(same) == ["f"]
    assert names_of(more) == ["f", "g"]
    assert told(other) == [("wrong_type", "/functions")]


def test_the_older_call_beside_the_list_is_the_same_or_an_error() -> None:
    calls = [{"function": {"name": "f", "arguments": BERLIN}}]
    same = chat(tool_calls=calls, function_call={"name": "f", "arguments": json.dumps(BERLIN)})
    other = chat(tool_calls=calls, function_call={"name": "f", "arguments": "{}"})

    assert arguments_of(same) == [BERLIN]
    assert not same.findings
    assert told(other) == [("wrong_type", "/messages/1/function_call")]


def test_only_the_assistant_calls_by_the_older_key_too() -> None:
    turns = [
        {"role": "user", "content": "go", "function_call": {"name": "f"}},
        {"role": "assistant", "content": "gone"},
    ]

    parsed = parse(json.dumps({"messages": turns}).encode(), CHAT)
    assert told(parsed) == [("wrong_type", "/messages/0/function_call")]


@pytest.mark.parametrize(("second", "is_fine"), [("one", True), ("two", False), ("", True)])
def test_thinking_under_two_keys_is_the_same_or_an_error(second: str, is_fine: bool) -> None:  # noqa: FBT001
    parsed = chat(content="yes", reasoning_content="one", thinking=second)

    assert (parsed.fate is RowOutcome.TRAINED) is is_fine
    assert is_fine or told(parsed) == [("wrong_type", "/messages/1/thinking")]


def test_a_refusal_beside_an_answer_is_an_error_and_an_empty_one_is_none() -> None:
    assert told(chat(content="Half of it.", refusal="No more.")) == [
        ("wrong_type", "/messages/1/refusal")
    ]
    assert not chat(content="All of it.", refusal=None).findings
    assert not chat(content=None, refusal="No.").findings


def test_what_only_answers_have_is_told_of_other_turns() -> None:
    turns = [
        {"role": "user", "content": "go", "thinking": "hm", "refusal": None},
        {"role": "assistant", "content": "gone"},
    ]

    parsed = parse(json.dumps({"messages": turns}).encode(), CHAT)
    assert parsed.fate is RowOutcome.TRAINED
    assert told(parsed) == [("unknown_key", "/messages/0/thinking")]


def calling(*turns: dict[str, Any]) -> Parsed:
    calls = [
        {"from": "function_call", "value": json.dumps({"name": "f", "arguments": {"at": at}})}
        | turn
        for at, turn in enumerate(turns)
    ]
    answers = [{"from": "observation", "value": "ok"}] * len(calls)
    said = [{"from": "human", "value": "go"}, *calls, *answers, {"from": "gpt", "value": "gone"}]
    tools = [{"name": "f", "parameters": {}}]
    row = {"conversations": said, "tools": json.dumps(tools)}
    return parse(json.dumps(row).encode(), DatasetFormat.SHAREGPT)


def test_a_turn_that_only_calls_keeps_its_thinking() -> None:
    parsed = calling({"thinking": "first this"}, {"thinking": "then that"})

    assert parsed.row is not None
    assert parsed.row.messages[1].reasoning_content == "first this\n\nthen that"
    assert len(parsed.row.messages[1].tool_calls or ()) == 2


@pytest.mark.parametrize(("first", "second"), [(1, 0), (0, None)])
def test_calls_that_are_one_turn_have_one_weight(first: int, second: int | None) -> None:
    parsed = calling({"weight": first}, {"weight": second})

    assert told(parsed) == [("bad_weight", "/conversations/2/weight")]
    assert calling({"weight": 0}, {"weight": 0}).fate is RowOutcome.TRAINED


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"celsius": 20.10}, '{"celsius": 20.1}'),
        ([{"a": 1}, 2], '[{"a": 1}, 2]'),
        (False, "false"),
        (7, "7"),
        ([{"type": "text", "text": "20 degrees"}], "20 degrees"),
    ],
)
def test_a_tool_may_answer_with_a_value(answer: object, text: str) -> None:
    turns = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f"}}]},
        {"role": "tool", "tool_call_id": "1", "content": answer},
        {"role": "assistant", "content": "gone"},
    ]

    parsed = parse(json.dumps({"messages": turns}).encode(), CHAT)
    assert parsed.row is not None
    assert parsed.row.messages[2].content == text


def test_a_pair_in_the_line_of_the_header_is_a_pair() -> None:
    line = {"_meta": {}, "conversation_id": "1", "current_user_input": "a", "target_response": "b"}

    parsed = parse(json.dumps(line).encode(), DatasetFormat.BRIGHTRUN_V4)
    assert parsed.fate is RowOutcome.TRAINED
    assert told(parsed) == [("unknown_key", "/_meta")]
