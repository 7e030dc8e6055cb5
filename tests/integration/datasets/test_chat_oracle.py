"""Our rendering and masks against those of transformers, which users will meet at inference."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.tokenizing.chat_encoder import NO_LOSS, ChatEncoder
from tests.support.datasets import chat_models as known

TEMPLATES = {
    "marked": (known.MARKED, "<|im_end|>"),
    "chatml": (known.CHATML, "<|im_end|>"),
    "llama": (known.LLAMA, "<|eot_id|>"),
    "gemma": (known.GEMMA, "<end_of_turn>"),
    "mistral": (known.MISTRAL, "</s>"),
    "indented": (known.INDENTED, "</s>"),
}
TALKS = [
    [("user", "hello"), ("assistant", "fine")],
    [("user", "hé 😀"), ("assistant", " two\n\nlines "), ("user", "好"), ("assistant", "ok <b>")],
]


def theirs(template: str) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(known.tokenizer_json()),
        bos_token="<s>",
        eos_token="</s>",
        chat_template=template,
    )


@pytest.mark.parametrize("talk", TALKS, ids=["short", "long"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_the_tokens_are_those_of_transformers(name: str, talk: list[tuple[str, str]]) -> None:
    template, eos = TEMPLATES[name]
    messages = [{"role": role, "content": text} for role, text in talk]
    expected = theirs(template).apply_chat_template(messages, return_dict=False)

    assert known.encoder(template, eos).encode(known.example(*talk)).input_ids == expected


@pytest.mark.parametrize("name", ["marked", "indented"])
@pytest.mark.parametrize("talk", TALKS, ids=["short", "long"])
def test_the_mask_is_that_of_transformers_where_the_template_marks_it(
    talk: list[tuple[str, str]], name: str
) -> None:
    template, eos = TEMPLATES[name]
    messages = [{"role": role, "content": text} for role, text in talk]
    expected = theirs(template).apply_chat_template(
        messages, return_dict=True, return_assistant_tokens_mask=True
    )["assistant_masks"]

    labels = known.encoder(template, eos).encode(known.example(*talk)).labels
    assert [int(label != NO_LOSS) for label in labels] == expected


def test_a_saved_tokenizer_is_read_as_transformers_reads_it(tmp_path: Path) -> None:
    theirs(known.LLAMA.replace("<|eot_id|>", "{{ eos_token }}")).save_pretrained(tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    messages = [{"role": role, "content": text} for role, text in TALKS[1]]
    reloaded = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    expected = reloaded.apply_chat_template(messages, return_dict=False)

    assert ChatEncoder.from_files(files).encode(known.example(*TALKS[1])).input_ids == expected


TOOLS = (
    "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{{ m.content }}{% for call in m.tool_calls or [] %}{{ call.function | tojson }}"
    "{% endfor %}<|im_end|>\n{% endfor %}{{ strftime_now('%Y')[:2] }}"
)


def test_tools_and_calls_are_rendered_as_transformers_renders_them() -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"ä": "<>"}}}]
    call = {"type": "function", "function": {"name": "f", "arguments": {"x": [1, "é"]}}}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "done"},
        {"role": "assistant", "content": "good"},
    ]
    expected = theirs(TOOLS).apply_chat_template(messages, tools=tools, return_dict=False)

    (row,) = read_examples([known.TOOL_ROW])
    assert known.encoder(TOOLS, "<|im_end|>").encode(row).input_ids == expected
