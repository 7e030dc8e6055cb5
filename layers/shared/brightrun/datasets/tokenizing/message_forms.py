"""The forms in which families of chat templates want a call, its answer and its thinking. Pure.

One conversation, several spellings: the text of a turn that only calls is empty, null or absent;
arguments are an object or its text; calls have the ids of the row, or ids of nine letters and
results that name their function; thinking stands in one of three fields. They are tried in the
order of `forms_for`, and the first that renders the whole row is used.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Literal

import msgspec

from brightrun.datasets.parsing.exact_json import exact_dumps
from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.tokenizing.part_marks import thought_and_said

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ID_LETTERS = 9


class Form(msgspec.Struct, frozen=True):
    """How messages are handed to a template.

    Attributes:
        content: what stands for the text of a turn that only calls.
        arguments: the object, or the JSON text of it.
        linked: calls have ids of nine letters, and their results name the function.
        thinking: the field that thinking stands in; `split` takes it out of the text first.
    """

    content: Literal["empty", "null", "absent"] = "empty"
    arguments: Literal["object", "text"] = "object"
    linked: bool = False
    thinking: str = "reasoning_content"
    split: bool = False

    @property
    def name(self) -> str:
        """What is not as usual, in words; empty where all is."""
        differences = (
            ("" if self.content == "empty" else f"content {self.content}"),
            ("" if self.arguments == "object" else "arguments as text"),
            ("ids of nine letters" if self.linked else ""),
            ("" if self.thinking == "reasoning_content" else f"thinking in {self.thinking}"),
            ("thinking apart from the text" if self.split else ""),
        )
        return ", ".join(word for word in differences if word)


USUAL = Form()


def forms_for(source: str, messages: Sequence[Message]) -> Iterator[Form]:
    """Yield the forms to try, the usual one first; none that the template cannot tell apart."""
    calls = any(turn.tool_calls for turn in messages)
    answers = [turn for turn in messages if turn.role == "assistant"]
    apart = any(turn.reasoning_content for turn in answers)
    inline = any(_is_apart(turn.content or "") for turn in answers)
    fields = [name for name in ("thinking", "reasoning") if f"{name}" in source]
    thinking = [("reasoning_content", False)]
    if apart:
        thinking += [(name, False) for name in fields]
    if inline:
        known = [name for name in ("reasoning_content", *fields) if name in source]
        taken_out = [(name, True) for name in known]
        # A template that has a field and does not know the tags would write them as words.
        knows_tags = "</think>" in source
        thinking = [*thinking, *taken_out] if knows_tags else [*taken_out, *thinking]
    linking = (False, True) if calls else (False,)
    arguments: tuple[Literal["object", "text"], ...] = ("object", "text") if calls else ("object",)
    contents: tuple[Literal["empty", "null", "absent"], ...] = (
        ("empty", "null", "absent") if calls else ("empty",)
    )
    for (field, split), linked, written, content in product(thinking, linking, arguments, contents):
        yield Form(content, written, linked, field, split)


def in_form(messages: Sequence[Message], form: Form) -> list[dict[str, Any]]:
    """Return the messages as a template reads them: absent fields are absent."""
    links = _Links() if form.linked else None
    return [_message(turn, form, links) for turn in messages]


def _message(turn: Message, form: Form, links: "_Links | None") -> dict[str, Any]:
    content, reasoning = turn.content, turn.reasoning_content
    if form.split and reasoning is None and content and _is_apart(content):
        content, reasoning = _split(content)
    message: dict[str, Any] = {"role": turn.role, "content": content or ""}
    if turn.tool_calls and not content and form.content != "empty":
        message["content"] = None
        if form.content == "absent":
            del message["content"]
    calls = None if turn.tool_calls is None else [_call(call, form) for call in turn.tool_calls]
    fields: dict[str, Any] = {
        "name": turn.name,
        "tool_calls": calls,
        "tool_call_id": turn.tool_call_id,
        form.thinking: reasoning,
    }
    if links is not None:
        links.link(turn, fields)
    return {**message, **{name: value for name, value in fields.items() if value is not None}}


def _call(call: Mapping[str, Any], form: Form) -> dict[str, Any]:
    function = call["function"]
    if form.arguments == "text":
        function = {**function, "arguments": exact_dumps(function["arguments"])}
    return {**call, "function": function}


def _is_apart(content: str) -> bool:
    """Whether all thinking stands before all that is said, so that it can stand in a field."""
    kinds = [kind for kind, _ in thought_and_said(content) if kind != "tag"]
    return kinds in (["reasoning"], ["reasoning", "content"])


def _split(content: str) -> tuple[str, str | None]:
    """Return text and thinking of an answer that holds both."""
    pieces = [*thought_and_said(content)]
    thought = "".join(piece for kind, piece in pieces if kind == "reasoning").strip("\n")
    said = "".join(piece for kind, piece in pieces if kind == "content").lstrip("\n")
    return said, thought or None


class _Links:
    """Gives calls ids of nine letters, and results the id and the name of their call."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._calls = 0

    def link(self, turn: Message, fields: dict[str, Any]) -> None:
        """Add the links of one message, given after those before it."""
        if turn.tool_calls is not None:
            self._waiting.clear()
            for call in fields["tool_calls"]:
                self._calls += 1
                given = call.get("id") or f"call {self._calls}"
                call["id"] = nine_letters(given)
                self._waiting[given] = (call["id"], call["function"]["name"])
        elif turn.role == "tool" and self._waiting:
            given = turn.tool_call_id or ""
            found = self._waiting.pop(given, None) or self._waiting.popitem(last=False)[1]
            fields["tool_call_id"], called = found
            fields["name"] = turn.name or called


def nine_letters(identifier: str) -> str:
    """Return an id of nine letters and digits: itself if it is one, else one that is always so."""
    if len(identifier) == _ID_LETTERS and identifier.isascii() and identifier.isalnum():
        return identifier
    number = int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:8], "big")
    letters = []
    for _ in range(_ID_LETTERS):
        number, digit = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(letters)
