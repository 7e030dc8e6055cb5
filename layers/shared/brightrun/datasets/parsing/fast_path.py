"""The rows that are plainly right, at the price of one native decode-and-check. Pure.

What these readers accept is a subset of what `brightrun.datasets.parsing.formats` accepts without a
finding, and they read the same turns from it (a property test compares the two). Whatever they
do not take goes there, and pays for its explanation.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.json import Decoder

from brightrun.datasets.files.line_reader import Batch
from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.fast_rows import (
    AlpacaRow,
    ChatRow,
    ChatTurn,
    ConversationsRow,
    NamedRow,
    NotPlain,
    PairRow,
    ShareGptRow,
    ShareGptTurn,
    TurnsRow,
    V4Row,
    alpaca_quotes,
    alpaca_texts,
    chat_quotes,
    chat_texts,
    conversations_quotes,
    conversations_texts,
    pair_quotes,
    pair_texts,
    turns_quotes,
    turns_texts,
    v4_quotes,
    v4_texts,
)
from brightrun.datasets.parsing.row_findings import Notes
from brightrun.datasets.parsing.row_shapes import MAX_SHAPES, FastRow, Shape, shape_of
from brightrun.datasets.parsing.spellings import any_blank, is_blank
from brightrun.datasets.parsing.turn_order import check_order, check_order_inside, check_targets
from brightrun.datasets.problems import Finding
from brightrun.datasets.record import DatasetFormat

_OPENING, _CLOSING = b"{}"
# Everything a decoder may raise on bytes that are not what it was made for.
_NOT_PLAIN = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


@lru_cache(MAX_SHAPES)
def _chat_shape(roles: tuple[str, ...]) -> Shape:
    """Return the shape of a conversation in which every answer trains."""
    turns = tuple(Message(role, "-", trained=role == "assistant") for role in roles)
    notes = Notes()
    check_targets(turns, "", notes)
    check_order(turns, roles, notes)
    if notes.findings:
        raise NotPlain
    answers = tuple(at for at, role in enumerate(roles) if role == "assistant")
    return shape_of(roles, answers, len(roles) - roles.count("system"))


@lru_cache(MAX_SHAPES)
def _v4_shape(history: tuple[str, ...], system: bool, target: bool) -> Shape:  # noqa: FBT001 - keywords cost
    """Return the shape of a row in which the last turn alone can train."""
    roles = (*("system",) * system, *history, "user", *("assistant",) * target)
    return shape_of(roles, (len(roles) - 1,), 2) if target else shape_of(roles, (), 1, 1)


@lru_cache(MAX_SHAPES)
def _require_order(history: tuple[str, ...]) -> None:
    notes = Notes()
    check_order_inside(tuple(Message(role, "-") for role in history), history, notes)
    if notes.findings:
        raise NotPlain


def _plain(
    turns: Sequence[ChatTurn | ShareGptTurn],
    roles: tuple[str, ...],
    conversation_id: str | None = None,
) -> FastRow:
    shape = _chat_shape(roles)
    texts = [turn.content for turn in turns]
    if any_blank(texts):
        raise NotPlain
    return FastRow(shape, texts, conversation_id)


def _conversation(row: NamedRow) -> str | None:
    if row.conversation_id is msgspec.UNSET and row.id is msgspec.UNSET:
        return None
    for given in (row.conversation_id, row.id):
        if isinstance(given, int):
            return str(given)
        if isinstance(given, str) and not is_blank(given):
            return given
    return None


def _chat(row: ChatRow) -> FastRow:
    turns = row.messages
    return _plain(turns, tuple([turn.role for turn in turns]), _conversation(row))


def _conversations(row: ConversationsRow) -> FastRow:
    turns = row.conversations
    return _plain(turns, tuple([turn.role for turn in turns]), _conversation(row))


_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant"}


def _sharegpt(row: ShareGptRow) -> FastRow:
    turns = row.conversations
    roles = tuple([_SHAREGPT_ROLES.get(turn.role, turn.role) for turn in turns])
    return _plain(turns, roles, _conversation(row))


def _turns(row: TurnsRow) -> FastRow:
    if is_blank(row.conversation_id):
        raise NotPlain
    turns = row.turns
    return _plain(turns, tuple([turn.role for turn in turns]), row.conversation_id)


_PAIR = _chat_shape(("user", "assistant"))
_SYSTEM_PAIR = _chat_shape(("system", "user", "assistant"))


def _pair(question: str, answer: str, system: str | None) -> FastRow:
    if system is None or is_blank(system):
        return FastRow(_PAIR, [question, answer])
    return FastRow(_SYSTEM_PAIR, [system, question, answer])


def _prompt_completion(row: PairRow) -> FastRow:
    if is_blank(row.prompt) or is_blank(row.completion):
        raise NotPlain
    return _pair(row.prompt, row.completion, None)


def _alpaca(row: AlpacaRow) -> FastRow:
    if is_blank(row.instruction) or is_blank(row.output):
        raise NotPlain
    question = row.instruction
    if row.input and not is_blank(row.input):
        question = f"{question}\n{row.input}"
    return _pair(question, row.output, row.system or None)


def _v4(row: V4Row) -> FastRow:
    question, target, system = row.current_user_input, row.target_response, row.system_prompt
    history = row.conversation_history or ()
    roles = tuple([turn.role for turn in history])
    texts = [turn.content for turn in history]
    _require_order(roles)
    if any_blank((row.conversation_id, question, target or "-", *texts)):
        raise NotPlain
    if roles and roles[-1] == "user" and texts[-1].strip() == question.strip():
        roles = roles[:-1]
        texts.pop()
    has_system = bool(system) and not is_blank(system or "")
    shape = _v4_shape(roles, has_system, target is not None)
    texts.append(question)
    if target is not None:
        texts.append(target)
    if has_system and system:
        texts.insert(0, system)
    return FastRow(shape, texts, row.conversation_id)


class _Reader(msgspec.Struct, frozen=True):
    """How rows of one format are read.

    Attributes:
        quotes: how many quotes rows take in their lines, besides those within texts.
        texts: what may hold quotes besides.
    """

    decoder: msgspec.json.Decoder[Any]
    read: Callable[[Any], FastRow]
    quotes: Callable[[Sequence[Any]], int]
    texts: Callable[[Sequence[Any]], list[str]]


_READERS: Mapping[DatasetFormat, _Reader] = MappingProxyType(
    {
        DatasetFormat.OPENAI_CHAT: _Reader(Decoder(ChatRow), _chat, chat_quotes, chat_texts),
        DatasetFormat.CONVERSATIONS: _Reader(
            Decoder(ConversationsRow), _conversations, conversations_quotes, conversations_texts
        ),
        DatasetFormat.SHAREGPT: _Reader(
            Decoder(ShareGptRow), _sharegpt, conversations_quotes, conversations_texts
        ),
        DatasetFormat.TURNS: _Reader(Decoder(TurnsRow), _turns, turns_quotes, turns_texts),
        DatasetFormat.PROMPT_COMPLETION: _Reader(
            Decoder(PairRow), _prompt_completion, pair_quotes, pair_texts
        ),
        DatasetFormat.ALPACA: _Reader(Decoder(AlpacaRow), _alpaca, alpaca_quotes, alpaca_texts),
        DatasetFormat.BRIGHTRUN_V4: _Reader(Decoder(V4Row), _v4, v4_quotes, v4_texts),
    }
)


def read_plain(batch: Batch, expected: DatasetFormat | None) -> list[FastRow] | None:
    """Return all rows of a batch if every one is plainly right, otherwise `None`."""
    reader = None if expected is None else _READERS.get(expected)
    lines = batch.lines
    if reader is None or not lines or len(batch.ends) < batch.line_ends:
        return None
    if not _are_objects(lines, batch.ends):
        return None
    try:
        decoded = reader.decoder.decode_lines(lines)
        plain = list(map(reader.read, decoded))
        whole = len(plain) == batch.line_ends + 1 and _are_all_quotes(reader, decoded, lines)
    except _NOT_PLAIN:
        return None
    return plain if whole else None


def _are_all_quotes(reader: _Reader, rows: Sequence[Any], lines: bytes) -> bool:
    """Whether no key stands twice, for its quotes would be too many."""
    within_texts = lines.count(b'"') - reader.quotes(rows)
    if not within_texts:
        return True
    # Two spellings of a quote within texts could make up for the quotes of a key.
    if b"\\u0022" in lines:
        return False
    return within_texts == "".join(reader.texts(rows)).count('"')


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
        decoded = reader.decoder.decode(row)
        plain = reader.read(decoded)
        return plain if _are_all_quotes(reader, (decoded,), row) else None
    except _NOT_PLAIN:
        return None
