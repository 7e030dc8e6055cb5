"""Plain rows as a native decoder checks them, and how many quotes each takes in its line. Pure."""

from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from brightrun.datasets.parsing.exact_json import exact_loads, flaws_in

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


# How many quotes the keys and texts of a row take, besides those within its texts: a key that
# stands twice takes more. Decoders keep the last of two equal keys without a word, and counting
# is the fastest way to notice.


def _field(value: object) -> int:
    """Return the quotes of a key and its value; none where the key does not stand there."""
    if value is msgspec.UNSET:
        return 0
    return 4 if isinstance(value, str) else 2


@lru_cache(1 << 16)
def _raw_quotes(text: bytes) -> int:
    """Return the quotes of a key and of a value that is kept as it stands, if that is sound."""
    if not text:
        return 0
    if (b"{" in text or b"\\u" in text) and any(flaws_in(exact_loads(text))):
        raise NotPlain
    return 2 + text.count(b'"')


def _named_quotes(row: NamedRow) -> int:
    if row.conversation_id is msgspec.UNSET and row.id is msgspec.UNSET:
        return 2
    names = f"{row.conversation_id}{row.id}"
    return 2 + _field(row.conversation_id) + _field(row.id) + names.count('"')


def chat_quotes(row: ChatRow) -> int:
    return 8 * len(row.messages) + _named_quotes(row)


def conversations_quotes(row: ConversationsRow | ShareGptRow) -> int:
    return 8 * len(row.conversations) + _named_quotes(row)


def turns_quotes(row: TurnsRow) -> int:
    return 6 + 8 * len(row.turns) + row.conversation_id.count('"')


def pair_quotes(_: PairRow) -> int:
    return 8


def alpaca_quotes(row: AlpacaRow) -> int:
    return 8 + _field(row.input) + _field(row.system)


def v4_quotes(row: V4Row) -> int:
    history = row.conversation_history or ()
    said = [turn.content for turn in history]
    said += (row.conversation_id, row.current_user_input)
    said += (row.target_response or "", row.system_prompt or "")
    raws = [
        row.id,
        row.turn_number,
        row.conversation_metadata,
        row.emotional_context,
        row.training_metadata,
        *[turn.turn for turn in history],
        *[turn.emotional_state for turn in history],
    ]
    return (
        8
        + _field(row.target_response)
        + _field(row.system_prompt)
        + _field(row.conversation_history)
        + 8 * len(history)
        + sum(map(_raw_quotes, map(bytes, raws)))
        + "".join(said).count('"')
    )
