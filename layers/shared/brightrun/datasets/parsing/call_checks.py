"""Whether calls, declared tools and answers fit each other. Pure."""

from collections.abc import Mapping
from typing import Any

from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.row_findings import Notes
from brightrun.datasets.problems import Code, excerpt_of


def check_calls(
    turns: tuple[Message, ...],
    tools: tuple[dict[str, Any], ...] | None,
    places: tuple[str, ...],
    notes: Notes,
) -> None:
    """Note calls to undeclared functions, answers to no call, and calls without an answer."""
    declared = None if tools is None else {_tool_name(tool) for tool in tools}
    called: set[str] = set()
    open_calls: dict[str, str] = {}
    for where, turn in zip(places, turns, strict=True):
        if turn.role == "tool":
            _note_answer(turn, called, where, notes)
            open_calls.pop(turn.tool_call_id or "", None)
            continue
        for identifier, call_path in open_calls.items():
            notes.add(
                Code.TOOL_CALL_UNANSWERED, call_path, excerpt_of(repr(identifier)), identifier
            )
        open_calls = _note_calls(turn, declared, where, notes)
        called |= open_calls.keys()


def _tool_name(tool: Mapping[str, Any]) -> str:
    return str(tool.get("function", tool)["name"])


def _note_answer(turn: Message, called: set[str], path: str, notes: Notes) -> None:
    identifier = turn.tool_call_id
    if identifier is not None and identifier not in called:
        notes.add(
            Code.TOOL_CALL_UNKNOWN,
            f"{path}/tool_call_id",
            excerpt_of(repr(identifier)),
            identifier,
        )


def _note_calls(
    turn: Message, declared: set[str] | None, path: str, notes: Notes
) -> dict[str, str]:
    """Return the ids this turn waits for, with the place of each call."""
    waiting: dict[str, str] = {}
    for at, call in enumerate(turn.tool_calls or ()):
        where = f"{path}/tool_calls/{at}"
        name = call["function"]["name"]
        if declared is not None and name not in declared:
            notes.add(Code.TOOL_UNDECLARED, f"{where}/function/name", excerpt_of(repr(name)), name)
        if "id" in call:
            waiting[call["id"]] = where
    return waiting
