"""What the tokens of a byte-level vocabulary cover, so that their places need no offsets. Pure."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tokenizers import Tokenizer, pre_tokenizers

from brightrun.datasets.tokenizing.text_tokens import ID_BYTES, Vocabulary

_STEPS = ("Split", "Digits", "ByteLevel")
"""Cuts before the vocabulary that keep all of a text, but for a `Split` that says otherwise."""
_NONE = (None, {"type": "Sequence", "normalizers": []})
_NFC = {"type": "NFC"}
BLANK = "\u2581"
"""How vocabularies of the SentencePiece kind write a blank."""
_BLANKS = {"type": "Replace", "pattern": {"String": " "}, "content": BLANK}
_BYTES = {f"<0x{byte:02X}>" for byte in range(256)}
_FIRST_UNUSED = 0xF5
"""No byte from here on stands in UTF-8."""


def no_lengths_because(told: Mapping[str, Any]) -> str:
    """Return why the tokens' lengths do not say where they stand; empty where they do."""
    if writes_blanks(told):
        return _no_lengths_of_blanks(told)
    cut = told.get("pre_tokenizer") or {}
    steps = cut.get("pretokenizers", [cut])
    reasons = {
        "its vocabulary is not of bytes": told["model"].get("type") != "BPE"
        or steps[-1].get("type") != "ByteLevel",
        "a step of it may leave out a part of a text": any(map(_may_leave_out, steps)),
        "it puts a blank before each text": any(step.get("add_prefix_space") for step in steps),
        "it changes texts before it reads them": told.get("normalizer") not in (*_NONE, _NFC),
        **_about_added(told["added_tokens"]),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _about_added(added: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    return {
        "its control tokens take the blanks beside them": any(
            token["lstrip"] or token["rstrip"] for token in added
        ),
        "its control tokens are not read within words": any(
            token["single_word"] for token in added
        ),
    }


def writes_blanks(told: Mapping[str, Any]) -> bool:
    """Whether it writes each blank of a text as a character of its own, and changes no other."""
    return told.get("normalizer") == _BLANKS


def spells_tokens(text: str) -> bool:
    """Whether a text holds what stands for something else in such a vocabulary."""
    return BLANK in text or "<0x" in text


def _no_lengths_of_blanks(told: Mapping[str, Any]) -> str:
    """Return why lengths say nothing where blanks are written as characters, or nothing.

    A cut at blanks finds none any more, and a character that is no token is that of its bytes.
    """
    cut = told.get("pre_tokenizer")
    model = told["model"]
    reasons = {
        "it cuts texts at other places than blanks": cut is not None
        and (cut.get("type"), cut.get("pattern")) != ("Split", {"String": " "}),
        "its vocabulary lacks bytes": model.get("type") != "BPE"
        or not model.get("byte_fallback")
        or not model["vocab"].keys() >= _BYTES,
        **_about_added(told["added_tokens"]),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def composes(told: Mapping[str, Any]) -> bool:
    """Whether it puts together the parts of a character before it reads a text."""
    return told.get("normalizer") == _NFC


def _may_leave_out(step: Mapping[str, Any]) -> bool:
    return step.get("type") not in _STEPS or step.get("behavior") == "Removed"


def vocabulary_of(full: Tokenizer, *, blanks: bool = False) -> Vocabulary:
    """Return the bytes of each token: a letter of the vocabulary's own alphabet is one byte.

    Args:
        blanks: the vocabulary writes characters, blanks as one of its own, and bytes by number.
    """
    vocabulary = full.get_vocab(with_added_tokens=False)
    added = {token.content: at for at, token in full.get_added_tokens_decoder().items()}
    lengths = [0] * (max([*vocabulary.values(), *added.values()], default=-1) + 1)
    for token, at in vocabulary.items():
        lengths[at] = _bytes_in(token) if blanks else len(token)
    for content, at in added.items():
        # Texts that spell the character for blanks are not read by lengths.
        lengths[at] = len((content.replace(BLANK, " ") if blanks else content).encode())
    return Vocabulary(
        lengths,
        re.compile(_longest_of(filter(_is_mark, added))),
        {content: at.to_bytes(ID_BYTES, sys.byteorder) for content, at in added.items()},
    )


def _is_mark(content: str) -> bool:
    """Whether a token stands where few do; line ends in a row, which are tokens of some, do not."""
    return bool(content.strip())


def _bytes_in(token: str) -> int:
    return 1 if token in _BYTES else len(token.replace(BLANK, " ").encode())


def _longest_of(words: Iterable[str]) -> str:
    """Return a pattern for the longest of the words at a place, which shares what they share."""
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[:1], []).append(word)
    is_end = by_letter.pop("", None) is not None
    if not by_letter:
        return "" if is_end else r"(?!)"
    ways = []
    for some in by_letter.values():
        shared = _shared(min(some), max(some))
        ways.append(re.escape(shared) + _longest_of(word.removeprefix(shared) for word in some))
    return f"(?:{'|'.join(ways)})" + "?" * is_end


def _shared(first: str, last: str) -> str:
    """Return how both begin, and so every word that stands between them in order."""
    differing = (
        at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other
    )
    return first[: next(differing, len(first))]


def lacking_bytes(full: Tokenizer) -> bytes:
    """Return the bytes of UTF-8 that the vocabulary has no letter for; a text loses them."""
    vocabulary = full.get_vocab(with_added_tokens=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    # A byte is the letter of its number, where that is one, or the next of those from 256 on.
    others = [byte for byte in range(256) if chr(byte) not in alphabet]
    byte_of = {chr(256 + at): byte for at, byte in enumerate(others)}
    missing = (byte_of.get(letter, ord(letter)) for letter in alphabet if letter not in vocabulary)
    return bytes(byte for byte in missing if byte < _FIRST_UNUSED)
