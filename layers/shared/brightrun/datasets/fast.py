"""The rows that are plainly right, at the price of one native decode-and-check. Pure.

What these readers accept is a subset of what `brightrun.datasets.formats` accepts without a
finding, and they read the same turns from it (a property test compares the two). Whatever they
do not take goes there, and pays for its explanation.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast

import msgspec

from brightrun.datasets.formats import Row, check_order, check_order_inside, check_targets
from brightrun.datasets.lines import Batch
from brightrun.datasets.notes import Notes
from brightrun.datasets.problems import Finding
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.rows import Message

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_MAX_SHAPES = 4096
_OPENING, _CLOSING = b"{}"
# Everything a decoder may raise on bytes that are not what it was made for.
_NOT_PLAIN = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class Shape(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What the roles of a row alone decide; rows of one shape share one object.

    Attributes:
        trained: positions of the turns that train; `answers` picks their texts.
        own_turns: turns that no other row repeats.
        key: differs for shapes that differ, within one process.
    """

    roles: tuple[str, ...]
    trained: tuple[int, ...]
    answers: Callable[[Sequence[str]], Any]
    turns: int
    own_turns: int
    pairs: int
    skipped_targets: int
    key: int


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A row without tools, names, weights or findings: roles and texts say all of it."""

    shape: Shape
    texts: list[str]
    conversation_id: str | None = None

    def row(self) -> Row:
        """Return the row as the slow reading would."""
        trained = self.shape.trained
        turns = tuple(
            Message(role, text, trained=at in trained)
            for at, (role, text) in enumerate(zip(self.shape.roles, self.texts, strict=True))
        )
        return Row(
            turns,
            conversation_id=self.conversation_id,
            skipped_targets=self.shape.skipped_targets,
        )


def as_plain(row: Row) -> Plain:
    """Return what can be counted of any row; what tools say counts as text."""
    texts = [turn.content or "" for turn in row.messages]
    for at, turn in enumerate(row.messages):
        if turn.tool_calls is not None or turn.reasoning_content is not None:
            calls = msgspec.json.encode(turn.tool_calls or ()).decode()
            texts[at] = f"{turn.reasoning_content or ''}{texts[at]}{calls}"
    roles = tuple(turn.role for turn in row.messages)
    trained = (
        ()
        if row.rejected is not None
        else tuple(at for at, turn in enumerate(row.messages) if turn.trained)
    )
    named = row.conversation_id is not None and roles[-1:] == ("assistant",) and len(trained) == 1
    own_turns = 2 if named else len(roles) - roles.count("system")
    if row.tools is not None:
        texts.append(msgspec.json.encode(row.tools).decode())
    shape = _shape(roles, trained, own_turns, row.skipped_targets)
    return Plain(shape, texts, row.conversation_id)


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


def _nothing(_: Sequence[str]) -> tuple[()]:
    return ()


@lru_cache(_MAX_SHAPES)
def _shape(
    roles: tuple[str, ...], trained: tuple[int, ...], own_turns: int, skipped_targets: int = 0
) -> Shape:
    # A single position would pick a bare string: the slice keeps it a sequence of texts.
    match trained:
        case ():
            answers: Callable[[Sequence[str]], Any] = _nothing
        case (only,):
            answers = itemgetter(slice(only, only + 1))
        case _:
            answers = itemgetter(*trained)
    return Shape(
        roles,
        trained,
        answers,
        len(roles),
        own_turns,
        len(trained),
        skipped_targets,
        hash((roles, trained)),
    )


@lru_cache(_MAX_SHAPES)
def _chat_shape(roles: tuple[str, ...]) -> Shape | None:
    """Return the shape of a conversation in which every answer trains; `None` with findings."""
    turns = tuple(Message(role, "-", trained=role == "assistant") for role in roles)
    notes = Notes()
    check_targets(turns, "", notes)
    check_order(turns, "", notes)
    if notes.findings:
        return None
    answers = tuple(at for at, role in enumerate(roles) if role == "assistant")
    return _shape(roles, answers, len(roles) - roles.count("system"))


@lru_cache(_MAX_SHAPES)
def _v4_shape(roles: tuple[str, ...]) -> Shape:
    """Return the shape of a row in which the last turn alone can train."""
    if roles[-1] == "assistant":
        return _shape(roles, (len(roles) - 1,), 2)
    return _shape(roles, (), 1, 1)


@lru_cache(_MAX_SHAPES)
def _history_is_ordered(roles: tuple[str, ...]) -> bool:
    notes = Notes()
    check_order_inside(tuple(Message(role, "-") for role in roles), "", notes)
    return not notes.findings


def _plain(
    turns: Sequence[_Turn | _ShareGptTurn],
    roles: tuple[str, ...],
    conversation_id: str | None = None,
) -> Plain | None:
    shape = _chat_shape(roles)
    texts = [turn.content for turn in turns]
    if shape is None or any(map(str.isspace, texts)):
        return None
    return Plain(shape, texts, conversation_id)


def _chat(row: _Chat) -> Plain | None:
    turns = row.messages
    return _plain(turns, tuple([turn.role for turn in turns]))


def _conversations(row: _Conversations) -> Plain | None:
    turns = row.conversations
    return _plain(turns, tuple([turn.role for turn in turns]))


_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant"}


def _sharegpt(row: _ShareGpt) -> Plain | None:
    turns = row.conversations
    return _plain(turns, tuple([_SHAREGPT_ROLES.get(turn.role, turn.role) for turn in turns]))


def _turns(row: _Turns) -> Plain | None:
    if row.conversation_id.isspace():
        return None
    turns = row.turns
    return _plain(turns, tuple([turn.role for turn in turns]), row.conversation_id)


_PAIR = _chat_shape(("user", "assistant"))
_SYSTEM_PAIR = _chat_shape(("system", "user", "assistant"))


def _pair(question: str, answer: str, system: str | None) -> Plain | None:
    if system is None or not system.strip():
        return None if _PAIR is None else Plain(_PAIR, [question, answer])
    return None if _SYSTEM_PAIR is None else Plain(_SYSTEM_PAIR, [system, question, answer])


def _prompt_completion(row: _PromptCompletion) -> Plain | None:
    if row.prompt.isspace() or row.completion.isspace():
        return None
    return _pair(row.prompt, row.completion, None)


def _alpaca(row: _Alpaca) -> Plain | None:
    if row.instruction.isspace() or row.output.isspace():
        return None
    question = row.instruction
    if row.input is not None and row.input.strip():
        question = f"{question}\n{row.input}"
    return _pair(question, row.output, row.system)


def _v4(row: _V4) -> Plain | None:
    history = row.conversation_history or []
    roles = [turn.role for turn in history]
    texts = [turn.content for turn in history]
    question, target = row.current_user_input, row.target_response
    if not _history_is_ordered(tuple(roles)):
        return None
    said = [row.conversation_id, question, *texts] + ([] if target is None else [target])
    if any(map(str.isspace, said)):
        return None
    if roles and roles[-1] == "user" and texts[-1].strip() == question.strip():
        roles.pop()
        texts.pop()
    start = (
        [] if row.system_prompt is None or not row.system_prompt.strip() else [row.system_prompt]
    )
    end = [question] if target is None else [question, target]
    shape = _v4_shape((*["system"] * len(start), *roles, *("user", "assistant")[: len(end)]))
    return Plain(shape, [*start, *texts, *end], row.conversation_id)


class _Reader(msgspec.Struct, frozen=True):
    """How rows of one format are read.

    Attributes:
        reads_all_text: whether decoding looks at every string, and so finds bad UTF-8 by itself.
    """

    decoder: msgspec.json.Decoder[Any]
    read: Callable[[Any], Plain | None]
    reads_all_text: bool


def _reader(
    kind: type, read: Callable[[Any], Plain | None], *, reads_all_text: bool = False
) -> _Reader:
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


def read_plain(batch: Batch, expected: DatasetFormat | None) -> list[Plain] | None:
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
    if None in plain or len(plain) != len(batch.ends) + 1:
        return None
    return cast("list[Plain]", plain)


def _are_objects(lines: bytes, ends: Sequence[int]) -> bool:
    """Whether every line starts with a brace and ends with one.

    Then no object can go over a line end, for nowhere inside one does `}` stand before `{`; and
    as many objects as lines means one on each.
    """
    if lines[0] != _OPENING or lines[-1] != _CLOSING or lines.endswith(b"\n"):
        return False
    return all(lines[end - 1] == _CLOSING and lines[end + 1] == _OPENING for end in ends)


def read_one(row: bytes | Finding, expected: DatasetFormat | None) -> Plain | None:
    """Return one row if it is plainly right."""
    reader = None if expected is None else _READERS.get(expected)
    if reader is None or isinstance(row, Finding):
        return None
    try:
        plain: Plain | None = reader.read(reader.decoder.decode(row))
    except _NOT_PLAIN:
        return None
    return plain
