"""The eight formats: how a row of each is recognised and read. Pure.

This is the reading that has the last word: slow, complete, with a reason for everything it
refuses. `brightrun.datasets.parsing.fast_path` takes the rows that are plainly right past it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.row_findings import Notes, id_field, note_unknown_keys, text_field
from brightrun.datasets.parsing.tool_calls import check_calls, read_tools
from brightrun.datasets.parsing.turn_order import check_order, check_order_inside, check_targets
from brightrun.datasets.parsing.turns import OPENAI, SHAREGPT, V4_HISTORY, Dialect, read_turns
from brightrun.datasets.problems import Code
from brightrun.datasets.record import DatasetFormat

_V4_KEYS = frozenset(
    {
        "id",
        "conversation_id",
        "turn_number",
        "conversation_metadata",
        "system_prompt",
        "conversation_history",
        "current_user_input",
        "emotional_context",
        "target_response",
        "training_metadata",
    }
)


class Row(msgspec.Struct, frozen=True):
    """What one line says, whatever its format.

    Attributes:
        rejected: the other output of a preference row.
        skipped_targets: assistant targets that are there but do not train.
    """

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None = None
    conversation_id: str | None = None
    rejected: tuple[Message, ...] | None = None
    skipped_targets: int = 0

    @property
    def pairs(self) -> int:
        """How many assistant targets train."""
        return 0 if self.rejected is not None else sum(turn.trained for turn in self.messages)


Reader = Callable[[Mapping[str, Any], Notes], Row]


def _turns_row(
    value: Mapping[str, Any],
    notes: Notes,
    *,
    key: str,
    dialect: Dialect,
    known: frozenset[str],
    conversation_id: str | None = None,
) -> Row:
    note_unknown_keys(value, known, "", notes)
    tools = read_tools(value.get("tools"), "/tools", notes)
    if key not in value:
        notes.add(Code.MISSING_FIELD, f"/{key}", repr(key))
        return Row(())
    turns = read_turns(value[key], dialect, f"/{key}", notes)
    system = text_field(value, "system", "", notes, required=False) if "system" in known else None
    if not notes.has_errors:
        check_targets(turns, f"/{key}", notes)
        check_calls(turns, tools, f"/{key}", notes)
        check_order(turns, f"/{key}", notes)
    if system is not None and system.strip():
        turns = (Message("system", system), *turns)
    untrained = sum(turn.role == "assistant" and not turn.trained for turn in turns)
    return Row(turns, tools, conversation_id, skipped_targets=untrained)


def _openai_chat(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"messages", "tools", "parallel_tool_calls", "functions"})
    return _turns_row(value, notes, key="messages", dialect=OPENAI, known=known)


def _conversations(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"conversations", "tools", "id", "system"})
    return _turns_row(value, notes, key="conversations", dialect=OPENAI, known=known)


def _sharegpt(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"conversations", "tools", "id", "system"})
    return _turns_row(value, notes, key="conversations", dialect=SHAREGPT, known=known)


def _turns(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"conversation_id", "turns", "tools"})
    return _turns_row(
        value,
        notes,
        key="turns",
        dialect=OPENAI,
        known=known,
        conversation_id=id_field(value, "conversation_id", notes),
    )


def _prompt_completion(value: Mapping[str, Any], notes: Notes) -> Row:
    note_unknown_keys(value, frozenset({"prompt", "completion"}), "", notes)
    if isinstance(value.get("prompt"), list) or isinstance(value.get("completion"), list):
        return _message_lists(value, notes)
    prompt = text_field(value, "prompt", "", notes)
    completion = text_field(value, "completion", "", notes)
    return _pair(prompt, completion)


def _message_lists(value: Mapping[str, Any], notes: Notes) -> Row:
    """Prompt and completion as lists of messages; only the completion trains."""
    prompt = read_turns(value.get("prompt"), OPENAI, "/prompt", notes)
    completion = read_turns(value.get("completion"), OPENAI, "/completion", notes)
    if not notes.has_errors:
        check_targets(completion, "/completion", notes)
    turns = (*untrained(prompt), *completion)
    return Row(turns)


def untrained(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the turns as context: nothing in them trains."""
    return tuple(msgspec.structs.replace(turn, trained=False) for turn in turns)


def _pair(question: str | None, answer: str | None, system: str | None = None) -> Row:
    if question is None or answer is None:
        return Row(())
    start = (Message("system", system),) if system is not None and system.strip() else ()
    return Row((*start, Message("user", question), Message("assistant", answer, trained=True)))


def _alpaca(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"instruction", "input", "output", "system", "history"})
    note_unknown_keys(value, known, "", notes)
    instruction = text_field(value, "instruction", "", notes)
    extra = text_field(value, "input", "", notes, required=False)
    output = text_field(value, "output", "", notes)
    system = text_field(value, "system", "", notes, required=False)
    history = _alpaca_history(value.get("history"), notes)
    if instruction is not None and extra is not None and extra.strip():
        instruction = f"{instruction}\n{extra}"
    row = _pair(instruction, output, system)
    at = len(row.messages) - 2
    return row if at < 0 else Row((*row.messages[:at], *history, *row.messages[at:]))


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
    note_unknown_keys(value, _V4_KEYS, "", notes)
    conversation_id = id_field(value, "conversation_id", notes)
    system = text_field(value, "system_prompt", "", notes, required=False)
    history: tuple[Message, ...] = ()
    if value.get("conversation_history") is not None:
        path = "/conversation_history"
        history = read_turns(value["conversation_history"], V4_HISTORY, path, notes)
        check_order_inside(history, path, notes)
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
    start = (Message("system", system),) if system is not None and system.strip() else ()
    asked = (*start, *history, Message("user", question))
    if target is None:
        return Row(asked, conversation_id=conversation_id, skipped_targets=1)
    answer = Message("assistant", target, trained=True)
    return Row((*asked, answer), conversation_id=conversation_id)


def _preference(value: Mapping[str, Any], notes: Notes) -> Row:
    known = frozenset({"input", "preferred_output", "non_preferred_output"})
    note_unknown_keys(value, known, "", notes)
    prompt, tools = _preference_input(value, notes)
    preferred = _output(value, "preferred_output", notes)
    other = _output(value, "non_preferred_output", notes)
    if not notes.has_errors and preferred == other:
        notes.add(Code.CHOSEN_EQUALS_REJECTED, "/non_preferred_output")
    if not notes.has_errors:
        check_calls((*prompt, *preferred), tools, "/input/messages", notes)
    return Row(untrained(prompt) + preferred, tools, rejected=other, skipped_targets=1)


def _preference_input(
    value: Mapping[str, Any], notes: Notes
) -> tuple[tuple[Message, ...], tuple[dict[str, Any], ...] | None]:
    given = value.get("input")
    if not isinstance(given, dict):
        if "input" in value:
            notes.wrong_type("/input", given, "an object")
        else:
            notes.add(Code.MISSING_FIELD, "/input", "'input'")
        return (), None
    note_unknown_keys(
        given, frozenset({"messages", "tools", "parallel_tool_calls"}), "/input", notes
    )
    tools = read_tools(given.get("tools"), "/input/tools", notes)
    if "messages" not in given:
        notes.add(Code.MISSING_FIELD, "/input/messages", "'messages'")
        return (), tools
    prompt = read_turns(given["messages"], OPENAI, "/input/messages", notes)
    if not notes.has_errors and (not prompt or prompt[-1].role not in ("user", "tool")):
        complaint = "the input must end with a turn of the user or of a tool"
        notes.add(Code.WRONG_TYPE, "/input/messages", complaint)
    return prompt, tools


def _output(value: Mapping[str, Any], key: str, notes: Notes) -> tuple[Message, ...]:
    path = f"/{key}"
    if key not in value:
        notes.add(Code.MISSING_FIELD, path, repr(key))
        return ()
    turns = read_turns(value[key], OPENAI, path, notes)
    for at, turn in enumerate(turns):
        if turn.role not in ("assistant", "tool"):
            notes.add(
                Code.UNKNOWN_ROLE, f"{path}/{at}/role", f"{turn.role!r} in an output", turn.role
            )
    if not notes.has_errors and not any(turn.role == "assistant" for turn in turns):
        notes.add(Code.NO_ASSISTANT, path)
    return turns


READERS: Mapping[DatasetFormat, Reader] = MappingProxyType(
    {
        DatasetFormat.OPENAI_CHAT: _openai_chat,
        DatasetFormat.PROMPT_COMPLETION: _prompt_completion,
        DatasetFormat.ALPACA: _alpaca,
        DatasetFormat.SHAREGPT: _sharegpt,
        DatasetFormat.CONVERSATIONS: _conversations,
        DatasetFormat.TURNS: _turns,
        DatasetFormat.BRIGHTRUN_V4: _brightrun_v4,
        DatasetFormat.PREFERENCE: _preference,
    }
)
