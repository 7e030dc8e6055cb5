"""Preference rows: checked like all others, and not trained on yet. Pure."""

from collections.abc import Mapping
from typing import Any

from brightrun.datasets.parsing.call_checks import check_calls
from brightrun.datasets.parsing.examples import Row
from brightrun.datasets.parsing.row_findings import Notes, conversation_field, note_unknown_keys
from brightrun.datasets.parsing.spellings import CONVERSATION_KEYS, TOOL_KEYS
from brightrun.datasets.parsing.tool_calls import declared_tools
from brightrun.datasets.parsing.turns import OPENAI, Turns, read_turns, untrained
from brightrun.datasets.problems import Code


def preference_row(value: Mapping[str, Any], notes: Notes) -> Row:
    """Return the prompt with the preferred output; the other one stands beside it."""
    known = {"input", "preferred_output", "non_preferred_output", *CONVERSATION_KEYS}
    note_unknown_keys(value, frozenset(known), "", notes)
    conversation_id = conversation_field(value, notes)
    prompt, tools = _preference_input(value, notes)
    preferred = _output(value, "preferred_output", notes)
    other = _output(value, "non_preferred_output", notes)
    if not notes.has_errors and preferred.messages == other.messages:
        notes.add(Code.CHOSEN_EQUALS_REJECTED, "/non_preferred_output")
    if not notes.has_errors:
        places = (*prompt.places, *preferred.places)
        check_calls((*prompt.messages, *preferred.messages), tools, places, notes)
    return Row(
        untrained(prompt.messages) + preferred.messages,
        tools,
        conversation_id,
        rejected=other.messages,
        skipped_targets=1,
    )


def _preference_input(
    value: Mapping[str, Any], notes: Notes
) -> tuple[Turns, tuple[dict[str, Any], ...] | None]:
    given = value.get("input")
    if not isinstance(given, dict):
        if "input" in value:
            notes.wrong_type("/input", given, "an object")
        else:
            notes.add(Code.MISSING_FIELD, "/input", "'input'")
        return Turns(), None
    note_unknown_keys(given, frozenset({"messages", *TOOL_KEYS}), "/input", notes)
    tools = declared_tools(given, "/input", notes)
    if "messages" not in given:
        notes.add(Code.MISSING_FIELD, "/input/messages", "'messages'")
        return Turns(), tools
    prompt = read_turns(given["messages"], OPENAI, "/input/messages", notes)
    turns = prompt.messages
    if not notes.has_errors and (not turns or turns[-1].role not in ("user", "tool")):
        complaint = "the input must end with a turn of the user or of a tool"
        notes.add(Code.WRONG_TYPE, "/input/messages", complaint)
    return prompt, tools


def _output(value: Mapping[str, Any], key: str, notes: Notes) -> Turns:
    path = f"/{key}"
    if key not in value:
        notes.add(Code.MISSING_FIELD, path, repr(key))
        return Turns()
    turns = read_turns(value[key], OPENAI, path, notes)
    for where, turn in zip(turns.places, turns.messages, strict=True):
        if turn.role not in ("assistant", "tool"):
            notes.add(Code.UNKNOWN_ROLE, f"{where}/role", f"{turn.role!r} in an output", turn.role)
    if not notes.has_errors and not any(turn.role == "assistant" for turn in turns.messages):
        notes.add(Code.NO_ASSISTANT, path)
    return turns
