"""Marks around every part of a row that must survive rendering, and where they end up. Pure.

A row is rendered once more with a pair of marks around each part: contents, thinking, names and
values of calls, what the tools say. Without its marks the text must be the one that trains; then
the marks show where each part stands in it, whatever words a template puts around them. The marks
are Unicode noncharacters: valid in a string, meaningless in a text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

import msgspec

from brightrun.datasets.parsing.exact_json import Spelled
from brightrun.datasets.parsing.examples import Example, Message

Span = tuple[int, int]
_OPEN, _NUMBERED, _CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
_DIGITS = "".join(map(chr, range(0xFDD3, 0xFDE3)))
_NONCHARACTER = re.compile("[\ufdd0-\ufdef]")
# As themselves, or as JSON writes them where it is asked for ASCII.
_MARK = re.compile(
    rf"(?:{_OPEN}|\\ufdd0)((?:[{_DIGITS}]|\\ufd[de][0-9a-f])+)(?:{_NUMBERED}|\\ufdd1)"
    rf"|(?:{_CLOSE}|\\ufdd2)"
)
_DIGIT = re.compile(rf"[{_DIGITS}]|\\ufd[de][0-9a-f]")
_THINKING = re.compile(r"(</?think(?:ing)?>)")
_CORE = re.compile(r"\S(?:.*\S)?", re.DOTALL)


class Part(msgspec.Struct, frozen=True):
    """One thing that must stand in the rendered text.

    Attributes:
        turn: which message it belongs to; -1 for the tools.
        kind: `content`, `reasoning`, `tool_call`, `tools` or `system`.
        where: the place within the turn, as a JSON pointer.
        spellings: the text it may have, without spaces around it.
    """

    turn: int
    kind: str
    where: str
    spellings: tuple[str, ...]


class TracedInt(Spelled, int):
    """A whole number that carries marks wherever it is written."""

    def __new__(cls, value: int, text: str) -> Self:
        made = super().__new__(cls, value)
        made.json_text = text
        return made


class TracedFloat(Spelled, float):
    """Another number that carries marks wherever it is written."""

    def __new__(cls, value: float, text: str) -> Self:
        made = super().__new__(cls, value)
        made.json_text = text
        return made


class TracedWord(TracedInt):
    """True, false or null: JSON and Python spell them differently, both between marks."""

    python_text: str

    def __repr__(self) -> str:
        return self.python_text

    __str__ = __repr__


class Traced(msgspec.Struct, frozen=True):
    """A row with marks, and what each pair of marks stands for, by its number."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None
    parts: tuple[Part, ...]


def has_noncharacters(text: str) -> bool:
    """Whether a text holds characters that marks are made of."""
    return not text.isascii() and _NONCHARACTER.search(text) is not None


def traced(example: Example) -> Traced:
    """Return the row with marks around its system turns, its tools, and all answers."""
    maker = _Marker()
    messages = tuple(maker.message(at, turn) for at, turn in enumerate(example.messages))
    tools = None
    if example.tools is not None:
        tools = tuple(maker.tool(at, tool) for at, tool in enumerate(example.tools))
    return Traced(messages, tools, tuple(maker.parts))


def unmarked(text: str) -> tuple[str, dict[int, list[Span]]]:
    """Return the text without marks, and where each part stood in it."""
    pieces: list[str] = []
    places: dict[int, list[Span]] = {}
    opened: tuple[int, int] | None = None
    at = before = 0
    for mark in _MARK.finditer(text):
        pieces.append(text[before : mark.start()])
        at += mark.start() - before
        before = mark.end()
        if mark.group(1) is not None:
            opened = (_number(mark.group(1)), at)
        elif opened is not None:
            places.setdefault(opened[0], []).append((opened[1], at))
            opened = None
    pieces.append(text[before:])
    return "".join(pieces), places


def _number(digits: str) -> int:
    found = 0
    for digit in _DIGIT.findall(digits):
        code = ord(digit) if len(digit) == 1 else int(digit.removeprefix("\\u"), 16)
        found = found * 16 + code - ord(_DIGITS[0])
    return found


def _digits(number: int) -> str:
    return "".join(_DIGITS[int(digit, 16)] for digit in f"{number:x}")


def thought_and_said(content: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of an answer as (`reasoning`, `content` or `tag`, text), in order."""
    pieces = _THINKING.split(content)
    for at, piece in enumerate(pieces):
        if at % 2:
            yield "tag", piece
        elif piece:
            closed = at + 1 < len(pieces) and pieces[at + 1].startswith("</")
            yield "reasoning" if closed else "content", piece


def spelled(text: str) -> tuple[str, ...]:
    """Return the ways in which templates write a string without a change to what it says."""
    if text.isalnum() and text.isascii():
        return (text,)
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    ways = (text, plain, json.dumps(text)[1:-1], repr(text)[1:-1], json.dumps(plain)[1:-1])
    return tuple(dict.fromkeys(ways))


class _Marker:
    """Numbers the parts as it goes through a row."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def message(self, at: int, turn: Message) -> Message:
        if turn.role == "system":
            content = self._text(at, "system", "/content", turn.content or "")
            return msgspec.structs.replace(turn, content=content)
        if turn.role != "assistant":
            return turn
        reasoning = turn.reasoning_content
        if reasoning is not None:
            reasoning = self._text(at, "reasoning", "/reasoning_content", reasoning)
        pieces = (
            piece if kind == "tag" else self._text(at, kind, "/content", piece)
            for kind, piece in thought_and_said(turn.content or "")
        )
        content = "".join(pieces)
        calls = turn.tool_calls
        if calls is not None:
            calls = tuple(self._call(at, index, call) for index, call in enumerate(calls))
        return msgspec.structs.replace(
            turn,
            content=None if turn.content is None else content,
            reasoning_content=reasoning,
            tool_calls=calls,
        )

    def tool(self, at: int, tool: Mapping[str, Any]) -> dict[str, Any]:
        """Mark name and description; marks on names of parameters would change their order."""
        where = f"/tools/{at}"
        function = dict(tool.get("function", tool))
        for key in ("name", "description"):
            if isinstance(function.get(key), str):
                function[key] = self._text(-1, "tools", where, function[key])
        return {**tool, "function": function} if "function" in tool else function

    def _call(self, at: int, index: int, call: Mapping[str, Any]) -> dict[str, Any]:
        where = f"/tool_calls/{index}"
        function = call["function"]
        name = self._text(at, "tool_call", where, function["name"])
        arguments = self._value(at, where, function["arguments"])
        return {**call, "function": {**function, "name": name, "arguments": arguments}}

    def _value(self, at: int, where: str, value: object) -> object:
        if isinstance(value, dict):
            return {key: self._value(at, where, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._value(at, where, each) for each in value]
        if isinstance(value, str):
            part = Part(at, "tool_call", where, spelled(value))
            return _between(self._add(part), value) if value else value
        if value is None or isinstance(value, bool):
            word = "null" if value is None else str(value).lower()
            number = self._add(Part(at, "tool_call", where, (word, str(value))))
            traced_word = TracedWord(bool(value), _between(number, word))
            traced_word.python_text = _between(number, str(value))
            return traced_word
        text = str(value)
        marked = _between(self._add(Part(at, "tool_call", where, (text,))), text)
        return TracedInt(value, marked) if isinstance(value, int) else TracedFloat(value, marked)  # type: ignore[arg-type]

    def _text(self, at: int, kind: str, where: str, text: str) -> str:
        """Return the text with marks inside the spaces around it, which templates may trim."""
        core = _CORE.search(text)
        if core is None:
            return text
        number = self._add(Part(at, kind, where, spelled(core.group())))
        return text[: core.start()] + _between(number, core.group()) + text[core.end() :]

    def _add(self, part: Part) -> int:
        self.parts.append(part)
        return len(self.parts) - 1


def _between(number: int, text: str) -> str:
    return f"{_OPEN}{_digits(number)}{_NUMBERED}{text}{_CLOSE}"
