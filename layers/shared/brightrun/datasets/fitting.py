"""Whether a row fits the base model, and how many tokens it has. Pure."""

import msgspec

from brightrun.datasets.chat import ChatEncoder, EncodingRefused
from brightrun.datasets.estimate import estimated_tokens
from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.rows import Example
from brightrun.datasets.shapes import Plain


class Fitted(msgspec.Struct, frozen=True):
    """What is known of a row's length.

    Attributes:
        tokens: all, and those trained on; `None` for a row that cannot train.
    """

    tokens: tuple[int, int] | None
    finding: Finding | None = None


def fit(example: Example, encoder: ChatEncoder, limit_tokens: int | None) -> Fitted:
    """Return the row's tokens as the trainer will count them, and what stands in the way."""
    try:
        sequences = encoder.samples(example)
    except EncodingRefused as refusal:
        return Fitted(None, Finding(refusal.code, detail=str(refusal)))
    longest = max(len(sequence.input_ids) for sequence in sequences)
    if limit_tokens is not None and longest > limit_tokens:
        detail = f"the row has {longest} tokens, the maximum is {limit_tokens}"
        return Fitted(None, Finding(Code.TOO_LONG, detail=detail))
    trained = sum(sequence.trained_tokens for sequence in sequences)
    if not trained:
        return Fitted(None, Finding(Code.ZERO_TRAINED_TOKENS))
    tokens = (sum(len(sequence.input_ids) for sequence in sequences), trained)
    spelled = encoder.control_token_in(example)
    if spelled is None:
        return Fitted(tokens)
    return Fitted(tokens, Finding(Code.SPECIAL_TOKEN_IN_TEXT, detail=repr(spelled)))


def guess(plain: Plain, limit_tokens: int | None) -> Fitted:
    """Return the row's tokens by estimate, which rejects nothing: the row may well fit."""
    tokens = estimated_tokens(plain.shape, plain.texts, "\n".join(plain.texts))
    if limit_tokens is None or tokens[0] <= limit_tokens:
        return Fitted(tokens)
    detail = f"the row has about {tokens[0]} tokens, the maximum is {limit_tokens}"
    return Fitted(tokens, Finding(Code.PROBABLY_TOO_LONG, detail=detail))
