"""Small tokenizers and the chat templates of well-known families, for the tests of the encoder."""

import json
from functools import cache

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder

SPECIAL = (
    "<s>",
    "</s>",
    "<|im_start|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<start_of_turn>",
    "<end_of_turn>",
)

MARKED = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}"
    "{% else %}{{ m.content }}<|im_end|>{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }}[/INST]"
    "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
INDENTED = """{{- bos_token }}
{%- for m in messages %}
    {% if m.role == 'assistant' %}
        A: {% generation %}{{ m.content }}</s>{% endgeneration %}

    {% else %}
        U: {{ m.content }}
    {% endif %}
{% endfor %}
{% if add_generation_prompt %}
A:
{% endif %}"""
MARKED_REWRITING = (
    "{% for m in messages %}{% if m.role == 'assistant' %}A:{% generation %}"
    "{{ m.content if loop.last else m.content | upper }}</s>{% endgeneration %}"
    "{% else %}U:{{ m.content }}\n{% endif %}{% endfor %}"
)
REWRITING = (
    "{% for m in messages %}{% if m.role == 'assistant' and not loop.last %}A:(earlier)</s>"
    "{% elif m.role == 'assistant' %}A:{{ m.content }}</s>{% else %}U:{{ m.content }}\n{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}A:{% endif %}"
)

# As Qwen3 does it: only the answers after the last question keep their thinking.
FORGETTING = (
    "{% if tools %}{{ tools | tojson }}\n{% endif %}{% set ns = namespace(asked=0) %}"
    "{% for m in messages %}{% if m.role == 'user' %}"
    "{% set ns.asked = loop.index0 %}{% endif %}{% endfor %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}"
    "{% set thought = m.reasoning_content or '' %}{% set said = m.content %}"
    "{% if not thought and '</think>' in said %}"
    "{% set thought = said.split('</think>')[0].split('<think>')[-1].strip() %}"
    "{% set said = said.split('</think>')[-1].lstrip() %}{% endif %}"
    "{% if loop.index0 > ns.asked %}<think>\n{{ thought }}\n</think>\n\n{% endif %}{{ said }}"
    "{% for call in m.tool_calls or [] %}{{ call.function | tojson }}{% endfor %}"
    "{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

# As Qwen2.5 does it, in short: tools and calls as JSON.
CALLING = (
    "{% if tools %}{{ tools | tojson }}\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for call in m.tool_calls or [] %}{{ call.function | tojson }}{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@cache
def tokenizer_json() -> str:
    """Return a byte-level tokenizer that knows every character and the control tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["system user assistant model hello how are you fine"], trainer)
    return str(tokenizer.to_str())


def encoder(template: str, *eos: str) -> ChatEncoder:
    """Return an encoder with this template, whose turns end in one of `eos`."""
    tokenizer = Tokenizer.from_str(tokenizer_json())
    return ChatEncoder(
        tokenizer_json().encode(),
        template,
        special_tokens={"bos_token": "<s>", "eos_token": "</s>"},
        eos_ids=[tokenizer.get_vocab()[token] for token in eos],
    )


def example(*turns: tuple[str, str], weights: tuple[int, ...] | None = None) -> Example:
    """Return a chat row of (role, content) turns."""
    messages: list[dict[str, object]] = [{"role": role, "content": text} for role, text in turns]
    answers = [turn for turn in messages if turn["role"] == "assistant"]
    for turn, weight in zip(answers, weights or (), strict=False):
        turn["weight"] = weight
    (row,) = read_examples([json.dumps({"messages": messages}).encode()])
    return row


def text(encoder_ids: list[int]) -> str:
    """Return what tokens say, control tokens included."""
    tokenizer = Tokenizer.from_str(tokenizer_json())
    return str(tokenizer.decode(encoder_ids, skip_special_tokens=False))


TOOL_ROW = """{"messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,
"tool_calls":[{"type":"function","function":{"name":"f","arguments":"{\\"x\\":[1,\\"é\\"]}"}}]},
{"role":"tool","content":"done"},{"role":"assistant","content":"good"}],
"tools":[{"type":"function","function":{"name":"f","parameters":{"ä":"<>"}}}]}""".replace(
    "\n", ""
).encode()
