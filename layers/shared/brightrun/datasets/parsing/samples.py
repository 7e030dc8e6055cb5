"""A few rows to show, in the normalised form every format is read into. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from brightrun.datasets.parsing.exact_json import exact_dumps
from brightrun.datasets.parsing.examples import Message, Row

# Samples are stored with the dataset, whose item must stay far below 400 kB.
_CHARACTERS = 1000
_TURNS = 20
# Beyond it, numbers are rounded where they are read as floats.
_LARGEST_EVERYWHERE = 2**53


def sample_of(row: Row) -> str:
    """Return a row as JSON text, long texts and long conversations cut for show."""
    shown = shown_turns(row)[:_TURNS]
    left_out = len(row.messages) - len(shown)
    more = {"turns_not_shown": left_out} if left_out else {}
    return orjson.dumps({"messages": shown, **more}).decode()


def shown_turns(row: Row) -> list[dict[str, object]]:
    """Return the turns of a row, long texts cut."""
    return [_shown(turn) for turn in row.messages]


def _shown(turn: Message) -> dict[str, object]:
    content = turn.content
    if content is not None and len(content) > _CHARACTERS:
        content = content[: _CHARACTERS - 1] + "…"
    fields = msgspec.to_builtins(msgspec.structs.replace(turn, content=content, tool_calls=None))
    if turn.tool_calls is None:
        return {**fields}
    names = [call["function"]["name"] for call in turn.tool_calls]
    return {**fields, "calls": names, "tool_calls": [_shown_call(call) for call in turn.tool_calls]}


def _shown_call(call: Mapping[str, Any]) -> dict[str, object]:
    """Return a call with its arguments as text, in which every digit stays."""
    function = call["function"]
    arguments = exact_dumps(function["arguments"])
    if len(arguments) > _CHARACTERS:
        arguments = arguments[: _CHARACTERS - 1] + "…"
    return {**call, "function": {**function, "arguments": arguments}}


def shown_value(value: object) -> object:
    """Return a JSON value as any JSON library can say it; odd numbers become their text."""
    if isinstance(value, dict):
        return {key: shown_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [shown_value(each) for each in value]
    if isinstance(value, int) and abs(value) > _LARGEST_EVERYWHERE:
        return str(value)
    return getattr(value, "json_text", value)
