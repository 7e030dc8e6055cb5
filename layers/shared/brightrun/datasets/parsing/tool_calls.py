"""Tools a row declares and calls it makes, in one form whatever their spelling. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from brightrun.datasets.parsing.exact_json import exact_loads
from brightrun.datasets.parsing.row_findings import (
    Notes,
    broken,
    flaws_of,
    kind_of,
    mending,
    note_unknown_keys,
    text_field,
)
from brightrun.datasets.parsing.spellings import ARGUMENT_KEYS, NO_ARGUMENTS, SCHEMA_KEYS, TOOL_KEYS
from brightrun.datasets.problems import Code, excerpt_of

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WRAPPER = frozenset({"type", "function"})
_FUNCTION_KEYS = frozenset({"id", "index", "type", "name", *ARGUMENT_KEYS})


def declared_tools(
    value: Mapping[str, Any], path: str, notes: Notes
) -> tuple[dict[str, Any], ...] | None:
    """Return the tools of a row under either key, as a chat template wants them, or `None`."""
    first, then = (read_tools(value.get(key), f"{path}/{key}", notes) for key in TOOL_KEYS)
    known = {tool["function"]["name"]: tool for tool in first or ()}
    more = [tool for tool in then or () if known.get(tool["function"]["name"]) != tool]
    for tool in more:
        if (name := tool["function"]["name"]) in known:
            detail = f"{excerpt_of(repr(name))} stands in {TOOL_KEYS[0]!r}, too, and differs"
            notes.add(Code.WRONG_TYPE, f"{path}/{TOOL_KEYS[1]}", detail, tool)
    return (*(first or ()), *more) or None


def read_tools(value: object, path: str, notes: Notes) -> tuple[dict[str, Any], ...] | None:
    """Return declared tools, each as `{"type": "function", "function": …}`; `None` without any."""
    if isinstance(value, str):
        value = _decoded(value, path, notes)
    if value is None:
        return None
    if not isinstance(value, list):
        notes.wrong_type(path, value, "a list of tools")
        return None
    tools = [_tool(tool, f"{path}/{at}", notes) for at, tool in enumerate(value)]
    return tuple(tool for tool in tools if tool is not None) or None


def _decoded(text: str, path: str, notes: Notes) -> object:
    """ShareGPT files hold the list of tools as JSON in a string."""
    if not text.strip():
        return None
    try:
        value = exact_loads(text)
    except (ValueError, RecursionError):
        notes.wrong_type(path, text, "a list of tools")
        return None
    note_flaws(value, path, notes)
    return value


def note_flaws(value: object, path: str, notes: Notes) -> bool:
    """Note what is JSON and still cannot be read as it stands; tell whether there was any."""
    found = flaws_of(value, path)
    notes.findings.extend(found)
    return bool(found)


def _tool(tool: object, path: str, notes: Notes) -> dict[str, Any] | None:
    if isinstance(tool, str) and tool.lstrip().startswith("{"):
        tool = _decoded(tool, path, notes)
    if not isinstance(tool, dict):
        notes.wrong_type(path, tool, "an object")
        return None
    wrapped = isinstance(tool.get("function"), dict)
    function = tool["function"] if wrapped else {k: v for k, v in tool.items() if k != "type"}
    if not wrapped and ("function" in tool or "name" not in tool):
        notes.add(Code.MISSING_FIELD, f"{path}/function", "'function'", tool)
        return None
    where = f"{path}/function" if wrapped else path
    name = text_field(function, "name", where, notes)
    if name is not None and not _NAME.fullmatch(name):
        notes.add(Code.BAD_NAME, f"{where}/name", excerpt_of(repr(name)), name)
    usual, other = SCHEMA_KEYS
    if usual not in function and other in function:
        function = {usual if key == other else key: each for key, each in function.items()}
    beside = {key: each for key, each in tool.items() if key not in _WRAPPER} if wrapped else {}
    return None if name is None else {"type": "function", "function": function, **beside}


def read_calls(
    value: Mapping[str, Any], role: str | None, path: str, notes: Notes
) -> tuple[dict[str, Any], ...] | None:
    """Return the calls of an assistant turn, their arguments decoded, or `None` without any."""
    calls, legacy = value.get("tool_calls"), value.get("function_call")
    written = "function_call" if calls in (None, []) else "tool_calls"
    if calls in (None, []) and legacy is None:
        return None
    if role != "assistant":
        notes.add(
            Code.WRONG_TYPE,
            f"{path}/{written}",
            "only the assistant can call tools",
            value[written],
        )
        return None
    if written == "function_call":
        function = _function(legacy, f"{path}/function_call", notes)
        return None if function is None else ({"type": "function", "function": function},)
    if not isinstance(calls, list):
        notes.wrong_type(f"{path}/tool_calls", calls, "a list of calls")
        return None
    read = [_call(call, f"{path}/tool_calls/{at}", notes) for at, call in enumerate(calls)]
    found = tuple(call for call in read if call is not None)
    if legacy is not None:
        _require_same(legacy, found, f"{path}/function_call", notes)
    return found or None


def _require_same(
    legacy: object, calls: tuple[dict[str, Any], ...], path: str, notes: Notes
) -> None:
    """Note a call that stands beside a list of calls and is not the one in it."""
    function = _function(legacy, path, notes)
    if function is not None and [function] != [call["function"] for call in calls]:
        notes.add(Code.WRONG_TYPE, path, "it stands beside 'tool_calls' and differs", legacy)


def _call(value: object, path: str, notes: Notes) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None
    identifier = text_field(value, "id", path, notes, required=False)
    if "function" not in value and "name" not in value:
        notes.add(Code.MISSING_FIELD, f"{path}/function", "'function'", value)
        return None
    if "function" in value:
        function = _function(value["function"], f"{path}/function", notes)
        for key in value.keys() & {"name", *ARGUMENT_KEYS}:
            notes.add(Code.WRONG_TYPE, f"{path}/{key}", "it belongs into 'function'", value[key])
    else:
        function = _function(value, path, notes)
    if function is None:
        return None
    known = {"id": identifier} if identifier else {}
    return {**known, "type": "function", "function": function}


def _function(value: object, path: str, notes: Notes) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        notes.wrong_type(path, value, "an object")
        return None
    note_unknown_keys(value, _FUNCTION_KEYS, path, notes)
    name = text_field(value, "name", path, notes)
    _require_arguments(value, path, notes)
    given = [key for key in ARGUMENT_KEYS if not _is_nothing(value.get(key))]
    if len(given) > 1:
        detail = f"it stands beside {given[0]!r}, which means the same"
        notes.add(Code.WRONG_TYPE, f"{path}/{given[1]}", detail, value[given[1]])
    key = given[0] if given else ARGUMENT_KEYS[0]
    arguments = _arguments(value.get(key), f"{path}/{key}", notes)
    return None if name is None or arguments is None else {"name": name, "arguments": arguments}


def _is_nothing(arguments: object) -> bool:
    if isinstance(arguments, str):
        return arguments.strip() in NO_ARGUMENTS
    return arguments is None or arguments == {}


def _require_arguments(value: Mapping[str, Any], path: str, notes: Notes) -> None:
    """Note arguments under a key that nobody knows: the call would train without them."""
    if value.keys() & set(ARGUMENT_KEYS):
        return
    for key in value.keys() - _FUNCTION_KEYS:
        if isinstance(value[key], dict):
            hint = f"rename the key {excerpt_of(repr(key))} that stands here"
            notes.add(Code.MISSING_FIELD, f"{path}/arguments", "'arguments'", value[key], hint)


def _arguments(value: object, path: str, notes: Notes) -> dict[str, Any] | None:
    """Return the object of arguments, which most files write as JSON in a string."""
    if _is_nothing(value):
        return {}
    decoded = value
    if isinstance(value, str):
        try:
            decoded = exact_loads(value)
        except json.JSONDecodeError as error:
            hint = mending(error.doc, error.pos)
            notes.add(Code.TOOL_ARGS_NOT_JSON, path, broken(error), value, hint)
            return None
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
            notes.add(Code.TOOL_ARGS_NOT_JSON, path, reason, value)
            return None
        if note_flaws(decoded, path, notes):
            return None
    if not isinstance(decoded, dict):
        holds = "it holds" if isinstance(value, str) else "it is"
        hint = "the object is encoded twice: decode it once" if _holds_object(decoded) else ""
        notes.add(Code.TOOL_ARGS_NOT_JSON, path, f"{holds} {kind_of(decoded)}", value, hint)
        return None
    return decoded


def _holds_object(decoded: object) -> bool:
    return isinstance(decoded, str) and decoded.lstrip().startswith("{")


def calls_in_text(value: object, path: str, notes: Notes) -> tuple[dict[str, Any], ...] | None:
    """Return the calls of a ShareGPT `function_call` turn: `{"name", "arguments"}`, or several."""
    decoded = value
    if isinstance(value, str):
        try:
            decoded = exact_loads(value)
        except json.JSONDecodeError as error:
            hint = mending(error.doc, error.pos)
            notes.add(Code.TOOL_ARGS_NOT_JSON, path, broken(error), value, hint)
            return None
        except (ValueError, RecursionError) as error:
            notes.add(Code.TOOL_ARGS_NOT_JSON, path, str(error), value)
            return None
        if note_flaws(decoded, path, notes):
            return None
    several = isinstance(decoded, list)
    calls = decoded if isinstance(decoded, list) else [decoded]
    if not calls or not all(isinstance(call, dict) and _names(call) for call in calls):
        notes.add(Code.TOOL_ARGS_NOT_JSON, path, "it names no function", value)
        return None
    read = [
        _call(call, f"{path}/{at}" if several else path, notes) for at, call in enumerate(calls)
    ]
    return tuple(call for call in read if call is not None) or None


def _names(call: Mapping[str, Any]) -> bool:
    inner = call.get("function", call)
    return isinstance(inner, dict) and isinstance(inner.get("name"), str)
