"""Plain rows as a native decoder checks them, and how many quotes each takes in its line. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from brightrun.datasets.parsing.exact_json import exact_loads, flaws_in
from brightrun.datasets.parsing.row_shapes import MAX_SHAPES

_Text = Annotated[str, msgspec.Meta(min_length=1)]


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
    turn: msgspec.Raw = msgspec.Raw()
    emotional_state: msgspec.Raw = msgspec.Raw()


_Name = str | int | None | msgspec.UnsetType
_Optional = str | None | msgspec.UnsetType


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
    id: msgspec.Raw = msgspec.Raw()
    turn_number: msgspec.Raw = msgspec.Raw()
    conversation_metadata: msgspec.Raw = msgspec.Raw()
    emotional_context: msgspec.Raw = msgspec.Raw()
    training_metadata: msgspec.Raw = msgspec.Raw()


# How many quotes the keys and texts of a row take: a key that stands twice takes more. Decoders
# keep the last of two equal keys without a word, and counting is the fastest way to notice.


def _field(value: object) -> int:
    """Return the quotes of a key and its value; none where the key does not stand there."""
    if isinstance(value, str):
        return 4 + value.count('"')
    if value is msgspec.UNSET:
        return 0
    return 2


def _raw_field(raw: msgspec.Raw) -> int:
    text = bytes(raw)
    if b"{" in text or b"\\u" in text:
        _require_sound(text)
    return 2 + text.count(b'"') if text else 0


@lru_cache(MAX_SHAPES)
def _require_sound(text: bytes) -> None:
    if any(flaws_in(exact_loads(text))):
        raise NotPlain


def _turn_quotes(turns: Sequence[ChatTurn | ShareGptTurn]) -> int:
    return 8 * len(turns) + "".join([turn.content for turn in turns]).count('"')


def _named_quotes(row: NamedRow) -> int:
    return _field(row.conversation_id) + _field(row.id)


def chat_quotes(row: ChatRow) -> int:
    return 2 + _turn_quotes(row.messages) + _named_quotes(row)


def conversations_quotes(row: ConversationsRow | ShareGptRow) -> int:
    return 2 + _turn_quotes(row.conversations) + _named_quotes(row)


def turns_quotes(row: TurnsRow) -> int:
    return 2 + _turn_quotes(row.turns) + _field(row.conversation_id)


def pair_quotes(row: PairRow) -> int:
    return _field(row.prompt) + _field(row.completion)


def alpaca_quotes(row: AlpacaRow) -> int:
    return sum(map(_field, (row.instruction, row.output, row.input, row.system)))


def v4_quotes(row: V4Row) -> int:
    texts = (row.conversation_id, row.current_user_input, row.target_response, row.system_prompt)
    labels = (row.id, row.turn_number, row.conversation_metadata, row.emotional_context)
    quotes = sum(map(_field, texts)) + sum(map(_raw_field, labels))
    quotes += _raw_field(row.training_metadata) + _field(row.conversation_history)
    for turn in row.conversation_history or ():
        quotes += 8 + turn.content.count('"')
        quotes += _raw_field(turn.turn) + _raw_field(turn.emotional_state)
    return quotes
