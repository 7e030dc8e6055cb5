"""Every code a report can carry, and a finding of one. Pure.

A code is never renamed: people filter on it. `docs/datasets.md` lists them all.
"""

from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache

import msgspec

EXCERPT_CHARACTERS = 120
BEFORE_THE_SPOT = 40
"""An excerpt that begins with an ellipsis shows so many characters before what it is about."""
_NEAR, _LONGEST_WORD = 0.75, 40


class Code(StrEnum):
    """What is wrong, in one word."""

    INVALID_UTF8 = "invalid_utf8"
    BOM = "bom"
    BAD_GZIP = "bad_gzip"
    FILE_TOO_LARGE = "file_too_large"
    TOO_MANY_ROWS = "too_many_rows"
    EMPTY_FILE = "empty_file"
    LINE_TOO_LONG = "line_too_long"
    NOT_JSON = "not_json"
    DUPLICATE_KEY = "duplicate_key"
    LONE_SURROGATE = "lone_surrogate"
    TOO_DEEP = "too_deep"
    OTHER_FILE_KIND = "other_file_kind"
    NOT_OBJECT = "not_object"
    UNKNOWN_FORMAT = "unknown_format"
    AMBIGUOUS_FORMAT = "ambiguous_format"
    MIXED_FORMATS = "mixed_formats"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_ROLE = "unknown_role"
    EMPTY_CONTENT = "empty_content"
    UNSUPPORTED_CONTENT = "unsupported_content"
    NO_ASSISTANT = "no_assistant"
    BAD_WEIGHT = "bad_weight"
    ALL_WEIGHTS_ZERO = "all_weights_zero"
    BAD_NAME = "bad_name"
    BAD_ROLE_ORDER = "bad_role_order"
    TOOL_ARGS_NOT_JSON = "tool_args_not_json"
    TOOL_CALL_UNKNOWN = "tool_call_unknown"
    TOOL_CALL_UNANSWERED = "tool_call_unanswered"
    TOOL_UNDECLARED = "tool_undeclared"
    CHOSEN_EQUALS_REJECTED = "chosen_equals_rejected"
    META_COUNT_MISMATCH = "meta_count_mismatch"
    PREFERENCE_NOT_TRAINABLE = "preference_not_trainable"
    NO_TRAINABLE_PAIRS = "no_trainable_pairs"
    TOO_FEW_EXAMPLES = "too_few_examples"
    TOO_LONG = "too_long"
    PROBABLY_TOO_LONG = "probably_too_long"
    TRUNCATED = "truncated"
    ZERO_TRAINED_TOKENS = "zero_trained_tokens"
    TEMPLATE_REFUSED = "template_refused"
    TEMPLATE_UNSUPPORTED = "template_unsupported"
    TEMPLATE_DROPS_CONTENT = "template_drops_content"
    TEMPLATE_DROPS_REASONING = "template_drops_reasoning"
    TEMPLATE_DROPS_TOOL_CALL = "template_drops_tool_call"
    TEMPLATE_DROPS_TOOLS = "template_drops_tools"
    TEMPLATE_DROPS_SYSTEM = "template_drops_system"
    TOO_MANY_ANSWERS = "too_many_answers"
    CHAT_TEMPLATE_MISSING = "chat_template_missing"
    END_OF_TURN_MISSING = "end_of_turn_missing"
    SPECIAL_TOKEN_IN_TEXT = "special_token_in_text"
    DUPLICATE_EXACT = "duplicate_exact"
    DUPLICATE_NEAR = "duplicate_near"
    IN_BOTH_SPLITS = "in_both_splits"
    PII_SUSPECT = "pii_suspect"
    PII_SEARCH_ENDED = "pii_search_ended"
    SECRET_SUSPECT = "secret_suspect"


class Finding(msgspec.Struct, frozen=True):
    """One problem of one row, before it has a line number.

    Attributes:
        hint: what helps in this very case; empty where what helps with its code does.
    """

    code: Code
    path: str = ""
    detail: str = ""
    excerpt: str = ""
    hint: str = ""


def did_you_mean(word: str, known: frozenset[str]) -> str:
    """Return a hint at the known word that is spelled almost so, or nothing."""
    near = near_word(word, known)
    return f"did you mean {near!r}?" if near else ""


def near_word(word: str, known: frozenset[str], *, least: float = _NEAR) -> str:
    """Return the known word that is spelled almost so, or nothing."""
    return _nearest(word[:_LONGEST_WORD].lower(), known, least)


@lru_cache(maxsize=1000)
def _nearest(word: str, known: frozenset[str], least: float) -> str:
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=least)), "")


def excerpt_at(text: str, place: int) -> str:
    """Return what stands around a character, as `excerpt_of` does: so many before it, then it."""
    start = place - BEFORE_THE_SPOT
    if start <= 0:
        return excerpt_of(text)
    return excerpt_of("…" + text[start + 1 :])


def excerpt_of(text: str) -> str:
    """Return at most 120 characters, on one line, without control characters."""
    cut = text[:EXCERPT_CHARACTERS]
    shown = "".join(c if c.isprintable() else " " for c in cut)
    return shown if len(text) <= EXCERPT_CHARACTERS else shown[:-1] + "…"
