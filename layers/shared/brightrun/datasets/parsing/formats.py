"""The eight formats: how a row of each is recognised and read. Pure.

This is the reading that has the last word: slow, complete, with a reason for everything it
refuses. `brightrun.datasets.parsing.fast_path` takes the rows that are plainly right past it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import msgspec

from brightrun.datasets.parsing.call_checks import check_calls
from brightrun.datasets.parsing.examples import Message, Row
from brightrun.datasets.parsing.preference_rows import preference_row
from brightrun.datasets.parsing.row_findings import (
    Notes,
    conversation_field,
    id_field,
    note_unknown_keys,
    text_field,
)
from brightrun.datasets.parsing.spellings import CONVERSATION_KEYS, TOOL_KEYS, is_blank
from brightrun.datasets.parsing.tool_calls import declared_tools
from brightrun.datasets.parsing.turn_order import check_order, check_order_inside, check_targets
from brightrun.datasets.parsing.turns import (
    OPENAI,
    SHAREGPT,
    V4_HISTORY,
    Dialect,
    Turns,
    read_turns,
    untrained,
)
from brightrun.datasets.problems import Code
from brightrun.datasets.record import DatasetFormat

_V4_KEYS = frozenset(
    {
        "conversation_id",
        "system_prompt",
        "conversation_history",
        "current_user_input",
        "target_response",
    }
)
_V4_LABELS = frozenset(
    {"id", "turn_number", "conversation_metadata", "emotional_context", "training_metadata"}
)
"""What BrightRun v4 says about a pair, for people; no model is shown it."""


Reader = Callable[[Mapping[str, Any], Notes], Row]


def _turns_row(
    value: Mapping[str, Any],
    notes: Notes,
    key: str,
    dialect: Dialect,
    named: Callable[[Mapping[str, Any], Notes], str | None] = conversation_field,
) -> Row:
    known = {key, "system", *TOOL_KEYS, *CONVERSATION_KEYS}
    note_unknown_keys(value, frozenset(known), "", notes)
    tools = declared_tools(value, "", notes)
    conversation_id = named(value, notes)
    if key not in value:
        notes.missing("", value, key)
        return Row(())
    turns = read_turns(value[key], dialect, f"/{key}", notes)
    system = text_field(value, "system", "", notes, required=False)
    if not notes.has_errors:
        check_targets(turns.messages, f"/{key}", notes)
        check_calls(turns.messages, tools, turns.places, notes)
        check_order(turns.messages, turns.places, notes)
    if system is not None and not is_blank(system):
        turns = _with_system(turns, system, notes)
    simple = turns.places == tuple(f"/{key}/{at}" for at in range(len(turns.messages)))
    return Row(
        turns.messages,
        tools,
        conversation_id,
        skipped_targets=sum(
            turn.role == "assistant" and not turn.trained for turn in turns.messages
        ),
        places=() if simple else turns.places,
    )


def _with_system(turns: Turns, system: str, notes: Notes) -> Turns:
    """Put the text of the key first; a system turn that stands there too is joined to it.

    Two system turns in a row are written by some templates, cut to one by others, and refused by
    the rest: one turn with both texts is read by all.
    """
    messages, places = turns.messages, turns.places
    if not messages or messages[0].role != "system":
        return Turns((Message("system", system), *messages), ("/system", *places))
    complaint = "the key 'system' stands beside a system turn: both are read, as one turn"
    notes.add(Code.BAD_ROLE_ORDER, "/system", complaint)
    said = messages[0].content or ""
    joined = said if said.strip() == system.strip() else f"{system}\n\n{said}"
    return Turns((msgspec.structs.replace(messages[0], content=joined), *messages[1:]), places)


def _openai_chat(value: Mapping[str, Any], notes: Notes) -> Row:
    return _turns_row(value, notes, "messages", OPENAI)


def _conversations(value: Mapping[str, Any], notes: Notes) -> Row:
    return _turns_row(value, notes, "conversations", OPENAI)


def _sharegpt(value: Mapping[str, Any], notes: Notes) -> Row:
    return _turns_row(value, notes, "conversations", SHAREGPT)


def _turns(value: Mapping[str, Any], notes: Notes) -> Row:
    return _turns_row(value, notes, "turns", OPENAI, partial(id_field, key="conversation_id"))


def _prompt_completion(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"prompt", "completion", *TOOL_KEYS, *CONVERSATION_KEYS})
    note_unknown_keys(value, known, "", notes)
    conversation_id = conversation_field(value, notes)
    tools = declared_tools(value, "", notes)
    if isinstance(value.get("prompt"), list) or isinstance(value.get("completion"), list):
        row = _message_lists(value, tools, notes)
        return msgspec.structs.replace(row, conversation_id=conversation_id)
    prompt = text_field(value, "prompt", "", notes)
    completion = text_field(value, "completion", "", notes)
    row = _pair(prompt, completion)
    return msgspec.structs.replace(row, tools=tools, conversation_id=conversation_id)


def _message_lists(
    value: Mapping[str, Any], tools: tuple[dict[str, Any], ...] | None, notes: Notes
) -> Row:
    """Prompt and completion as lists of messages; only the completion trains."""
    prompt = read_turns(value.get("prompt"), OPENAI, "/prompt", notes)
    completion = read_turns(value.get("completion"), OPENAI, "/completion", notes)
    turns = (*untrained(prompt.messages), *completion.messages)
    places = (*prompt.places, *completion.places)
    if not notes.has_errors:
        check_targets(completion.messages, "/completion", notes)
        check_calls(turns, tools, places, notes)
    return Row(turns, tools, places=places)


def _pair(question: str | None, answer: str | None, system: str | None = None) -> Row:
    if question is None or answer is None:
        return Row(())
    start = (Message("system", system),) if system is not None and not is_blank(system) else ()
    return Row((*start, Message("user", question), Message("assistant", answer, trained=True)))


def _alpaca(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"instruction", "input", "output", "system", "history", *CONVERSATION_KEYS})
    note_unknown_keys(value, known, "", notes)
    instruction = text_field(value, "instruction", "", notes)
    extra = text_field(value, "input", "", notes, required=False)
    output = text_field(value, "output", "", notes)
    system = text_field(value, "system", "", notes, required=False)
    history = _alpaca_history(value.get("history"), notes)
    if instruction is not None and extra is not None and not is_blank(extra):
        instruction = f"{instruction}\n{extra}"
    row = _pair(instruction, output, system)
    at = len(row.messages) - 2
    if at < 0:
        return row
    turns = (*row.messages[:at], *history, *row.messages[at:])
    return Row(turns, conversation_id=conversation_field(value, notes))


def _alpaca_history(value: object, notes: Notes) -> tuple[Message, ...]:
    """Earlier rounds as `[question, answer]`; their answers train like the last one."""
    if value is None:
        return ()
    if not isinstance(value, list):
        notes.wrong_type("/history", value, "a list of [question, answer]")
        return ()
    turns: list[Message] = []
    for at, round_ in enumerate(value):
        path = f"/history/{at}"
        if not isinstance(round_, list) or len(round_) != 2:  # noqa: PLR2004 - question, answer
            notes.add(Code.WRONG_TYPE, path, "this should be [question, answer]", round_)
            continue
        fields = dict(zip(("0", "1"), round_, strict=True))
        question = text_field(fields, "0", path, notes)
        answer = text_field(fields, "1", path, notes)
        turns.extend(_pair(question, answer).messages)
    return tuple(turns)


def _brightrun_v4(value: Mapping[str, Any], notes: Notes) -> Row:
    note_unknown_keys(value, _V4_KEYS | _V4_LABELS, "", notes)
    conversation_id = id_field(value, notes, "conversation_id")
    system = text_field(value, "system_prompt", "", notes, required=False)
    history: tuple[Message, ...] = ()
    if value.get("conversation_history") is not None:
        path = "/conversation_history"
        turns = read_turns(value["conversation_history"], V4_HISTORY, path, notes)
        check_order_inside(turns.messages, turns.places, notes)
        history = turns.messages
    question = text_field(value, "current_user_input", "", notes)
    if "target_response" not in value:
        notes.add(Code.MISSING_FIELD, "/target_response", "'target_response'")
    target = value.get("target_response")
    if target is not None:
        target = text_field(value, "target_response", "", notes)
    return v4_row(conversation_id, system, untrained(history), question, target)


def v4_row(
    conversation_id: str | None,
    system: str | None,
    history: tuple[Message, ...],
    question: str | None,
    target: str | None,
) -> Row:
    """Return the conversation up to the target, in which only the target trains.

    The last entry of the history usually is the current input already; one of the two is kept,
    or the template would see two user turns in a row.
    """
    if question is None:
        return Row((), conversation_id=conversation_id)
    if history and history[-1].role == "user" and history[-1].content_equals(question):
        history = history[:-1]
    start = (Message("system", system),) if system is not None and not is_blank(system) else ()
    asked = (*start, *history, Message("user", question))
    if target is None:
        return Row(asked, conversation_id=conversation_id, skipped_targets=1)
    answer = Message("assistant", target, trained=True)
    return Row((*asked, answer), conversation_id=conversation_id)


READERS: Mapping[DatasetFormat, Reader] = MappingProxyType(
    {
        DatasetFormat.OPENAI_CHAT: _openai_chat,
        DatasetFormat.PROMPT_COMPLETION: _prompt_completion,
        DatasetFormat.ALPACA: _alpaca,
        DatasetFormat.SHAREGPT: _sharegpt,
        DatasetFormat.CONVERSATIONS: _conversations,
        DatasetFormat.TURNS: _turns,
        DatasetFormat.BRIGHTRUN_V4: _brightrun_v4,
        DatasetFormat.PREFERENCE: preference_row,
    }
)
