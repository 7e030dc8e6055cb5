"""Reading the turns of a conversation, with a reason for everything that is wrong. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.row_findings import (
    Notes,
    note_unknown_keys,
    pointer,
    shown,
    text_field,
)
from brightrun.datasets.parsing.tool_calls import read_calls, sharegpt_call
from brightrun.datasets.problems import Code, excerpt_of

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OPENAI_KEYS = frozenset(
    {
        "role",
        "content",
        "name",
        "weight",
        "tool_calls",
        "function_call",
        "tool_call_id",
        "reasoning_content",
        "thinking",
        "refusal",
    }
)


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


class Dialect(msgspec.Struct, frozen=True):
    """How one family of formats spells a turn; `roles` translates into our four words."""

    role: str
    content: str
    roles: Mapping[str, str]
    keys: frozenset[str]


OPENAI = Dialect(
    role="role",
    content="content",
    roles=MappingProxyType(
        _same("system", "user", "assistant", "tool") | {"developer": "system", "function": "tool"}
    ),
    keys=_OPENAI_KEYS,
)
SHAREGPT = Dialect(
    role="from",
    content="value",
    roles=MappingProxyType(
        _same("system", "user", "assistant", "tool")
        | {"human": "user", "gpt": "assistant", "observation": "tool", "function_call": "call"}
    ),
    keys=frozenset({"from", "value", "weight"}),
)
V4_HISTORY = Dialect(
    role="role",
    content="content",
    roles=MappingProxyType(_same("system", "user", "assistant")),
    keys=frozenset({"turn", "role", "content", "emotional_state"}),
)


def read_turns(value: object, dialect: Dialect, path: str, notes: Notes) -> tuple[Message, ...]:
    """Return the turns that could be read, and note what is wrong with the others."""
    if not isinstance(value, list):
        notes.wrong_type(path, value, "a list of turns")
        return ()
    turns = [_turn(turn, dialect, f"{path}/{at}", notes) for at, turn in enumerate(value)]
    return tuple(turn for turn in turns if turn is not None)


def _turn(value: object, dialect: Dialect, path: str, notes: Notes) -> Message | None:
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None
    note_unknown_keys(value, dialect.keys, path, notes)
    role = _role(value, dialect, path, notes)
    if role == "call":
        return sharegpt_call(value, path, notes)
    calls = read_calls(value, role, path, notes) if dialect is OPENAI else None
    content = _content(value, dialect, path, notes, optional=bool(calls))
    trained = _weight(value, role, path, notes) and role == "assistant"
    if role is None or (content is None and not calls):
        return None
    if dialect is not OPENAI:
        return Message(role, content, trained=trained)
    return Message(
        role=role,
        content=content,
        name=_name(value, path, notes),
        tool_calls=calls,
        tool_call_id=text_field(value, "tool_call_id", path, notes, required=False),
        reasoning_content=_reasoning(value, path, notes) if role == "assistant" else None,
        trained=trained,
    )


def _role(value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes) -> str | None:
    where = path + pointer(dialect.role)
    if dialect.role not in value:
        notes.add(Code.MISSING_FIELD, where, repr(dialect.role))
        return None
    word = value[dialect.role]
    if not isinstance(word, str):
        notes.wrong_type(where, word, "a string")
        return None
    if word not in dialect.roles:
        notes.add(Code.UNKNOWN_ROLE, where, excerpt_of(repr(word)), word)
    return dialect.roles.get(word)


def _content(
    value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes, *, optional: bool
) -> str | None:
    where = path + pointer(dialect.content)
    content = value.get(dialect.content)
    if isinstance(content, list):
        return _parts(content, where, notes)
    if optional and (content is None or content == ""):
        return None
    return text_field(value, dialect.content, path, notes)


def _parts(parts: list[Any], path: str, notes: Notes) -> str | None:
    """Join text parts; anything that is not text cannot be trained on."""
    texts: list[str] = []
    for at, part in enumerate(parts):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            notes.wrong_type(f"{path}/{at}", part, 'an object with a "type"')
        elif part["type"] != "text":
            kind = excerpt_of(repr(part["type"]))
            notes.add(Code.UNSUPPORTED_CONTENT, f"{path}/{at}/type", kind, part["type"])
        elif (text := text_field(part, "text", f"{path}/{at}", notes)) is not None:
            texts.append(text)
    if not parts:
        notes.add(Code.EMPTY_CONTENT, path, value=parts)
    return "".join(texts) or None


def _weight(value: Mapping[str, Any], role: str | None, path: str, notes: Notes) -> bool:
    if "weight" not in value or value["weight"] is None:
        return True
    weight = value["weight"]
    if isinstance(weight, bool) or weight not in (0, 1):
        notes.add(
            Code.BAD_WEIGHT, f"{path}/weight", f"the weight {shown(weight)} is not 0 or 1", weight
        )
    elif role not in ("assistant", None):
        notes.add(Code.BAD_WEIGHT, f"{path}/weight", f"a weight on a turn of role {role}", weight)
    return bool(weight == 1)


def _name(value: Mapping[str, Any], path: str, notes: Notes) -> str | None:
    name = text_field(value, "name", path, notes, required=False)
    if name is not None and not _NAME.fullmatch(name):
        notes.add(Code.BAD_NAME, f"{path}/name", excerpt_of(repr(name)), name)
    return name


def _reasoning(value: Mapping[str, Any], path: str, notes: Notes) -> str | None:
    for key in ("reasoning_content", "thinking"):
        if (text := text_field(value, key, path, notes, required=False)) is not None:
            return text
    return None
