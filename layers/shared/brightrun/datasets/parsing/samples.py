"""A few rows to show, in the normalised form every format is read into. Pure."""

import msgspec
import orjson

from brightrun.datasets.parsing.examples import Message, Row

# Samples are stored with the dataset, whose item must stay far below 400 kB.
_CHARACTERS = 1000
_TURNS = 20


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
    calls = (
        [] if turn.tool_calls is None else [call["function"]["name"] for call in turn.tool_calls]
    )
    return {**fields, **({"calls": calls} if calls else {})}
