"""Small tokenizers in the manner of those of current base models: the same steps, few tokens."""

import json
from functools import cache
from typing import Any

from tests.support.datasets.chat_models import SPECIAL, tokenizer_json

_BYTES = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": False,
    "use_regex": False,
}
_CUT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _cut(numbers: str) -> dict[str, Any]:
    split = {
        "type": "Split",
        "pattern": {"Regex": _CUT % numbers},
        "behavior": "Isolated",
        "invert": False,
    }
    return {"type": "Sequence", "pretokenizers": [split, _BYTES]}


_GPT2 = _BYTES | {"use_regex": True, "trim_offsets": True}
_DIGITS = {"type": "Digits", "individual_digits": True}


def _of_characters() -> dict[str, Any]:
    """Return a tokenizer in the manner of Gemma 3: characters, blanks as one, bytes by number."""
    letters = ["\u2581", *"abcdehlnostuxy.,!", "\n", "é", "你", "好"]
    pairs = [
        *(("\u2581", "\u2581"), ("\u2581\u2581", "\u2581\u2581"), ("l", "l"), ("h", "e")),
        *(("he", "ll"), ("hell", "o"), ("\u2581", "hello"), ("\n", "\n"), ("你", "好")),
    ]
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), *letters]
    tokens += ["".join(pair) for pair in pairs]
    vocabulary = {token: at for at, token in enumerate(tokens)}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [*SPECIAL, "\n\n", "\u2581" * 4]
    blanks = {"pattern": {"String": " "}}
    return {
        "model": {
            "type": "BPE",
            "unk_token": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": [list(pair) for pair in pairs],
        },
        "added_tokens": [
            {"id": vocabulary[each], "content": each, "special": each in SPECIAL, **flags}
            for each in added
        ],
        "normalizer": {"type": "Replace", "content": "\u2581", **blanks},
        "pre_tokenizer": {
            "type": "Split",
            "behavior": "MergedWithPrevious",
            "invert": False,
            **blanks,
        },
        "post_processor": None,
        "decoder": None,
    }


FAMILIES: dict[str, dict[str, Any]] = {
    "qwen": {"pre_tokenizer": _cut(r"\p{N}"), "normalizer": {"type": "NFC"}},
    "llama3": {"pre_tokenizer": _cut(r"\p{N}{1,3}"), "post_processor": _GPT2},
    "gpt2": {"pre_tokenizer": _GPT2, "post_processor": _GPT2},
    "gemma3": _of_characters(),
    "smollm": {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [_DIGITS, _GPT2]}},
}
"""What each changes in a byte-level tokenizer."""


@cache
def family_json(family: str) -> str:
    """Return the `tokenizer.json` of a family."""
    return json.dumps(json.loads(tokenizer_json()) | FAMILIES[family])
