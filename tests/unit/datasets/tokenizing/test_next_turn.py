"""Where an answer ends that its template does not end, and where it starts behind open thinking.

Covers: datasets.tokenizing.next_turn, datasets.tokenizing.special_tokens.
"""

from typing import Any

import pytest

from brightrun.datasets.tokenizing.chat_encoder import NO_LOSS, EncodingRefused
from tests.support.datasets.template_families import encoder_of, encoder_with, said, source_of
from tests.support.datasets.whole_rows import example_of

ASKED = {"role": "user", "content": "Which bus?"}
ANSWERED = {"role": "assistant", "content": "Line 4."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bus", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
GLM, OPENED = "GLM-4.5, ended by the next turn", "DeepSeek R1, thinking opened by the prompt"


def trained(family: str, *turns: dict[str, Any]) -> list[str]:
    sequences = encoder_of(family).samples(example_of({"messages": [*turns]}))
    return [said([label for label in each.labels if label != NO_LOSS]) for each in sequences]


def whole(family: str, *turns: dict[str, Any]) -> list[str]:
    return [
        said(each.input_ids)
        for each in encoder_of(family).samples(example_of({"messages": [*turns]}))
    ]


@pytest.mark.parametrize(
    ("turns", "ends"),
    [
        ([ASKED, ANSWERED], "Line 4.<|user|>"),
        ([ASKED, ANSWERED, ASKED, ANSWERED], "Line 4.<|user|>"),
        ([ASKED, CALLED], "</tool_call><|observation|>"),
    ],
)
def test_a_turn_ends_in_the_token_that_begins_the_next_one(
    turns: list[dict[str, Any]], ends: str
) -> None:
    (text,) = trained(GLM, *turns)

    assert text.endswith(ends)
    assert text.count(ends) == sum(turn["role"] == "assistant" for turn in turns)


def test_a_token_at_which_generation_does_not_stop_is_not_added() -> None:
    encoder = encoder_with({"default": source_of("glm45_open")}, "<|endoftext|>")

    with pytest.raises(EncodingRefused) as refused:
        encoder.samples(example_of({"messages": [ASKED, ANSWERED]}))
    assert refused.value.code == "end_of_turn_missing"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ANSWERED, "\n</think>\n\nLine 4.</s>"),
        ({**ANSWERED, "reasoning_content": "East."}, "East.\n</think>\n\nLine 4.</s>"),
        (
            {**ANSWERED, "content": "<think>East.</think>\nLine 4."},
            "East.\n</think>\n\nLine 4.</s>",
        ),
    ],
)
def test_an_answer_goes_on_where_the_prompt_opens_the_thinking(
    answer: dict[str, Any], expected: str
) -> None:
    assert trained(OPENED, ASKED, answer) == [expected]
    (text,) = whole(OPENED, ASKED, answer)
    assert text.endswith(f"<|Assistant|><think>\n{expected}")


def test_a_part_that_stands_nowhere_is_named_where_nothing_shows_the_answers() -> None:
    beside: dict[str, Any] = {**CALLED, "content": "Let me look."}
    for family, answer, code in (
        ("Mistral Nemo", beside, "template_drops_content"),
        (OPENED, CALLED, "template_drops_tool_call"),
    ):
        with pytest.raises(EncodingRefused) as refused:
            trained(family, ASKED, answer)
        assert refused.value.code == code


def test_thinking_between_tags_stands_in_the_field_that_the_template_has_for_it() -> None:
    (text,) = trained("gpt-oss", ASKED, {**ANSWERED, "content": "<think>East.</think>\nLine 4."})

    assert "<think>" not in text
    assert text == trained("gpt-oss", ASKED, {**ANSWERED, "reasoning_content": "East."})[0]
