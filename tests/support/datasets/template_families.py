"""Chat templates in the manner of those published with current models, in short. Written for tests.

Each keeps what matters of its family: the frames, how it wants a call, and what it leaves out.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tokenizers import Tokenizer

from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from tests.support.datasets.chat_models import tokenizer_json

_FOLDER = Path(__file__).parents[2] / "golden" / "templates"


class Family(NamedTuple):
    """The templates of one family by name, and the tokens that end its turns."""

    templates: Mapping[str, str]
    ends: tuple[str, ...]


def source_of(name: str) -> str:
    """Return one template."""
    return (_FOLDER / f"{name}.jinja").read_text(encoding="utf-8")


def _one(name: str, *ends: str) -> Family:
    return Family({"default": source_of(name)}, ends)


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "ChatML (Qwen2, SmolLM)": _one("chatml", "<|im_end|>"),
        "Qwen2.5, Hermes 3": _one("qwen25", "<|im_end|>"),
        "Qwen3": _one("qwen3", "<|im_end|>"),
        "Qwen3-Coder": _one("qwen3_coder", "<|im_end|>"),
        "Hermes 2 Pro, two templates": Family(
            {"default": source_of("chatml"), "tool_use": source_of("qwen25")}, ("<|im_end|>",)
        ),
        "SmolLM3, generation marks": _one("smollm3", "<|im_end|>"),
        "Llama 3.1": _one("llama31", "<|eot_id|>"),
        "Mistral v0.3": _one("mistral_v03", "</s>"),
        "Gemma 2": _one("gemma2", "<end_of_turn>"),
        "Phi-3": _one("phi3", "<|end|>"),
        "DeepSeek R1, distilled": _one("deepseek_r1", "</s>"),
        "DeepSeek V3.1": _one("deepseek_v31", "</s>"),
        "gpt-oss": _one("gpt_oss", "<|return|>", "<|call|>"),
        "Granite 3": _one("granite3", "<|end_of_text|>"),
        "GLM-4.5": _one("glm45", "<|endoftext|>"),
        "GLM-4.5, ended by the next turn": _one("glm45_open", "<|user|>", "<|observation|>"),
        "DeepSeek R1, thinking opened by the prompt": _one("deepseek_r1_open", "</s>"),
        "Phi-4 mini": _one("phi4_mini", "<|end|>"),
        "Mistral Nemo": _one("mistral_nemo", "</s>"),
        "Command R, three templates": Family(
            {
                "default": source_of("command_r"),
                "tool_use": source_of("command_r_tools"),
                "rag": "{{ documents[0] }}",
            },
            ("</s>",),
        ),
    }
)
_MORE_TOKENS = (
    *("<|end|>", "<|return|>", "<|call|>", "<|end_of_text|>", "<|endoftext|>"),
    *("<|user|>", "<|observation|>"),
)


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_str(tokenizer_json())
    tokenizer.add_special_tokens(list(_MORE_TOKENS))
    return tokenizer


def encoder_with(templates: Mapping[str, str], *ends: str) -> ChatEncoder:
    """Return an encoder with these templates, whose turns end in one of `ends`."""
    return ChatEncoder(
        _tokenizer().to_str().encode(),
        templates,
        special_tokens={"bos_token": "<s>", "eos_token": "</s>"},
        eos_ids=[_tokenizer().get_vocab()[token] for token in ends],
    )


@cache
def encoder_of(family: str) -> ChatEncoder:
    """Return the encoder of a family."""
    return encoder_with(FAMILIES[family].templates, *FAMILIES[family].ends)


def said(tokens: list[int]) -> str:
    """Return what tokens say, control tokens included."""
    return str(_tokenizer().decode(tokens, skip_special_tokens=False))
