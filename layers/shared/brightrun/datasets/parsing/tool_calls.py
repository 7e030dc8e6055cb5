"""Tools a row declares, calls it makes, and whether the answers fit the calls. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.row_findings import Notes, broken, kind_of, text_field
from brightrun.datasets.problems import Code, excerpt_of

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_tools(value: object, path: str, notes: Notes) -> tuple[dict[str, Any], ...] | None:
    """Return the declared tools as a chat template wants them, or `None` without any."""
    if isinstance(value, str):
        value = _decoded(value, path, notes)
    if value is None:
        return None
    if not isinstance(value, list):
        notes.wrong_type(path, value, "a list of tools")
        return None
    tools = [tool for at, tool in enumerate(value) if _is_tool(tool, f"{path}/{at}", notes)]
    return tuple(tools) or None


def _decoded(text: str, path: str, notes: Notes) -> object:
    """ShareGPT files hold the list of tools as JSON in a string."""
    if not text.strip():
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        notes.wrong_type(path, text, "a list of tools")
        return None


def _is_tool(tool: object, path: str, notes: Notes) -> bool:
    if not isinstance(tool, dict):
        notes.wrong_type(path, tool, "an object")
        return False
    function = tool.get("function", tool if "type" not in tool else None)
    if not isinstance(function, dict):
        notes.add(Code.MISSING_FIELD, f"{path}/function", "'function'", tool)
        return False
    where = path + "/function" if "function" in tool else path
    name = text_field(function, "name", where, notes)
    if name is not None and not _NAME.fullmatch(name):
        notes.add(Code.BAD_NAME, f"{where}/name", excerpt_of(repr(name)), name)
    return name is not None


def read_calls(
    value: Mapping[str, Any], role: str | None, path: str, notes: Notes
) -> tuple[dict[str, Any], ...] | None:
    """Return the calls of an assistant turn, their arguments decoded, or `None` without any."""
    calls = value.get("tool_calls")
    legacy = value.get("function_call")
    if legacy is not None and calls is None:
        function = _function(legacy, f"{path}/function_call", notes)
        return None if function is None else ({"type": "function", "function": function},)
    if calls is None:
        return None
    if role != "assistant":
        notes.add(Code.WRONG_TYPE, f"{path}/tool_calls", "only the assistant can call tools", calls)
        return None
    if not isinstance(calls, list):
        notes.wrong_type(f"{path}/tool_calls", calls, "a list of calls")
        return None
    read = [_call(call, f"{path}/tool_calls/{at}", notes) for at, call in enumerate(calls)]
    return tuple(call for call in read if call is not None) or None


def _call(value: object, path: str, notes: Notes) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None
    identifier = text_field(value, "id", path, notes, required=False)
    if "function" not in value:
        notes.add(Code.MISSING_FIELD, f"{path}/function", "'function'", value)
        return None
    function = _function(value["function"], f"{path}/function", notes)
    if function is None:
        return None
    known = {} if identifier is None else {"id": identifier}
    return {**known, "type": "function", "function": function}


def _function(value: object, path: str, notes: Notes) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None
    name = text_field(value, "name", path, notes)
    arguments = _arguments(value.get("arguments", "{}"), f"{path}/arguments", notes)
    return None if name is None or arguments is None else {"name": name, "arguments": arguments}


def _arguments(value: object, path: str, notes: Notes) -> dict[str, Any] | None:
    """Decode the string of arguments; templates want the object in it."""
    if not isinstance(value, str):
        notes.add(Code.TOOL_ARGS_NOT_JSON, path, f"it is {kind_of(value)}", value)
        return None
    try:
        decoded = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        notes.add(Code.TOOL_ARGS_NOT_JSON, path, broken(error), value)
        return None
    if not isinstance(decoded, dict):
        notes.add(Code.TOOL_ARGS_NOT_JSON, path, f"it holds {kind_of(decoded)}", value)
        return None
    return decoded


def sharegpt_call(value: Mapping[str, Any], path: str, notes: Notes) -> Message | None:
    """Return a ShareGPT `function_call` turn, whose text is `{"name", "arguments"}`."""
    text = text_field(value, "value", path, notes)
    if text is None:
        return None
    try:
        call = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        notes.add(Code.TOOL_ARGS_NOT_JSON, f"{path}/value", broken(error), text)
        return None
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        notes.add(Code.TOOL_ARGS_NOT_JSON, f"{path}/value", "it names no function", text)
        return None
    arguments = call.get("arguments", {})
    if not isinstance(arguments, dict):
        arguments = _arguments(arguments, f"{path}/value/arguments", notes)
        if arguments is None:
            return None
    function = {"name": call["name"], "arguments": arguments}
    return Message(
        role="assistant",
        content=None,
        tool_calls=({"type": "function", "function": function},),
        trained=True,
    )


def check_calls(
    turns: tuple[Message, ...],
    tools: tuple[dict[str, Any], ...] | None,
    path: str,
    notes: Notes,
) -> None:
    """Note calls to undeclared functions, answers to no call, and calls without an answer."""
    declared = None if tools is None else {_tool_name(tool) for tool in tools}
    called: set[str] = set()
    open_calls: dict[str, str] = {}
    for at, turn in enumerate(turns):
        where = f"{path}/{at}"
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
