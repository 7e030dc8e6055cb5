"""Small tokenizers in the manner of those of current base models: the same steps, few tokens."""

import json
from functools import cache
from typing import Any

from tests.support.datasets.chat_models import tokenizer_json

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
FAMILIES: dict[str, dict[str, Any]] = {
    "qwen": {"pre_tokenizer": _cut(r"\p{N}"), "normalizer": {"type": "NFC"}},
    "llama3": {"pre_tokenizer": _cut(r"\p{N}{1,3}"), "post_processor": _GPT2},
    "gpt2": {"pre_tokenizer": _GPT2, "post_processor": _GPT2},
    "smollm": {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [_DIGITS, _GPT2]}},
}
"""What each changes in a byte-level tokenizer."""


@cache
def family_json(family: str) -> str:
    """Return the `tokenizer.json` of a family."""
    return json.dumps(json.loads(tokenizer_json()) | FAMILIES[family])
