"""Reading the turns of a conversation, with a reason for everything that is wrong. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from brightrun.datasets.parsing.exact_json import exact_dumps
from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.row_findings import (
    Notes,
    note_unknown_keys,
    pointer,
    shown,
    text_field,
)
from brightrun.datasets.parsing.spellings import ROLES, TEXT_PARTS, THINKING_KEYS, is_blank
from brightrun.datasets.parsing.tool_calls import calls_in_text, read_calls
from brightrun.datasets.problems import Code, did_you_mean, excerpt_of

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CALL_KEYS = frozenset({"tool_calls", "function_call", "tool_call_id"})
_OF_ANSWERS = frozenset({"refusal", *THINKING_KEYS})


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
            messages[-1] = _together(messages[-1], turn, where, notes)
            continue
        calling = is_call
        messages.append(turn)
        places.append(where)
    return Turns(tuple(messages), tuple(places))


def _together(first: Message, then: Message, path: str, notes: Notes) -> Message:
    """Return the calls of two turns as those of one, with what was thought before either."""
    if first.trained != then.trained:
        detail = "the weight differs from that of the call before, with which it is one turn"
        notes.add(Code.BAD_WEIGHT, f"{path}/weight", detail)
    thoughts = [each.reasoning_content for each in (first, then) if each.reasoning_content]
    return msgspec.structs.replace(
        first,
        tool_calls=(*(first.tool_calls or ()), *(then.tool_calls or ())),
        reasoning_content="\n\n".join(thoughts) or None,
    )


def _turn(value: object, dialect: Dialect, path: str, notes: Notes) -> tuple[Message | None, bool]:
    """Return a turn, and whether it was written as a turn that only calls."""
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None, False
    role = _role(value, dialect, path, notes)
    note_unknown_keys(value, _read_keys(value, dialect, role), path, notes)
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


def _read_keys(value: Mapping[str, Any], dialect: Dialect, role: str | None) -> frozenset[str]:
    """Return the keys that are read in a turn of this role, or hold nothing."""
    known = dialect.keys | dialect.labels
    if role in ("assistant", "call", None):
        return known
    return known - {key for key in _OF_ANSWERS if value.get(key) is not None}


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
    if calls is None:
        return None
    reasoning = _reasoning(value, path, notes)
    return Message(
        "assistant", None, tool_calls=calls, trained=trained, reasoning_content=reasoning
    )


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
    role = dialect.roles.get(word)
    if role is None:
        hint = did_you_mean(word, frozenset(dialect.roles))
        notes.add(Code.UNKNOWN_ROLE, where, excerpt_of(repr(word)), word, hint)
    return role


def untrained(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the turns as context: nothing in them trains."""
    return tuple(msgspec.structs.replace(turn, trained=False) for turn in turns)


def _content(
    value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes, *, required: bool
) -> str | None:
    """Return the text; where none is required, all the ways to write none are the same."""
    content = value.get(dialect.content)
    if "refusal" in dialect.keys and value.get("refusal"):
        if content in (None, ""):
            return text_field(value, "refusal", path, notes)
        if value.get(dialect.role) == "assistant":
            detail = f"it stands beside {dialect.content!r}: an answer is one of them"
            notes.add(Code.WRONG_TYPE, f"{path}/refusal", detail, value["refusal"])
    if content is None and not required:
        return ""
    text = _as_text(value, dialect, path, notes)
    if text is not None and required and is_blank(text):
        if str(value.get(dialect.role)) not in _SYSTEM_WORDS:
            where = path + pointer(dialect.content)
            notes.add(Code.EMPTY_CONTENT, where, value=value[dialect.content])
        return None
    return text


def _as_text(value: Mapping[str, Any], dialect: Dialect, path: str, notes: Notes) -> str | None:
    content = value.get(dialect.content)
    if isinstance(content, str):
        return content
    if ROLES.get(str(value.get(dialect.role))) == "tool" and _is_data(content):
        return exact_dumps(content)
    if isinstance(content, list):
        return _parts(content, path + pointer(dialect.content), notes)
    return text_field(value, dialect.content, path, notes)


def _is_data(content: object) -> bool:
    """Whether a tool answers with a value, which templates are handed as its JSON text."""
    if isinstance(content, list):
        return not all(isinstance(part, str | dict) and _is_part(part) for part in content)
    return content is not None


def _is_part(part: str | dict[str, Any]) -> bool:
    return isinstance(part, str) or isinstance(part.get("type"), str)


_SYSTEM_WORDS = frozenset(word for word, ours in ROLES.items() if ours == "system")


def _parts(parts: list[Any], path: str, notes: Notes) -> str | None:
    """Join text parts, empty ones too; anything that is not text cannot be trained on."""
    texts: list[str] = []
    broken = False
    for at, part in enumerate(parts):
        if isinstance(part, str):
            texts.append(part)
        else:
            text = _part(part, f"{path}/{at}", notes)
            broken = broken or text is None
            texts.append(text or "")
    return None if broken else "".join(texts)


def _part(part: object, path: str, notes: Notes) -> str | None:
    """Return the text of a part; one that names no kind and holds a text is a text."""
    kind = part.get("type", "text" if "text" in part else None) if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(kind, str):
        notes.wrong_type(path, part, 'an object with a "type"')
        return None
    if kind not in TEXT_PARTS:
        notes.add(Code.UNSUPPORTED_CONTENT, f"{path}/type", excerpt_of(repr(kind)), kind)
        return None
    text = part.get(TEXT_PARTS[kind])
    return text if isinstance(text, str) else text_field(part, TEXT_PARTS[kind], path, notes)


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
    """Return what was thought; under two keys it must be the same, or one of them were lost."""
    found: dict[str, str] = {}
    for key in THINKING_KEYS:
        text = text_field(value, key, path, notes, required=False)
        if text is not None and not is_blank(text):
            found[key] = text
    if len(set(found.values())) > 1:
        first, second = found
        detail = f"it stands beside {first!r} and says something else"
        notes.add(Code.WRONG_TYPE, f"{path}/{second}", detail, found[second])
    return next(iter(found.values()), None)
