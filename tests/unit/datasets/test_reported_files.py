"""Files as people reported them, small, each with what must come of it."""

import gzip
import json
from typing import Any, NamedTuple

import pytest

from brightrun.datasets.validation.validator import validate
from tests.support.datasets.template_families import encoder_of, encoder_with

CHATML, MISTRAL, R1 = "ChatML (Qwen2, SmolLM)", "Mistral v0.3", "DeepSeek R1, distilled"
PROPERTIES = {"stop": {"type": "string"}}
TOOL = {"name": "find_bus", "description": "Find a bus",
        "parameters": {"type": "object", "properties": PROPERTIES}}  # fmt: skip
WRAPPED = {"type": "function", "function": TOOL}


class Came(NamedTuple):
    """Rows, those that train, conversations, and the totals of errors and warnings by code."""

    rows: int
    trained: int
    conversations: int
    errors: dict[str, int]
    warnings: dict[str, int]


def came_of(data: bytes, family: str | None = None) -> Came:
    verdict = validate([data], encoder=None if family is None else encoder_of(family)).verdict
    found = verdict.statistics
    assert verdict.training_ready is (not verdict.error_counts)
    return Came(
        found.rows,
        found.trained_rows,
        found.conversations,
        verdict.error_counts,
        verdict.warning_counts,
    )


def ask(n: int) -> dict[str, Any]:
    return {"role": "user", "content": f"Which bus goes to stop {n}?"}


def say(n: int, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": f"Line {n}.", **more}


def call(n: int, content: Any = None, **arguments: Any) -> dict[str, Any]:
    function = {"name": "find_bus", "arguments": json.dumps({"stop": f"stop {n}", **arguments})}
    one = {"id": f"abcdefg{n:02}", "type": "function", "function": function}
    return {"role": "assistant", "content": content, "tool_calls": [one]}


def result(n: int, content: str = "4") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"abcdefg{n:02}", "content": content}


def twelve(make: Any) -> bytes:
    return b"".join(json.dumps(make(n)).encode() + b"\n" for n in range(12))


def refused(code: str) -> Came:
    return Came(12, 0, 0, {code: 12, "no_trainable_pairs": 1}, {})


GOOD = Came(12, 12, 12, {}, {})


def called(n: int) -> dict[str, Any]:
    return {"messages": [ask(n), call(n), result(n), say(n)], "tools": [WRAPPED]}


def test_a_call_that_the_template_does_not_write_is_refused() -> None:
    only = twelve(lambda n: {"messages": [ask(n), call(n)], "tools": [WRAPPED]})

    assert came_of(twelve(called), CHATML) == refused("template_drops_tool_call")
    assert came_of(only, CHATML) == refused("template_drops_tool_call")


def test_thinking_that_the_template_strips_is_refused() -> None:
    thought = "<think>\nStop {n} is east.\n</think>\n\nLine {n}."

    def thinking(n: int) -> dict[str, Any]:
        return {"role": "assistant", "content": thought.format(n=n)}

    inline = twelve(lambda n: {"messages": [ask(n), thinking(n)]})
    field = twelve(lambda n: {"messages": [ask(n), say(n, reasoning_content=f"{n} is east.")]})

    assert came_of(inline, R1) == refused("template_drops_reasoning")
    assert came_of(field, R1) == refused("template_drops_reasoning")


def test_rows_with_tools_train_by_the_template_named_for_them() -> None:
    assert came_of(twelve(called), "Hermes 2 Pro, two templates") == GOOD


def test_text_beside_a_call_that_the_template_drops_is_refused() -> None:
    beside = twelve(lambda n: {"messages": [ask(n), call(n, f"Let me look up {n}."), result(n),
                                            say(n)], "tools": [WRAPPED]})  # fmt: skip

    assert came_of(beside, MISTRAL) == refused("template_drops_content")


def test_one_row_with_a_system_turn_trains_as_at_inference_and_harms_no_other() -> None:
    system = {"role": "system", "content": "You know all buses."}
    data = twelve(lambda n: {"messages": [*[system] * (n == 11), ask(n), say(n)]})

    assert came_of(data, MISTRAL) == GOOD


def test_the_older_list_of_functions_is_a_list_of_tools() -> None:
    def row(n: int, name: str) -> dict[str, Any]:
        older = {"role": "assistant", "function_call": {"name": name, "arguments": "{}"}}
        return {"messages": [ask(n), older], "functions": [TOOL]}

    assert came_of(twelve(lambda n: row(n, "find_bus"))) == GOOD
    assert came_of(twelve(lambda n: row(n, "other"))) == refused("tool_undeclared")


def test_large_numbers_train_as_they_stand() -> None:
    data = twelve(lambda n: {"messages": [ask(n), call(n, wei=12345678901234567890124 + n)],
                             "tools": [WRAPPED]})  # fmt: skip

    assert came_of(data, "Qwen3") == GOOD


def test_a_row_of_many_turns_is_read() -> None:
    turns = [{"role": "assistant" if n % 2 else "user", "content": f"t{n}"} for n in range(32_000)]

    came = came_of(json.dumps({"messages": turns}).encode())
    assert came == Came(1, 1, 1, {}, {"too_few_examples": 1})


def test_a_system_key_beside_a_system_turn_is_told() -> None:
    turns = [{"from": "system", "value": "You are a ferry clerk."}]
    data = twelve(lambda n: {"system": "You are a bus clerk.", "conversations": [
        *turns, {"from": "human", "value": f"{n}?"}, {"from": "gpt", "value": "a"}]})  # fmt: skip

    assert came_of(data, R1) == GOOD._replace(warnings={"bad_role_order": 12})


@pytest.mark.parametrize("key", ["messages", "conversations"])
@pytest.mark.parametrize("name", ["conversation_id", "id"])
def test_growing_rows_of_ten_chats_are_ten_conversations(key: str, name: str) -> None:
    rows = [
        {name: f"c{chat}", key: [turn for n in range(size) for turn in (ask(n + 9 * chat), say(n))]}
        for chat in range(10)
        for size in range(1, 5)
    ]
    data = b"\n".join(json.dumps(row).encode() for row in rows)

    assert came_of(data) == Came(40, 40, 10, {}, {})


def test_a_quote_too_many_in_an_array_hides_no_row() -> None:
    rows = [json.dumps({"messages": [ask(n), say(n)]}) for n in range(11)]
    rows[1] = rows[1].replace("Line 1.", 'Line 1, 9" wide.')

    came = came_of(f"[{(',' + chr(10)).join(rows)}]".encode())
    assert came == Came(11, 10, 10, {"not_json": 1}, {})


def test_tools_without_a_wrapper_are_wrapped() -> None:
    data = twelve(lambda n: {"messages": [ask(n), say(n)], "tools": [TOOL]})

    assert came_of(data, MISTRAL) == GOOD


def test_a_weight_that_changes_nothing_is_no_error() -> None:
    data = twelve(lambda n: {"conversations": [
        {"from": "system", "value": "s", "weight": None},
        {"from": "human", "value": f"{n}?", "weight": 0},
        {"from": "gpt", "value": "a", "weight": 1}]})  # fmt: skip

    assert came_of(data) == GOOD


def test_a_packed_file_of_blank_lines_is_empty() -> None:
    assert came_of(gzip.compress(b"\n" * (8 << 20))) == Came(0, 0, 0, {"empty_file": 1}, {})


@pytest.mark.parametrize("nothing", [[], [{"type": "text", "text": ""}], "", None])
def test_no_text_beside_a_call_is_no_error(nothing: Any) -> None:
    data = twelve(lambda n: {"messages": [ask(n), call(n, nothing), result(n), say(n)]})

    assert came_of(data) == GOOD


def test_a_tool_that_answers_nothing_is_no_error() -> None:
    data = twelve(lambda n: {"messages": [ask(n), call(n), result(n, ""), say(n)]})

    assert came_of(data) == GOOD


def test_a_call_that_is_written_by_half_is_refused() -> None:
    first = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
        "{% if m.tool_calls %}{{ m.tool_calls[0].function | tojson }}{% endif %}<|im_end|>\n"
        "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    names = first.replace(" | tojson", ".name")

    def row(n: int, calls: int) -> dict[str, Any]:
        made = [call(n + at)["tool_calls"][0] for at in range(calls)]
        both = {"role": "assistant", "content": None, "tool_calls": made}
        return {"messages": [ask(n), both, *[result(n + at) for at in range(calls)], say(n)]}

    for template, calls in ((first, 2), (names, 1)):
        encoder = encoder_with({"default": template}, "<|im_end|>")
        data = twelve(lambda n, calls=calls: row(n, calls))
        assert validate([data], encoder=encoder).verdict.error_counts == {
            "template_drops_tool_call": 12,
            "no_trainable_pairs": 1,
        }
