"""One meaning in many spellings is read as one: the same turns, the same digest, no finding.

Covers: datasets.parsing.samples.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.tokenizing.preview import preview
from brightrun.datasets.validation.validator import validate

TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and text.strip())
ARGUMENTS = st.dictionaries(TEXTS, st.integers() | TEXTS | st.none(), max_size=3)
ABSENT = object()


def read(row: Any) -> Example:
    """Return the row, which must train without an error."""
    raw = json.dumps(row).encode()
    outcome = validate([raw])
    assert outcome.verdict.error_counts == {}, outcome.report
    (example,) = read_examples([raw])
    return example


def without(turn: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in turn.items() if value is not ABSENT}


def called(arguments: dict[str, Any], content: Any, calls: Any = None) -> dict[str, Any]:
    function = {"name": "f", "arguments": json.dumps(arguments)}
    calls = [{"id": "c1", "type": "function", "function": function}] if calls is None else calls
    return without({"role": "assistant", "content": content, "tool_calls": calls})


NOTHING = [None, ABSENT, "", [], [{"type": "text", "text": ""}], " ", "\u200b",
           [{"type": "text", "text": ""}, {"type": "text", "text": ""}]]  # fmt: skip


@pytest.mark.parametrize("nothing", NOTHING)
@settings(max_examples=10, deadline=None)
@given(TEXTS, TEXTS, ARGUMENTS)
def test_no_text_beside_a_call_is_no_text(
    nothing: Any, asked: str, answer: str, arguments: dict[str, Any]
) -> None:
    def row(content: Any) -> Example:
        return read(
            {
                "messages": [
                    {"role": "user", "content": asked},
                    called(arguments, content),
                    {"role": "tool", "tool_call_id": "c1", "content": "4"},
                    {"role": "assistant", "content": answer},
                ]
            }
        )

    assert row(nothing).sha256 == row(None).sha256


@pytest.mark.parametrize("nothing", [None, ABSENT, "", [], [{"type": "text", "text": ""}]])
@settings(max_examples=10, deadline=None)
@given(TEXTS, ARGUMENTS)
def test_a_tool_may_answer_nothing(nothing: Any, answer: str, arguments: dict[str, Any]) -> None:
    result = without({"role": "tool", "tool_call_id": "c1", "content": nothing})
    turns = [{"role": "user", "content": "q"}, called(arguments, None), result]

    example = read({"messages": [*turns, {"role": "assistant", "content": answer}]})
    assert example.messages[2].content == ""
    assert [turn.trained for turn in example.messages] == [False, True, False, True]


@pytest.mark.parametrize("calls", [[], None, ABSENT])
@pytest.mark.parametrize("role", ["user", "assistant", "system", "tool"])
def test_an_empty_list_of_calls_is_none(role: str, calls: Any) -> None:
    turn = without({"role": role, "content": "hi", "tool_calls": calls})
    turns = [turn, {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]

    assert read({"messages": turns}).messages[0].tool_calls is None


@settings(max_examples=20, deadline=None)
@given(ARGUMENTS)
def test_arguments_are_an_object_or_its_text_with_or_without_a_wrapper(
    arguments: dict[str, Any],
) -> None:
    text = json.dumps(arguments)
    spellings = [
        [{"type": "function", "function": {"name": "f", "arguments": text}}],
        [{"type": "function", "function": {"name": "f", "arguments": arguments}}],
        [{"function": {"name": "f", "arguments": arguments}}],
        [{"name": "f", "arguments": arguments}],
        [{"name": "f", "arguments": text}],
    ]
    if not arguments:
        nothing = [{"name": "f", "arguments": empty} for empty in ("", None, "{}")]
        spellings += [[call] for call in (*nothing, {"name": "f"})]

    def row(calls: Any) -> Example:
        turns = [{"role": "user", "content": "q"}, called({}, None, calls)]
        return read({"messages": turns})

    legacy = {"role": "assistant", "function_call": {"name": "f", "arguments": text}}
    digests = {row(calls).sha256 for calls in spellings}
    digests.add(read({"messages": [{"role": "user", "content": "q"}, legacy]}).sha256)
    assert len(digests) == 1


TOOL = {"name": "f", "description": "F", "parameters": {"type": "object"}}
WRAPPED = {"type": "function", "function": TOOL}


@pytest.mark.parametrize(
    "tools",
    [
        {"tools": [TOOL]},
        {"tools": json.dumps([TOOL])},
        {"tools": json.dumps([WRAPPED])},
        {"functions": [TOOL]},
        {"tools": [{"type": "function", **TOOL}]},
        {"tools": [{"function": TOOL}]},
        {"tools": [], "functions": [TOOL]},
        {"tools": None, "functions": [WRAPPED]},
    ],
)
def test_tools_have_one_form(tools: dict[str, Any]) -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]

    assert read({"messages": turns, **tools}).tools == (WRAPPED,)


@settings(max_examples=20, deadline=None)
@given(st.lists(ARGUMENTS, min_size=1, max_size=3), TEXTS)
def test_sharegpt_calls_need_no_ids_and_may_be_several(
    arguments: list[dict[str, Any]], answer: str
) -> None:
    calls = [{"name": "f", "arguments": each} for each in arguments]
    results = [{"from": "observation", "value": str(at)} for at in range(len(calls))]
    start, end = {"from": "human", "value": "q"}, {"from": "gpt", "value": answer}
    together = [{"from": "function_call", "value": json.dumps(calls)}]
    apart = [{"from": "function_call", "value": json.dumps(call)} for call in calls]
    objects = [{"from": "function_call", "value": calls}]

    found = [
        read({"conversations": [start, *turns, *results, end]})
        for turns in (together, apart, objects)
    ]
    assert len({example.sha256 for example in found}) == 1
    (_, calling, *_) = found[0].messages
    assert [call["function"]["arguments"] for call in calling.tool_calls or ()] == arguments


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["system", "developer", "human", "user"]),
            st.sampled_from([0, None, 0.0]),
        ),
        min_size=1,
        max_size=1,
    ),
    st.sampled_from(["role", "from"]),
    st.sampled_from(["gpt", "assistant", "model", "chatgpt"]),
)
def test_roles_and_weights_that_change_nothing(
    first: list[tuple[str, Any]], key: str, answering: str
) -> None:
    said = "content" if key == "role" else "value"
    turns = [{key: role, said: "hi", "weight": weight} for role, weight in first]
    turns += [{key: "human", said: "q", "weight": 0}, {key: answering, said: "a", "weight": 1}]

    example = read({"conversations": turns})
    ours = {"developer": "system", "human": "user"}
    assert [turn.role for turn in example.messages] == [
        *(ours.get(role, role) for role, _ in first),
        "user",
        "assistant",
    ]
    assert [turn.trained for turn in example.messages] == [False] * len(first) + [False, True]


@pytest.mark.parametrize("key", ["messages", "conversations", "turns"])
def test_weight_1_on_a_turn_that_cannot_train_stays_an_error(key: str) -> None:
    turns = [{"role": "user", "content": "q", "weight": 1}, {"role": "assistant", "content": "a"}]
    row = {key: turns, "conversation_id": "1"}

    assert validate([json.dumps(row).encode()]).verdict.error_counts["bad_weight"] == 1


@settings(max_examples=20, deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=5), st.sampled_from(["\r", "\n", "\r\n", "\r\r", "\n\n"])
)
def test_any_line_end_ends_a_line(texts: list[str], end: str) -> None:
    rows = [json.dumps({"prompt": text, "completion": text}) for text in texts]
    data = end.join(rows).encode()

    found = list(read_examples([data[at : at + 9] for at in range(0, len(data), 9)]))
    assert [example.messages[1].content for example in found] == texts
    step = 2 if end in ("\r\r", "\n\n") else 1
    assert [example.source_line for example in found] == [1 + step * at for at in range(len(texts))]


@pytest.mark.parametrize("key", ["messages", "conversations"])
@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
def test_a_system_turn_that_says_nothing_is_none(key: str, blank: str) -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    system = {"role": "system", "content": blank}

    assert read({key: [system, *turns]}).sha256 == read({key: turns}).sha256


@settings(max_examples=15, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["messages", "conversations"]))
def test_a_system_key_beside_a_system_turn_is_told_and_becomes_one_turn(
    above: str, inside: str, key: str
) -> None:
    turns = [{"role": "system", "content": inside}, {"role": "user", "content": "q"},
             {"role": "assistant", "content": "a"}]  # fmt: skip
    raw = json.dumps({key: turns, "system": above}).encode()
    (example,) = read_examples([raw])

    assert [turn.role for turn in example.messages] == ["system", "user", "assistant"]
    same = above.strip() == inside.strip()
    assert example.messages[0].content == (inside if same else f"{above}\n\n{inside}")
    told = [each.path for each in validate([raw]).report if each.code == "bad_role_order"]
    assert told == ["/system"]


@pytest.mark.parametrize("name", ["conversation_id", "id"])
@pytest.mark.parametrize("given_as", [str, int])
@pytest.mark.parametrize("shape", ["messages", "conversations", "sharegpt", "pair", "alpaca"])
def test_a_named_conversation_decides_the_split_in_every_format(
    shape: str, given_as: type, name: str
) -> None:
    def row(conversation: int, turns: int) -> dict[str, Any]:
        talk = [("user", f"q{conversation}"), ("assistant", "a")] * turns
        keys = ("from", "value") if shape == "sharegpt" else ("role", "content")
        rows: dict[str, dict[str, Any]] = {
            "messages": {"messages": [dict(zip(keys, turn, strict=True)) for turn in talk]},
            "pair": {"prompt": f"q{conversation} {turns}", "completion": "a"},
            "alpaca": {"instruction": f"q{conversation} {turns}", "output": "a"},
        }
        rows["conversations"] = rows["sharegpt"] = {"conversations": rows["messages"]["messages"]}
        return {name: given_as(conversation + 1), **rows[shape]}

    values = [row(conversation, turns) for conversation in range(10) for turns in (1, 2, 3)]
    data = b"\n".join(json.dumps(value).encode() for value in values)
    outcome = validate([data])

    assert outcome.verdict.statistics.conversations == 10
    assert outcome.verdict.warning_counts.get("unknown_key") is None
    names = {example.conversation_id for example in read_examples([data])}
    assert names == {str(at + 1) for at in range(10)}


def test_a_key_that_nobody_reads_is_told() -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    raw = json.dumps({"messages": turns, "parallel_tool_calls": True}).encode()

    assert validate([raw]).verdict.warning_counts["unknown_key"] == 1


def test_a_refusal_is_what_the_assistant_says() -> None:
    turns = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": None, "refusal": "I cannot help with that."},
        {"role": "user", "content": "why"},
        {"role": "assistant", "content": "a", "refusal": None},
    ]

    contents = [turn.content for turn in read({"messages": turns}).messages]
    assert contents == ["q", "I cannot help with that.", "why", "a"]


def test_the_preview_shows_what_was_read() -> None:
    turns = [{"role": "human", "content": "q"}, called({"x": 10**30}, [])]
    raw = json.dumps({"messages": turns, "functions": [TOOL]}).encode()

    shown = preview([raw], 1, None)
    assert shown is not None
    assert shown.tools == (WRAPPED,)
    assert shown.messages[0]["role"] == "user"
    assert shown.messages[1]["calls"] == ["f"]
    assert shown.messages[1]["tool_calls"] == [
        {
            "id": "c1",
            "type": "function",
            "function": {"name": "f", "arguments": '{"x": 1' + "0" * 30 + "}"},
        }
    ]
