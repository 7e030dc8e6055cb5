"""What the trainer learns from a row: exactly what the assistant says, with its end.

Covers: datasets.tokenizing.chat_template, datasets.tokenizing.loss_mask,
datasets.tokenizing.message_forms.
"""

import msgspec
import pytest
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.problems import Code
from brightrun.datasets.tokenizing.chat_encoder import NO_LOSS, ChatEncoder, EncodingRefused
from tests.support.datasets.chat_models import (
    CHATML,
    FORGETTING,
    GEMMA,
    LLAMA,
    MARKED,
    MARKED_REWRITING,
    MISTRAL,
    REWRITING,
    TOOL_ROW,
    encoder,
    example,
    text,
    tokenizer_json,
)

TALK = example(
    ("user", "hello 😀"), ("assistant", "how are you"), ("user", "fine"), ("assistant", "né 好")
)


def trained(labels: list[int]) -> list[str]:
    """Return each stretch of labels as text."""
    stretches: list[list[int]] = [[]]
    for label in labels:
        if label == NO_LOSS:
            stretches.append([])
        else:
            stretches[-1].append(label)
    return [text(stretch) for stretch in stretches if stretch]


@pytest.mark.parametrize(
    ("template", "eos", "said"),
    [
        (MARKED, "<|im_end|>", ["how are you<|im_end|>", "né 好<|im_end|>"]),
        (CHATML, "<|im_end|>", ["how are you<|im_end|>", "né 好<|im_end|>"]),
        (LLAMA, "<|eot_id|>", ["how are you<|eot_id|>", "né 好<|eot_id|>"]),
        (GEMMA, "<end_of_turn>", ["how are you<end_of_turn>", "né 好<end_of_turn>"]),
        (MISTRAL, "</s>", [" how are you</s>", " né 好</s>"]),
    ],
    ids=["marked", "chatml", "llama", "gemma", "mistral"],
)
def test_the_loss_is_taken_on_every_answer_and_its_end(
    template: str, eos: str, said: list[str]
) -> None:
    encoded = encoder(template, eos).encode(TALK)

    assert trained(encoded.labels) == said
    assert len(encoded.labels) == len(encoded.input_ids)
    assert all(
        label in (NO_LOSS, token)
        for label, token in zip(encoded.labels, encoded.input_ids, strict=True)
    )


@pytest.mark.parametrize("template", [MARKED, CHATML])
def test_a_turn_of_weight_zero_is_read_but_not_learned(template: str) -> None:
    row = example(
        ("user", "a"), ("assistant", "no"), ("user", "b"), ("assistant", "yes"), weights=(0, 1)
    )

    encoded = encoder(template, "<|im_end|>").encode(row)
    assert trained(encoded.labels) == ["yes<|im_end|>"]
    assert "no<|im_end|>" in text(encoded.input_ids)


def test_the_first_token_of_a_template_is_not_doubled() -> None:
    """Many tokenizers put a first token before any text; the template has written it already."""
    eager = Tokenizer.from_str(tokenizer_json())
    eager.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    chat = ChatEncoder(
        eager.to_str().encode(), LLAMA, special_tokens={"bos_token": "<s>"}, eos_ids=[4]
    )

    assert text(chat.encode(TALK).input_ids).count("<s>") == 1


def test_a_template_whose_marks_hold_other_words_gives_one_sequence_for_each_answer() -> None:
    sequences = encoder(MARKED_REWRITING, "</s>").samples(TALK)

    assert [trained(each.labels) for each in sequences] == [["how are you</s>"], ["né 好</s>"]]


def test_an_end_just_behind_the_marks_is_learned_too() -> None:
    template = MARKED.replace("<|im_end|>{% endgeneration %}", "{% endgeneration %}<|im_end|>")

    encoded = encoder(template, "<|im_end|>").encode(TALK)
    assert trained(encoded.labels) == ["how are you<|im_end|>", "né 好<|im_end|>"]


def test_an_answer_that_spells_the_frame_of_a_turn_is_not_mistaken_for_one() -> None:
    row = example(("user", "say <|im_start|>assistant\nfine<|im_end|>"), ("assistant", "fine"))

    encoded = encoder(CHATML, "<|im_end|>").encode(row)
    assert trained(encoded.labels) == ["fine<|im_end|>"]
    assert encoded.labels[-2] != NO_LOSS


def test_a_template_that_rewrites_earlier_turns_gives_one_sequence_for_each_answer() -> None:
    chat = encoder(REWRITING, "</s>")

    with pytest.raises(EncodingRefused) as refusal:
        chat.encode(TALK)
    assert refusal.value.code is Code.TEMPLATE_DROPS_CONTENT
    assert [trained(each.labels) for each in chat.samples(TALK)] == [
        ["how are you</s>"],
        ["né 好</s>"],
    ]


THOUGHT = (
    ("user", "hello"),
    ("assistant", "<think>\nno\n</think>\n\nI know"),
    ("user", "fine"),
    ("assistant", "<think>\nhow\n</think>\n\nyes"),
)
"""What was thought first is also a part of what was said."""


def test_every_answer_trains_with_its_thinking_where_the_template_forgets_it_later() -> None:
    first, second = encoder(FORGETTING, "<|im_end|>").samples(example(*THOUGHT))

    assert trained(first.labels) == ["<think>\nno\n</think>\n\nI know<|im_end|>"]
    assert trained(second.labels) == ["<think>\nhow\n</think>\n\nyes<|im_end|>"]
    assert "assistant\nI know<|im_end|>" in text(second.input_ids)  # as it is read at inference


def test_thinking_in_a_field_of_its_own_trains_too() -> None:
    row = example(*THOUGHT)
    user, answer = row.messages[:2]
    apart = msgspec.structs.replace(answer, content="I know", reasoning_content="no")
    row = msgspec.structs.replace(row, messages=(user, apart, *row.messages[2:]))

    first, _ = encoder(FORGETTING, "<|im_end|>").samples(row)
    assert trained(first.labels) == ["<think>\nno\n</think>\n\nI know<|im_end|>"]


@pytest.mark.parametrize("weights", [(1, 0), (0, 1)])
def test_a_single_answer_trains_with_its_thinking_wherever_it_stands(
    weights: tuple[int, int],
) -> None:
    (only,) = encoder(FORGETTING, "<|im_end|>").samples(example(*THOUGHT, weights=weights))

    said = "<think>\nno\n</think>\n\nI know" if weights[0] else "<think>\nhow\n</think>\n\nyes"
    assert trained(only.labels) == [f"{said}<|im_end|>"]


def test_thinking_that_only_a_read_answer_loses_splits_nothing() -> None:
    """One sequence is enough: what is read is what is read at inference."""
    template = FORGETTING.replace("%}<|im_start|>assistant", "%}<|im_start|>assistant, think:")
    encoded = encoder(template, "<|im_end|>").encode(example(*THOUGHT, weights=(0, 1)))

    assert trained(encoded.labels) == ["<think>\nhow\n</think>\n\nyes<|im_end|>"]


def test_a_tool_call_that_the_frame_lacks_is_not_taken_for_shown() -> None:
    forgetting = FORGETTING.replace("in m.tool_calls or []", "in (m.tool_calls if loop.last) or []")
    (row,) = read_examples([TOOL_ROW])

    first, second = encoder(forgetting, "<|im_end|>").samples(row)
    assert trained(first.labels) == [
        '<think>\n\n</think>\n\n{"name": "f", "arguments": {"x": [1, "é"]}}<|im_end|>'
    ]
    assert trained(second.labels) == ["<think>\n\n</think>\n\ngood<|im_end|>"]


@pytest.mark.parametrize("prompt", ["A:<s>", "A: "])
def test_a_prompt_that_no_answer_starts_with_is_refused(prompt: str) -> None:
    """The label would begin in the middle of the answer, or miss its beginning."""
    template = REWRITING.replace("(earlier)", "{{ m.content }}").replace(
        "%}A:{% endif %}", f"%}}{prompt}{{% endif %}}"
    )

    with pytest.raises(EncodingRefused) as refusal:
        encoder(template, "</s>").samples(TALK)
    assert refusal.value.code is Code.TEMPLATE_UNSUPPORTED


def test_a_template_that_never_ends_a_turn_is_refused() -> None:
    chat = encoder(CHATML.replace("<|im_end|>", ""), "<|im_end|>")

    with pytest.raises(EncodingRefused) as refusal:
        chat.encode(TALK)
    assert refusal.value.code is Code.END_OF_TURN_MISSING


def test_what_a_template_refuses_is_refused_with_its_own_words() -> None:
    row = example(("system", "be kind"), ("user", "a"), ("assistant", "b"))

    with pytest.raises(EncodingRefused, match="System role not supported") as refusal:
        encoder(GEMMA, "<end_of_turn>").encode(row)
    assert refusal.value.code is Code.TEMPLATE_REFUSED


@pytest.mark.parametrize("template", ["{% for %}", "{{ messages.__class__.__mro__ }}"])
def test_a_template_that_is_broken_or_reaches_out_is_refused(template: str) -> None:
    with pytest.raises(EncodingRefused):
        encoder(template, "</s>").encode(TALK)


@pytest.mark.parametrize("template", [None, ""])
def test_a_model_without_a_template_is_refused(template: str | None) -> None:
    with pytest.raises(EncodingRefused) as refusal:
        ChatEncoder(tokenizer_json().encode(), template, special_tokens={}, eos_ids=[1])
    assert refusal.value.code is Code.CHAT_TEMPLATE_MISSING


def test_the_encoder_is_made_from_a_models_small_files() -> None:
    files = {
        "tokenizer.json": tokenizer_json().encode(),
        "tokenizer_config.json": b'{"eos_token":{"content":"<|im_end|>"},"chat_template":'
        b'[{"name":"tool_use","template":"x"},{"name":"default","template":"{% for m in messages '
        b'%}<|im_start|>{{ m.role }}\\n{{ m.content }}{{ eos_token }}\\n{% endfor %}"}]}',
    }

    from_eos_token = ChatEncoder.from_files(files).encode(TALK)
    from_generation = ChatEncoder.from_files(
        {**files, "generation_config.json": b'{"eos_token_id":[1,3]}'}
    ).encode(TALK)
    expected = encoder(CHATML, "<|im_end|>").encode(TALK)
    assert from_eos_token.labels == from_generation.labels == expected.labels
