"""What files write in several ways and mean as one: the table every format is read by. Pure."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "system": "system",
        "developer": "system",
        "user": "user",
        "human": "user",
        "assistant": "assistant",
        "gpt": "assistant",
        "chatgpt": "assistant",
        "model": "assistant",
        "tool": "tool",
        "function": "tool",
        "observation": "tool",
        "tool_response": "tool",
        "function_call": "call",
        "tool_call": "call",
    }
)
"""Whose turn it is, under `role` and under `from`; `call` is an assistant turn that only calls."""

TEXT_PARTS: Mapping[str, str] = MappingProxyType(
    {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
)
"""The kinds of parts that are text, and the key it stands under."""

THINKING_KEYS = ("reasoning_content", "thinking")
TOOL_KEYS = ("tools", "functions")
CONVERSATION_KEYS = ("conversation_id", "id")
"""What names the conversation of a row, in this order. In BrightRun v4 `id` names the pair."""

ARGUMENT_KEYS = ("arguments", "parameters", "input", "args")
NO_ARGUMENTS = ("", "null", "{}")
"""How a call without arguments may write them; null and no key at all mean the same."""
SCHEMA_KEYS = ("parameters", "input_schema")
"""What describes the arguments of a tool."""

_INVISIBLE = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufdd0-\ufdef"
    r"\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
find_visible = re.compile(f"[^{_INVISIBLE}]").search
"""Search for a character that leaves a mark: spaces, controls, joiners and fillers do not."""


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in a text, and so nothing to learn."""
    return find_visible(text) is None


def any_blank(texts: Iterable[str]) -> bool:
    """Whether any of the texts is blank; an ASCII letter at its start says at once that it is not.

    No text may be empty.
    """
    doubtful = [text for text in texts if not "!" <= text[0] <= "~"]
    return None in map(find_visible, doubtful)
