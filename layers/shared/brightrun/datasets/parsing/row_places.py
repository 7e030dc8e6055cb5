"""Where a turn of a row stands in its line, as a JSON pointer. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from brightrun.datasets.parsing.examples import Row
from brightrun.datasets.record import DatasetFormat

_LISTS: Mapping[DatasetFormat, str] = MappingProxyType(
    {
        DatasetFormat.OPENAI_CHAT: "/messages",
        DatasetFormat.CONVERSATIONS: "/conversations",
        DatasetFormat.SHAREGPT: "/conversations",
        DatasetFormat.TURNS: "/turns",
    }
)
_FIELDS: Mapping[DatasetFormat, tuple[str, str]] = MappingProxyType(
    {
        DatasetFormat.PROMPT_COMPLETION: ("/prompt", "/completion"),
        DatasetFormat.ALPACA: ("/history", "/output"),
        DatasetFormat.BRIGHTRUN_V4: ("/conversation_history", "/target_response"),
    }
)
"""Where the turns before the last stand, and where the last."""


def place_of(kind: DatasetFormat | None, row: Row, turn: int, where: str) -> str:
    """Return the place of a part of a turn; `turn` is -1 for the tools of the row."""
    if turn < 0 or kind is None:
        return where
    if row.places:
        return row.places[turn] + _said(kind, row.places[turn], where)
    if kind in _LISTS:
        return f"{_LISTS[kind]}/{turn}{_said(kind, '/', where)}"
    if row.messages[turn].role == "system":
        return "/system_prompt" if kind is DatasetFormat.BRIGHTRUN_V4 else "/system"
    earlier, last = _FIELDS[kind]
    return last if turn == len(row.messages) - 1 else earlier


def _said(kind: DatasetFormat, place: str, where: str) -> str:
    if place == "/system":
        return ""
    return "/value" if kind is DatasetFormat.SHAREGPT else where
