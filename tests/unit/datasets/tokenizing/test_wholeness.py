"""A part of an answer that a template leaves out refuses the row, however its span is found.

Covers: datasets.parsing.row_places, datasets.tokenizing.inference_prompt,
datasets.tokenizing.part_marks, datasets.tokenizing.template_set.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.tokenizing.chat_encoder import NO_LOSS, ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.preview import preview
from brightrun.datasets.validation.validator import validate
from tests.support.datasets.template_families import encoder_of, encoder_with, said, source_of
from tests.support.datasets.whole_rows import TEXTS, example_of, lacks, rows

TOOLS = "{% for tool in tools or [] %}{{ tool | tojson }}\n{% endfor %}"
REASONING = "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}"
CONTENT = "{{ m.content }}"
CALL = '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}'
CALLS = "{% for call in m.tool_calls or [] %}" + CALL + "{% endfor %}"
WHOLE = {"tools": TOOLS, "reasoning": REASONING, "content": CONTENT, "calls": CALLS}
FRAMES = {
    "frames": (
        "%(tools)s{%% for m in messages %%}<|im_start|>{{ m.role }}\n"
        "{%% if m.role == 'assistant' %%}%(said)s{%% else %%}{{ m.content }}{%% endif %%}"
        "<|im_end|>\n{%% endfor %%}"
        "{%% if add_generation_prompt %%}<|im_start|>assistant\n{%% endif %%}"
    ),
    "marks": (
        "%(tools)s{%% for m in messages %%}{{ m.role }}: {%% if m.role == 'assistant' %%}"
        "{%% generation %%}%(said)s<|im_end|>{%% endgeneration %%}{%% else %%}{{ m.content }}"
        "<|im_end|>{%% endif %%}\n{%% endfor %%}"
    ),
    "differences": (
        "%(tools)s{%% for m in messages %%}{%% if m.role == 'assistant' %%}A:%(said)s<|im_end|>"
        "{%% else %%}U:{{ m.content }}\n{%% endif %%}{%% endfor %%}"
        "{%% if add_generation_prompt %%}A:{%% endif %%}"
    ),
}
FIRST_CALL = "{% if m.tool_calls %}{% set call = m.tool_calls[0] %}" + CALL + "{% endif %}"
LOST = {
    "calls": ("both", {"calls": ""}, "template_drops_tool_call"),
    "names of calls": (
        "tools",
        {"calls": CALLS.replace("{{ call.function.name }}", "")},
        "template_drops_tool_call",
    ),
    "all but the first call": ("several", {"calls": FIRST_CALL}, "template_drops_tool_call"),
    "text beside a call": (
        "beside",
        {"content": "{{ m.content if not m.tool_calls }}"},
        "template_drops_content",
    ),
    "text that is long": ("long", {"content": "{{ m.content[:20] }}"}, "template_drops_content"),
    "thinking": ("reasoning", {"reasoning": ""}, "template_drops_reasoning"),
    "thinking before calls": (
        "both",
        {"reasoning": "{% if not m.tool_calls %}" + REASONING + "{% endif %}"},
        "template_drops_reasoning",
    ),
    "tools": ("tools", {"tools": ""}, "template_drops_tools"),
    "all but one tool": ("tools", {"tools": "{{ tools[0] | tojson }}"}, "template_drops_tools"),
    "what tools take": (
        "tools",
        {"tools": TOOLS.replace("tool |", "{'n': tool.function.name} |")},
        "template_drops_tools",
    ),
    "arguments": (
        "valued",
        {"calls": "{% for call in m.tool_calls or [] %}{{ call.function.name }}{% endfor %}"},
        "template_drops_tool_call",
    ),
    "values of arguments": (
        "valued",
        {"calls": CALLS.replace("arguments | tojson", "arguments.keys() | list | tojson")},
        "template_drops_tool_call",
    ),
}


def an_encoder(way: str, **pieces: str) -> ChatEncoder:
    """Return an encoder of a template made of these pieces, the usual ones where none is given."""
    all_pieces = WHOLE | pieces
    spoken = all_pieces["reasoning"] + all_pieces["content"] + all_pieces["calls"]
    source = FRAMES[way] % {"tools": all_pieces["tools"], "said": spoken}
    return encoder_with({"default": source}, "<|im_end|>")


@st.composite
def rows_for(draw: st.DrawFn, wanted: str) -> dict[str, object]:
    """Return a row that holds what a template of `LOST` loses."""
    kinds = {"both": "both", "reasoning": "reasoning", "long": "plain"}
    row = draw(rows(kinds.get(wanted, "tools")))
    turns = row["messages"]
    if wanted == "long":
        turns[-1]["content"] = draw(TEXTS) + " and so on, for a while" + draw(TEXTS)
    elif wanted == "beside":
        turns[1]["content"] = draw(TEXTS)
    elif wanted == "several":
        twice = json.loads(json.dumps(turns[1]["tool_calls"][:1] * 2))
        twice[1]["id"] = "call_again"
        turns[1]["tool_calls"] = twice
        turns[2:-1] = [
            {"role": "tool", "tool_call_id": call["id"], "content": "ok"} for call in twice
        ]
    elif wanted == "valued":
        for call in turns[1]["tool_calls"]:
            value = draw(
                st.sampled_from(["1", 1, True, None, "stop", "east 1", [0], {"x": "name"}])
            )
            call["function"]["arguments"] = json.dumps({"stop": value})
    return row


@pytest.mark.parametrize("way", FRAMES)
@pytest.mark.parametrize("lost", LOST)
def test_a_row_of_which_a_part_is_lost_is_refused(lost: str, way: str) -> None:
    wanted, pieces, code = LOST[lost]
    losing = an_encoder(way, **pieces)

    @settings(max_examples=10, deadline=None)
    @given(rows_for(wanted))
    def refuse(row: dict[str, object]) -> None:
        with pytest.raises(EncodingRefused) as refusal:
            losing.samples(example_of(row))
        assert refusal.value.code == code

    refuse()


@pytest.mark.parametrize("way", FRAMES)
@pytest.mark.parametrize("wanted", ["plain", "beside", "several", "valued", "both", "reasoning"])
def test_a_template_that_leaves_nothing_out_takes_the_same_rows(way: str, wanted: str) -> None:
    whole = an_encoder(way)

    @settings(max_examples=10, deadline=None)
    @given(rows("plain") if wanted == "plain" else rows_for(wanted))
    def take(row: dict[str, object]) -> None:
        (sequence,) = whole.samples(example_of(row))
        trained = said([label for label in sequence.labels if label != NO_LOSS])
        assert lacks(trained, row) is None

    take()


ASK = {"role": "user", "content": "Which bus?"}
CALLING = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"stop": 4}'}}
    ],
}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "4"}
SAY = {"role": "assistant", "content": "Line 4."}
PLAIN = {"messages": [ASK, SAY]}


def a_file(*values: object) -> list[bytes]:
    return [b"\n".join(json.dumps(value).encode() for value in values)]


def test_the_report_names_the_line_and_the_turn_and_the_preview_says_the_same() -> None:
    chunks = a_file(PLAIN, {"messages": [ASK, CALLING, RESULT, SAY]})
    chatml = encoder_of("ChatML (Qwen2, SmolLM)")
    outcome = validate(chunks, encoder=chatml)

    (found,) = (each for each in outcome.report if each.severity == "error")
    assert (found.line, found.path) == (2, "/messages/1/tool_calls/0")
    assert (found.code, found.excerpt) == ("template_drops_tool_call", "f")
    assert outcome.verdict.statistics.trained_rows == 1
    assert not outcome.verdict.training_ready
    shown = preview(chunks, 2, chatml)
    assert shown is not None
    assert (shown.fate, shown.problems) == ("rejected", (found,))


@pytest.mark.parametrize(
    ("row", "kind", "path"),
    [
        ({"prompt": "a", "completion": "<think>b</think>c"}, "prompt_completion", "/completion"),
        ({"instruction": "a", "output": "<think>b</think>c"}, "alpaca", "/output"),
        (
            {"system": "s", "conversations": [{"from": "human", "value": "a"},
             {"from": "gpt", "value": "<think>b</think>c"}]},
            "sharegpt",
            "/conversations/1/value",
        ),
        (
            {"conversation_id": "1", "current_user_input": "a",
             "target_response": "<think>b</think>c"},
            "brightrun_v4",
            "/target_response",
        ),
        (
            {"prompt": [ASK],
             "completion": [{"role": "assistant", "content": "<think>b</think>c"}]},
            "prompt_completion",
            "/completion/0/content",
        ),
    ],
)  # fmt: skip
def test_the_place_is_that_of_the_format(row: object, kind: str, path: str) -> None:
    outcome = validate(a_file(row), encoder=encoder_of("DeepSeek R1, distilled"))

    (found,) = (each for each in outcome.report if each.line == 1)
    assert outcome.verdict.format == DatasetFormat(kind)
    assert (found.code, found.path) == ("template_drops_reasoning", path)


def test_a_row_with_tools_is_rendered_by_the_template_for_tools_and_others_by_the_default() -> None:
    two = encoder_of("Hermes 2 Pro, two templates")
    tool = {"type": "function", "function": {"name": "f", "description": "F", "parameters": {}}}
    called = {"messages": [ASK, CALLING, RESULT, SAY], "tools": [tool]}

    shown = [preview(a_file(PLAIN, called), line, two) for line in (1, 2)]
    assert [each and each.sequences[0].template for each in shown] == ["default", "tool_use"]


def test_templates_in_files_of_their_own_are_found() -> None:
    files = {
        "tokenizer.json": encoder_of("Phi-3")._tokenizer.full.to_str().encode(),
        "tokenizer_config.json": b'{"eos_token": "<|im_end|>"}',
        "chat_template.jinja": source_of("chatml").encode(),
        "additional_chat_templates/tool_use.jinja": source_of("qwen25").encode(),
    }
    called = {"messages": [ASK, CALLING, RESULT, SAY]}

    (sequence,) = ChatEncoder.from_files(files).samples(example_of(called))
    assert sequence.template == "tool_use"
    (sequence,) = ChatEncoder.from_files(files).samples(example_of(PLAIN))
    assert sequence.template == "default"


@settings(max_examples=10, deadline=None)
@given(TEXTS, st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
def test_a_system_turn_that_is_only_in_the_prompt_trains_its_answer_behind_the_prompt(
    system: str, rounds: list[tuple[str, str]]
) -> None:
    turns: list[dict[str, object]] = [{"role": "system", "content": f"You are {system}!"}]
    for at, (asked, answer) in enumerate(rounds):
        turns += [
            {"role": "user", "content": f"{asked} {at}?"},
            {"role": "assistant", "content": answer, "weight": int(at == len(rounds) - 1)},
        ]
    (sequence,) = encoder_of("Mistral v0.3").samples(example_of({"messages": turns}))

    whole, trained = said(sequence.input_ids), said([x for x in sequence.labels if x != NO_LOSS])
    assert whole.endswith(f"[INST] You are {system}!\n\n{turns[-2]['content']}[/INST]{trained}")
    assert trained == f" {rounds[-1][1]}</s>"


def test_a_row_that_would_be_rendered_too_often_is_refused_with_what_helps() -> None:
    rounds = [*[ASK, SAY] * 65]

    with pytest.raises(EncodingRefused) as refusal:
        an_encoder("differences").samples(example_of({"messages": rounds}))
    assert refusal.value.code == "too_many_answers"
    assert an_encoder("frames").samples(example_of({"messages": rounds}))


def test_thinking_between_the_parts_of_an_answer_is_not_moved_before_them() -> None:
    often = {**SAY, "content": "<think>a</think>b<think>c</think>d"}

    with pytest.raises(EncodingRefused) as refusal:
        encoder_of("Qwen3").samples(example_of({"messages": [ASK, often]}))
    assert refusal.value.code.startswith("template_drops_")
