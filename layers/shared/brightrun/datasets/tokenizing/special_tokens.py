"""The special tokens of a base model, as its small files name them. Pure."""

from collections.abc import Mapping
from typing import Any

_SPECIAL = (
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
)


def named_tokens(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the tokens that templates may name, given the tokenizer's configuration."""
    return {key: _content(told[key]) for key in _SPECIAL if told.get(key) is not None}


def _content(token: str | Mapping[str, Any]) -> str:
    return token if isinstance(token, str) else str(token["content"])


def ids_in(given: int | list[int] | None) -> set[int]:
    """Return token ids that a configuration gives as one or as several."""
    if given is None:
        return set()
    return {given} if isinstance(given, int) else set(given)
