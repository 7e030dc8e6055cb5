"""Whether calls, declared tools and answers fit each other. Pure."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

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
    waiting = _Waiting(())
    for where, turn in zip(places, turns, strict=True):
        if turn.role == "tool":
            _note_answer(turn, called, where, notes)
            waiting.answer(turn)
            continue
        for call in waiting.left():
            told = excerpt_of(repr(call.id))
            notes.add(Code.TOOL_CALL_UNANSWERED, call.path, told, call.id)
        calls = _note_calls(turn, declared, where, notes)
        called.update(call.id for call in calls)
        waiting = _Waiting(calls)


class _Call(msgspec.Struct, frozen=True):
    """A call with an id, which waits for its answer."""

    id: str
    name: str
    path: str


class _Waiting:
    """The calls of one turn that no answer has come to yet."""

    def __init__(self, calls: Sequence[_Call]) -> None:
        self._calls = calls
        self._answered: set[int] = set()
        self._queues: dict[tuple[str, str], deque[int]] = {}
        for at, call in enumerate(calls):
            for key in (("id", call.id), ("name", call.name), ("any", "")):
                self._queues.setdefault(key, deque()).append(at)

    def answer(self, turn: Message) -> None:
        """Take the call that a turn answers: by its id, or else the first of its name, or of all.

        Each call goes once through each of its queues, however many there are.
        """
        key = ("any", "") if turn.name is None else ("name", turn.name)
        if turn.tool_call_id is not None:
            key = ("id", turn.tool_call_id)
        queue = self._queues.get(key, deque())
        while queue:
            at = queue.popleft()
            if at not in self._answered:
                self._answered.add(at)
                return

    def left(self) -> Iterator[_Call]:
        """Yield the calls that are not answered."""
        return (call for at, call in enumerate(self._calls) if at not in self._answered)


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


def _note_calls(turn: Message, declared: set[str] | None, path: str, notes: Notes) -> list[_Call]:
    """Return the calls that this turn waits for the answers of."""
    waiting: list[_Call] = []
    for at, call in enumerate(turn.tool_calls or ()):
        where = f"{path}/tool_calls/{at}"
        name = call["function"]["name"]
        if declared is not None and name not in declared:
            notes.add(Code.TOOL_UNDECLARED, f"{where}/function/name", excerpt_of(repr(name)), name)
        if "id" in call:
            waiting.append(_Call(call["id"], name, where))
    return waiting
