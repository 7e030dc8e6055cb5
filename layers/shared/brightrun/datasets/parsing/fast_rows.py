"""Plain rows as a native decoder checks them, and how many quotes each takes in its line. Pure."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import orjson

from brightrun.datasets.parsing.exact_json import MAX_DEPTH, MAX_DIGITS, exact_loads, flaws_in

_SHORT_BYTES = MAX_DEPTH
"""No value of so many bytes is nested too deeply."""
_Text = Annotated[str, msgspec.Meta(min_length=1)]
# Longer ones need the closer look, which refuses some.
_Int = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
_Number = _Int | None | msgspec.UnsetType
_Name = str | _Int | None | msgspec.UnsetType
_Optional = str | None | msgspec.UnsetType


class NotPlain(ValueError):
    """The row needs the closer look."""


class ChatTurn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Text


class ShareGptTurn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["human", "gpt", "system", "user", "assistant"] = msgspec.field(name="from")
    content: _Text = msgspec.field(name="value")


class HistoryTurn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Text
    turn: _Number = msgspec.UNSET
    emotional_state: msgspec.Raw = msgspec.Raw()


class NamedRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A row that may name its conversation; whether a key stands there is known of each."""

    conversation_id: _Name = msgspec.UNSET
    id: _Name = msgspec.UNSET


class ChatRow(NamedRow, forbid_unknown_fields=True, gc=False, kw_only=True):
    messages: list[ChatTurn]


class ConversationsRow(NamedRow, forbid_unknown_fields=True, gc=False, kw_only=True):
    conversations: list[ChatTurn]


class ShareGptRow(NamedRow, forbid_unknown_fields=True, gc=False, kw_only=True):
    conversations: list[ShareGptTurn]


class TurnsRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    conversation_id: _Text
    turns: list[ChatTurn]


class PairRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    prompt: _Text
    completion: _Text


class AlpacaRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    instruction: _Text
    output: _Text
    input: _Optional = msgspec.UNSET
    system: _Optional = msgspec.UNSET


class V4Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    conversation_id: _Text
    current_user_input: _Text
    target_response: _Text | None
    conversation_history: list[HistoryTurn] | msgspec.UnsetType | None = msgspec.UNSET
    system_prompt: _Optional = msgspec.UNSET
    id: _Name = msgspec.UNSET
    turn_number: _Number = msgspec.UNSET
    conversation_metadata: msgspec.Raw = msgspec.Raw()
    emotional_context: msgspec.Raw = msgspec.Raw()
    training_metadata: msgspec.Raw = msgspec.Raw()


# How many quotes the keys and texts of rows take, besides those within their texts: a key that
# stands twice takes more. Decoders keep the last of two equal keys without a word, and counting
# is the fastest way to notice.


def _field(value: object) -> int:
    """Return the quotes of a key and its value; none where the key does not stand there."""
    if value is msgspec.UNSET:
        return 0
    return 4 if isinstance(value, str) else 2


def _named_quotes(row: NamedRow) -> int:
    if row.conversation_id is msgspec.UNSET and row.id is msgspec.UNSET:
        return 2
    return 2 + _field(row.conversation_id) + _field(row.id)


def chat_quotes(rows: Sequence[ChatRow]) -> int:
    return sum([8 * len(row.messages) + _named_quotes(row) for row in rows])


def conversations_quotes(rows: Sequence[ConversationsRow | ShareGptRow]) -> int:
    return sum([8 * len(row.conversations) + _named_quotes(row) for row in rows])


def turns_quotes(rows: Sequence[TurnsRow]) -> int:
    return sum([6 + 8 * len(row.turns) for row in rows])


def pair_quotes(rows: Sequence[PairRow]) -> int:
    return 8 * len(rows)


def alpaca_quotes(rows: Sequence[AlpacaRow]) -> int:
    return sum([8 + _field(row.input) + _field(row.system) for row in rows])


def v4_quotes(rows: Sequence[V4Row]) -> int:
    """Return them with those in values that are kept as they stand, if these are sound."""
    turns = [turn for row in rows for turn in row.conversation_history or ()]
    raws = [turn.emotional_state for turn in turns]
    for row in rows:
        raws += row.conversation_metadata, row.emotional_context, row.training_metadata
    kept = [*filter(None, raws)]
    joined = b"[" + b",".join(kept) + b"]"
    quotes = joined.count(b'"')
    _require_sound(kept, joined, quotes)
    fields = [
        _field(row.target_response)
        + _field(row.system_prompt)
        + _field(row.conversation_history)
        + _field(row.id)
        + _field(row.turn_number)
        for row in rows
    ]
    numbered = len(turns) - [turn.turn for turn in turns].count(msgspec.UNSET)
    return 8 * (len(rows) + len(turns)) + sum(fields) + 2 * (numbered + len(kept)) + quotes


def _require_sound(kept: Iterable[msgspec.Raw], joined: bytes, quotes: int) -> None:
    """Raise NotPlain unless no key stands twice in a value, and nothing else needs a closer look.

    Of two equal keys one is lost when values are decoded, and its quotes are missing when they
    are written again: all values are compared at once. Decoding finds bad UTF-8, too, which the
    decoder of rows passes over in what it keeps.
    """
    if orjson.dumps(orjson.loads(joined)).count(b'"') != quotes or b"\\u" in joined:
        for text in kept:
            _require_exact(bytes(text))
    else:
        for text in kept:
            if len(text) > _SHORT_BYTES:
                _require_shallow(bytes(text))


def _require_shallow(text: bytes) -> None:
    if len(text) > MAX_DIGITS or text.count(b"[") + text.count(b"{") > MAX_DEPTH // 2:
        _require_exact(text)


@lru_cache(1 << 12)
def _require_exact(text: bytes) -> None:
    if any(flaws_in(exact_loads(text))):
        raise NotPlain


# The texts of rows, in which quotes may stand, too.


def _names(rows: Sequence[NamedRow]) -> list[str]:
    return [f"{row.conversation_id}{row.id}" for row in rows]


def chat_texts(rows: Sequence[ChatRow]) -> list[str]:
    return [*_names(rows), *[turn.content for row in rows for turn in row.messages]]


def conversations_texts(rows: Sequence[ConversationsRow | ShareGptRow]) -> list[str]:
    said = [turn.content for row in rows for turn in row.conversations]
    return [*_names(rows), *said]


def turns_texts(rows: Sequence[TurnsRow]) -> list[str]:
    said = [turn.content for row in rows for turn in row.turns]
    return [*[row.conversation_id for row in rows], *said]


def pair_texts(rows: Sequence[PairRow]) -> list[str]:
    return [f"{row.prompt}{row.completion}" for row in rows]


def alpaca_texts(rows: Sequence[AlpacaRow]) -> list[str]:
    return [f"{row.instruction}{row.output}{row.input}{row.system}" for row in rows]


def v4_texts(rows: Sequence[V4Row]) -> list[str]:
    turns = [turn for row in rows for turn in row.conversation_history or ()]
    own = [
        f"{row.conversation_id}{row.current_user_input}{row.target_response}{row.system_prompt}{row.id}"
        for row in rows
    ]
    return [*own, *[turn.content for turn in turns]]
