"""Reading the turns of a conversation, with a reason for everything that is wrong. Pure."""

import re
from collections.abc import Mapping
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
from brightrun.datasets.parsing.spellings import ROLES, THINKING_KEYS, is_blank
from brightrun.datasets.parsing.tool_calls import calls_in_text, read_calls
from brightrun.datasets.problems import Code, did_you_mean, excerpt_of

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CALL_KEYS = frozenset({"tool_calls", "function_call", "tool_call_id"})


class Dialect(msgspec.Struct, frozen=True):
    """How one family of formats spells a turn.

    Attributes:
        keys: those that are read.
        labels: those that are about the turn, for people; no model is shown them.
    """

    role: str
    content: str
    keys: frozenset[str]
    labels: frozenset[str] = frozenset()
    roles: Mapping[str, str] = ROLES


OPENAI = Dialect(
    role="role",
    content="content",
    keys=frozenset({"role", "content", "name", "weight", "refusal", *_CALL_KEYS, *THINKING_KEYS}),
)
SHAREGPT = Dialect(
    role="from",
    content="value",
    keys=frozenset({"from", "value", "weight", "name", *_CALL_KEYS, *THINKING_KEYS}),
)
V4_HISTORY = Dialect(
    role="role",
    content="content",
    keys=frozenset({"role", "content"}),
    labels=frozenset({"turn", "emotional_state"}),
    roles={word: ours for word, ours in ROLES.items() if ours not in ("tool", "call")},
)


class Turns(msgspec.Struct, frozen=True):
    """The turns that could be read, and where each of them stands in the line."""

    messages: tuple[Message, ...] = ()
    places: tuple[str, ...] = ()


def read_turns(value: object, dialect: Dialect, path: str, notes: Notes) -> Turns:
    """Return the turns that could be read, and note what is wrong with the others.

    A system turn without text says nothing and is none; calls one after the other, each in a
    turn of its own, are one turn that makes them all.
    """
    if not isinstance(value, list):
        notes.wrong_type(path, value, "a list of turns")
        return Turns()
    messages: list[Message] = []
    places: list[str] = []
    calling = False
    for at, raw in enumerate(value):
        where = f"{path}/{at}"
        turn, is_call = _turn(raw, dialect, where, notes)
        if turn is None:
            continue
        if is_call and calling:
            together = (*(messages[-1].tool_calls or ()), *(turn.tool_calls or ()))
            messages[-1] = msgspec.structs.replace(messages[-1], tool_calls=together)
            continue
        calling = is_call
        messages.append(turn)
        places.append(where)
    return Turns(tuple(messages), tuple(places))


def _turn(value: object, dialect: Dialect, path: str, notes: Notes) -> tuple[Message | None, bool]:
    """Return a turn, and whether it was written as a turn that only calls."""
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None, False
    note_unknown_keys(value, dialect.keys | dialect.labels, path, notes)
    role = _role(value, dialect, path, notes)
    if role == "call":
        return _calling(value, dialect, path, notes), True
    calls = read_calls(value, role, path, notes) if dialect.keys >= _CALL_KEYS else None
    trained = _weight(value, role, path, notes) and role == "assistant"
    content = _content(value, dialect, path, notes, required=_is_required(role, value))
    if calls and is_blank(content or ""):
        content = None
    if role is None or (content is None and not calls):
        return None, False
    if dialect.keys >= _CALL_KEYS:
        return _full(value, Message(role, content, tool_calls=calls, trained=trained), path, notes)
    return Message(role, content, trained=trained), False


def _full(value: Mapping[str, Any], turn: Message, path: str, notes: Notes) -> tuple[Message, bool]:
    whole = msgspec.structs.replace(
        turn,
        name=_name(value, path, notes),
        tool_call_id=text_field(value, "tool_call_id", path, notes, required=False) or None,
        reasoning_content=_reasoning(value, path, notes) if turn.role == "assistant" else None,
    )
    return whole, False


def _calling(value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes) -> Message | None:
    where = path + pointer(dialect.content)
    if dialect.content not in value:
        notes.missing(path, value, dialect.content)
        return None
    calls = calls_in_text(value[dialect.content], where, notes)
    trained = _weight(value, "assistant", path, notes)
    return None if calls is None else Message("assistant", None, tool_calls=calls, trained=trained)


def _is_required(role: str | None, value: Mapping[str, Any]) -> bool:
    """Whether a turn must have text: one that calls, is a result, or is only read need not."""
    if value.get("tool_calls") or value.get("function_call") or role == "tool":
        return False
    return not (role == "assistant" and value.get("weight") == 0)


def _role(value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes) -> str | None:
    where = path + pointer(dialect.role)
    if dialect.role not in value:
        notes.missing(path, value, dialect.role)
        return None
    word = value[dialect.role]
    if not isinstance(word, str):
        notes.wrong_type(where, word, "a string")
        return None
    if word not in dialect.roles:
        hint = did_you_mean(word, frozenset(dialect.roles))
        notes.add(Code.UNKNOWN_ROLE, where, excerpt_of(repr(word)), word, hint)
    return dialect.roles.get(word)


def untrained(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the turns as context: nothing in them trains."""
    return tuple(msgspec.structs.replace(turn, trained=False) for turn in turns)


def _content(
    value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes, *, required: bool
) -> str | None:
    """Return the text; where none is required, all the ways to write none are the same."""
    where = path + pointer(dialect.content)
    content = value.get(dialect.content)
    if content in (None, "") and value.get("refusal"):
        return text_field(value, "refusal", path, notes)
    if content is None and not required:
        return ""
    if isinstance(content, list):
        content = _parts(content, where, notes)
    elif not isinstance(content, str):
        return text_field(value, dialect.content, path, notes)
    if content is not None and required and is_blank(content):
        if str(value.get(dialect.role)) not in _SYSTEM_WORDS:
            notes.add(Code.EMPTY_CONTENT, where, value=value[dialect.content])
        return None
    return content


_SYSTEM_WORDS = frozenset(word for word, ours in ROLES.items() if ours == "system")


def _parts(parts: list[Any], path: str, notes: Notes) -> str | None:
    """Join text parts, empty ones too; anything that is not text cannot be trained on."""
    texts: list[str] = []
    broken = False
    for at, part in enumerate(parts):
        if isinstance(part, str):
            texts.append(part)
        elif not isinstance(part, dict) or not isinstance(part.get("type"), str):
            notes.wrong_type(f"{path}/{at}", part, 'an object with a "type"')
            broken = True
        elif part["type"] != "text":
            kind = excerpt_of(repr(part["type"]))
            notes.add(Code.UNSUPPORTED_CONTENT, f"{path}/{at}/type", kind, part["type"])
            broken = True
        elif isinstance(part.get("text"), str):
            texts.append(part["text"])
        else:
            text_field(part, "text", f"{path}/{at}", notes)
            broken = True
    return None if broken else "".join(texts)


def _weight(value: Mapping[str, Any], role: str | None, path: str, notes: Notes) -> bool:
    """Return whether the turn trains if it may; a weight that changes nothing is no error."""
    weight = value.get("weight")
    if weight is None:
        return True
    if isinstance(weight, bool) or weight not in (0, 1):
        told = f"the weight {shown(weight)} is not 0 or 1"
        if isinstance(weight, str):
            told = f"the weight is the text {excerpt_of(repr(weight))}, not the number 0 or 1"
        notes.add(Code.BAD_WEIGHT, f"{path}/weight", told, weight)
    elif weight == 1 and role not in ("assistant", None):
        notes.add(Code.BAD_WEIGHT, f"{path}/weight", f"a weight on a turn of role {role}", weight)
    return bool(weight == 1)


def _name(value: Mapping[str, Any], path: str, notes: Notes) -> str | None:
    name = text_field(value, "name", path, notes, required=False) or None
    if name is not None and not _NAME.fullmatch(name):
        notes.add(Code.BAD_NAME, f"{path}/name", excerpt_of(repr(name)), name)
    return name


def _reasoning(value: Mapping[str, Any], path: str, notes: Notes) -> str | None:
    for key in THINKING_KEYS:
        text = text_field(value, key, path, notes, required=False)
        if text is not None and not is_blank(text):
            return text
    return None
