"""A row that is too long, made to fit where its owner chose so. Pure.

Validator, preview and trainer all come through here, so they keep and lose the same turns.
"""

from bisect import bisect_left

import msgspec

from brightrun.datasets.parsing.examples import Example, Message
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, Encoded, EncodingRefused
from brightrun.training.configuration import OverLength


class Sized(msgspec.Struct, frozen=True):
    """A row as it trains, if it does.

    Attributes:
        example: the row, or what is left of it.
        sequences: of `example`; of the whole row when that is too long and stays so.
        row_tokens: of the longest sequence of the whole row.
        removed_turns: how many turns were left out, and `removed_answers` of them would train.
    """

    example: Example
    sequences: tuple[Encoded, ...]
    row_tokens: int
    fits: bool
    removed_turns: int = 0
    removed_answers: int = 0


def sized(
    example: Example, encoder: ChatEncoder, limit_tokens: int | None, over_length: OverLength
) -> Sized:
    """Return the row's sequences; a row over the limit is shortened if its owner chose so.

    The oldest turns after the system turns go, whole, and as few as will do; what is left starts
    with a turn of the user. The last answer that trains, and what was asked for it, stay: a row
    of which these alone are too long does not fit.

    Raises:
        EncodingRefused: the whole row has no labels.
    """
    sequences = encoder.samples(example)
    row_tokens = _longest(sequences)
    fits = limit_tokens is None or row_tokens <= limit_tokens
    whole = Sized(example, sequences, row_tokens, fits)
    if fits or limit_tokens is None or over_length is OverLength.REJECT:
        return whole
    starts = _starts(example.messages)
    # Fewer turns make fewer tokens, so a dozen renderings find the place among a thousand turns.
    at = bisect_left(starts, 1, key=lambda start: _fits(example, start, encoder, limit_tokens))
    return whole if at == len(starts) else _from(whole, starts[at], encoder)


def _from(whole: Sized, start: int, encoder: ChatEncoder) -> Sized:
    shorter = _shortened(whole.example, start)
    left, all_ = shorter.messages, whole.example.messages
    return Sized(
        shorter,
        encoder.samples(shorter),
        whole.row_tokens,
        fits=True,
        removed_turns=len(all_) - len(left),
        removed_answers=_answers(all_) - _answers(left),
    )


def _longest(sequences: tuple[Encoded, ...]) -> int:
    return max(sequence.total_tokens for sequence in sequences)


def _fits(example: Example, start: int, encoder: ChatEncoder, limit_tokens: int) -> bool:
    try:
        return _longest(encoder.samples(_shortened(example, start))) <= limit_tokens
    except EncodingRefused:
        return False


def _shortened(example: Example, start: int) -> Example:
    turns = example.messages
    left = (*turns[: _opening(turns)], *turns[start:])
    return msgspec.structs.replace(example, messages=left)


def _opening(turns: tuple[Message, ...]) -> int:
    """Return how many system turns the row starts with."""
    return next((at for at, turn in enumerate(turns) if turn.role != "system"), len(turns))


def _starts(turns: tuple[Message, ...]) -> list[int]:
    """Return where a shorter row may start: where the user starts to speak, up to the last answer.

    Tool calls are answered before the user speaks again, so none is parted from its answer.
    """
    opening = _opening(turns)
    last = max((at for at, turn in enumerate(turns) if turn.trained), default=0)
    return [
        at
        for at in range(opening + 1, last)
        if turns[at].role == "user" and turns[at - 1].role != "user"
    ]


def _answers(turns: tuple[Message, ...]) -> int:
    return sum(turn.trained for turn in turns)
