"""How many tokens a text has when no tokenizer is at hand: an estimate, and labelled so. Pure."""

from collections.abc import Sequence

from brightrun.datasets.parsing.row_shapes import Shape

# Current vocabularies (100 k and more entries) put about four characters of English into a token.
_CHARACTERS_PER_TOKEN = 4
# A character beyond ASCII takes more: by this much for each UTF-8 byte after its first, which
# gives 0.6 tokens for é or я and 0.95 for a Chinese character.
_TOKENS_PER_EXTRA_BYTE = 0.35
# A chat template frames each turn with its role, a line end, and two control tokens.
_FRAME_TOKENS = 5


def estimated_tokens(shape: Shape, texts: Sequence[str], joined: str) -> tuple[int, int]:
    """Return about how many tokens a row has, and about how many of them are trained on.

    Args:
        joined: all texts in one, which the caller has at hand.
    """
    tokens = len(joined) / _CHARACTERS_PER_TOKEN
    if not joined.isascii():
        extra_bytes = len(joined.encode()) - len(joined)
        tokens += extra_bytes * _TOKENS_PER_EXTRA_BYTE
    total = int(tokens) + _FRAME_TOKENS * shape.turns
    answers = sum(map(len, shape.answers(texts)))
    return total, int(tokens * answers / (len(joined) or 1)) + shape.pairs
