"""The rows that are plainly right, at the price of one native decode-and-check. Pure.

What these readers accept is a subset of what `brightrun.datasets.parsing.formats` accepts without a
finding, and they read the same turns from it (a property test compares the two). Whatever they
do not take goes there, and pays for its explanation.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.line_reader import Batch
from brightrun.datasets.parsing.row_findings import Notes
from brightrun.datasets.parsing.row_shapes import MAX_SHAPES, FastRow, Shape, shape_of
from brightrun.datasets.parsing.turn_order import check_order, check_order_inside, check_targets
from brightrun.datasets.problems import Finding
from brightrun.datasets.record import DatasetFormat

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_OPENING, _CLOSING = b"{}"
# Everything a decoder may raise on bytes that are not what it was made for.
_NOT_PLAIN = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class NotPlain(ValueError):
    """The row needs the closer look."""


class _Turn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Text


class _ShareGptTurn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["human", "gpt", "system", "user", "assistant"] = msgspec.field(name="from")
    content: _Text = msgspec.field(name="value")


class _HistoryTurn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Text
    turn: msgspec.Raw = msgspec.Raw()
    emotional_state: msgspec.Raw = msgspec.Raw()


class _Chat(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    messages: list[_Turn]


class _Conversations(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    conversations: list[_Turn]
    id: msgspec.Raw = msgspec.Raw()


class _ShareGpt(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    conversations: list[_ShareGptTurn]
    id: msgspec.Raw = msgspec.Raw()


class _Turns(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    conversation_id: _Text
    turns: list[_Turn]


class _PromptCompletion(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    prompt: _Text
    completion: _Text


class _Alpaca(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    instruction: _Text
    output: _Text
    input: str | None = None
    system: str | None = None


class _V4(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    conversation_id: _Text
    current_user_input: _Text
    target_response: _Text | None
    conversation_history: list[_HistoryTurn] | None = None
    system_prompt: str | None = None
    id: msgspec.Raw = msgspec.Raw()
    turn_number: msgspec.Raw = msgspec.Raw()
    conversation_metadata: msgspec.Raw = msgspec.Raw()
    emotional_context: msgspec.Raw = msgspec.Raw()
    training_metadata: msgspec.Raw = msgspec.Raw()


@lru_cache(MAX_SHAPES)
def _chat_shape(roles: tuple[str, ...]) -> Shape:
    """Return the shape of a conversation in which every answer trains."""
    turns = tuple(Message(role, "-", trained=role == "assistant") for role in roles)
    notes = Notes()
    check_targets(turns, "", notes)
    check_order(turns, "", notes)
    if notes.findings:
        raise NotPlain
    answers = tuple(at for at, role in enumerate(roles) if role == "assistant")
    return shape_of(roles, answers, len(roles) - roles.count("system"))


@lru_cache(MAX_SHAPES)
def _v4_shape(history: tuple[str, ...], *, system: bool, target: bool) -> Shape:
    """Return the shape of a row in which the last turn alone can train."""
    roles = (*("system",) * system, *history, "user", *("assistant",) * target)
    return shape_of(roles, (len(roles) - 1,), 2) if target else shape_of(roles, (), 1, 1)


@lru_cache(MAX_SHAPES)
def _require_order(history: tuple[str, ...]) -> None:
    notes = Notes()
    check_order_inside(tuple(Message(role, "-") for role in history), "", notes)
    if notes.findings:
        raise NotPlain


def _plain(
    turns: Sequence[_Turn | _ShareGptTurn],
    roles: tuple[str, ...],
    conversation_id: str | None = None,
) -> FastRow:
    shape = _chat_shape(roles)
    texts = [turn.content for turn in turns]
    if any(map(str.isspace, texts)):
        raise NotPlain
    return FastRow(shape, texts, conversation_id)


def _chat(row: _Chat) -> FastRow:
    turns = row.messages
    return _plain(turns, tuple([turn.role for turn in turns]))


def _conversations(row: _Conversations) -> FastRow:
    turns = row.conversations
    return _plain(turns, tuple([turn.role for turn in turns]))


_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant"}


def _sharegpt(row: _ShareGpt) -> FastRow:
    turns = row.conversations
    return _plain(turns, tuple([_SHAREGPT_ROLES.get(turn.role, turn.role) for turn in turns]))


def _turns(row: _Turns) -> FastRow:
    if row.conversation_id.isspace():
        raise NotPlain
    turns = row.turns
    return _plain(turns, tuple([turn.role for turn in turns]), row.conversation_id)


_PAIR = _chat_shape(("user", "assistant"))
_SYSTEM_PAIR = _chat_shape(("system", "user", "assistant"))


def _pair(question: str, answer: str, system: str | None) -> FastRow:
    if system is None or not system.strip():
        return FastRow(_PAIR, [question, answer])
    return FastRow(_SYSTEM_PAIR, [system, question, answer])


def _prompt_completion(row: _PromptCompletion) -> FastRow:
    if row.prompt.isspace() or row.completion.isspace():
        raise NotPlain
    return _pair(row.prompt, row.completion, None)


def _alpaca(row: _Alpaca) -> FastRow:
    if row.instruction.isspace() or row.output.isspace():
        raise NotPlain
    question = row.instruction
    if row.input is not None and row.input.strip():
        question = f"{question}\n{row.input}"
    return _pair(question, row.output, row.system)


def _v4(row: _V4) -> FastRow:
    question, target, system = row.current_user_input, row.target_response, row.system_prompt
    history = row.conversation_history or ()
    roles = tuple([turn.role for turn in history])
    texts = [turn.content for turn in history]
    _require_order(roles)
    if any(map(str.isspace, (row.conversation_id, question, target or "-", *texts))):
        raise NotPlain
    if roles and roles[-1] == "user" and texts[-1].strip() == question.strip():
        roles = roles[:-1]
        texts.pop()
    has_system = system is not None and not system.isspace() and system != ""
    shape = _v4_shape(roles, system=has_system, target=target is not None)
    texts.append(question)
    if target is not None:
        texts.append(target)
    if has_system and system is not None:
        texts.insert(0, system)
    return FastRow(shape, texts, row.conversation_id)


class _Reader(msgspec.Struct, frozen=True):
    """How rows of one format are read.

    Attributes:
        reads_all_text: whether decoding looks at every string, and so finds bad UTF-8 by itself.
    """

    decoder: msgspec.json.Decoder[Any]
    read: Callable[[Any], FastRow]
    reads_all_text: bool


def _reader(kind: type, read: Callable[[Any], FastRow], *, reads_all_text: bool = False) -> _Reader:
    return _Reader(msgspec.json.Decoder(kind), read, reads_all_text)


_READERS: Mapping[DatasetFormat, _Reader] = MappingProxyType(
    {
        DatasetFormat.OPENAI_CHAT: _reader(_Chat, _chat, reads_all_text=True),
        DatasetFormat.CONVERSATIONS: _reader(_Conversations, _conversations),
        DatasetFormat.SHAREGPT: _reader(_ShareGpt, _sharegpt),
        DatasetFormat.TURNS: _reader(_Turns, _turns, reads_all_text=True),
        DatasetFormat.PROMPT_COMPLETION: _reader(
            _PromptCompletion, _prompt_completion, reads_all_text=True
        ),
        DatasetFormat.ALPACA: _reader(_Alpaca, _alpaca, reads_all_text=True),
        DatasetFormat.BRIGHTRUN_V4: _reader(_V4, _v4),
    }
)


def read_plain(batch: Batch, expected: DatasetFormat | None) -> list[FastRow] | None:
    """Return all rows of a batch if every one is plainly right, otherwise `None`."""
    reader = None if expected is None else _READERS.get(expected)
    lines = batch.lines
    if reader is None or not lines or not _are_objects(lines, batch.ends):
        return None
    try:
        if not reader.reads_all_text and not lines.isascii():
            lines.decode()
        plain = list(map(reader.read, reader.decoder.decode_lines(lines)))
    except _NOT_PLAIN:
        return None
    return plain if len(plain) == len(batch.ends) + 1 else None


def _are_objects(lines: bytes, ends: Sequence[int]) -> bool:
    """Whether every line starts with a brace and ends with one.

    Then no object can go over a line end, for nowhere inside one does `}` stand before `{`; and
    as many objects as lines means one on each.
    """
    if lines[0] != _OPENING or lines[-1] != _CLOSING or lines.endswith(b"\n"):
        return False
    return all(lines[end - 1] == _CLOSING and lines[end + 1] == _OPENING for end in ends)


def read_one(row: bytes | Finding, expected: DatasetFormat | None) -> FastRow | None:
    """Return one row if it is plainly right."""
    reader = None if expected is None else _READERS.get(expected)
    if reader is None or isinstance(row, Finding):
        return None
    try:
        return reader.read(reader.decoder.decode(row))
    except _NOT_PLAIN:
        return None
