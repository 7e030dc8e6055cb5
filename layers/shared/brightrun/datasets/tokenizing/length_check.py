"""Whether a row fits the base model, and how many tokens it has. Pure."""

import msgspec

from brightrun.datasets.parsing.examples import Example, Row
from brightrun.datasets.parsing.reader import example_of
from brightrun.datasets.parsing.row_places import place_of
from brightrun.datasets.parsing.row_shapes import FastRow
from brightrun.datasets.problems import Code, Finding, excerpt_of
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.token_estimate import estimated_tokens
from brightrun.datasets.tokenizing.truncation import Sized, sized
from brightrun.training.configuration import OverLength


class Fitted(msgspec.Struct, frozen=True):
    """What is known of a row's length.

    Attributes:
        tokens: all, and those trained on; `None` for a row that cannot train.
        shortened: what is left of a row of which turns were removed.
        sized: the sequences it trains as, where tokens are counted.
    """

    tokens: tuple[int, int] | None
    findings: tuple[Finding, ...] = ()
    shortened: Row | None = None
    sized: Sized | None = None


class LengthChecker(msgspec.Struct, frozen=True):
    """What rows are measured by; without an encoder their tokens are estimated."""

    encoder: ChatEncoder | None = None
    limit_tokens: int | None = None
    over_length: OverLength = OverLength.REJECT
    format: DatasetFormat | None = None

    def measure(self, number: int, row: Row, plain: FastRow) -> Fitted:
        """Return the tokens of a row that trains, and what stands in its way; `plain` is it too."""
        if self.encoder is None:
            return _guess(plain, self.limit_tokens)
        try:
            found = sized(
                example_of(number, row), self.encoder, self.limit_tokens, self.over_length
            )
        except EncodingRefused as refusal:
            return _rejected(refused(refusal, row, self.format))
        if not found.fits:
            return _rejected(too_long(found, self.limit_tokens))
        return _fitted(row, found, self.encoder, self.limit_tokens)


def refused(refusal: EncodingRefused, row: Row, kind: DatasetFormat | None) -> Finding:
    """Return why a row cannot be encoded, with the place of what is in the way."""
    part = refusal.part
    path = "" if part is None else place_of(kind, row, part.turn, part.where)
    return Finding(refusal.code, path, str(refusal), excerpt_of(part.spellings[0] if part else ""))


def too_long(found: Sized, limit_tokens: int | None) -> Finding:
    """Return why a row is rejected that does not fit."""
    return Finding(Code.TOO_LONG, detail=_length(found, limit_tokens))


def truncated(found: Sized, limit_tokens: int | None) -> Finding:
    """Return what was left out of a row, so that it fits."""
    turns, answers = found.removed_turns, found.removed_answers
    lost = f", and with them {answers} that would train" if answers else ""
    detail = f"{_length(found, limit_tokens)}: its {turns} oldest turns are left out{lost}"
    return Finding(Code.TRUNCATED, detail=detail)


def _length(found: Sized, limit_tokens: int | None) -> str:
    return f"the row has {found.row_tokens} tokens, the maximum is {limit_tokens}"


def _rejected(finding: Finding) -> Fitted:
    return Fitted(None, (finding,))


def _fitted(row: Row, found: Sized, encoder: ChatEncoder, limit_tokens: int | None) -> Fitted:
    trained = sum(sequence.trained_tokens for sequence in found.sequences)
    if not trained:
        return _rejected(Finding(Code.ZERO_TRAINED_TOKENS))
    tokens = (sum(sequence.total_tokens for sequence in found.sequences), trained)
    cut = (truncated(found, limit_tokens),) if found.removed_turns else ()
    notes = (*cut, *_spelled(found.example, encoder))
    return Fitted(tokens, notes, _left(row, found), found)


def _left(row: Row, found: Sized) -> Row | None:
    """Return the shorter row; answers that went with the oldest turns are skipped targets."""
    if not found.removed_turns:
        return None
    skipped = row.skipped_targets + found.removed_answers
    return msgspec.structs.replace(row, messages=found.example.messages, skipped_targets=skipped)


def _spelled(example: Example, encoder: ChatEncoder) -> tuple[Finding, ...]:
    spelled = encoder.control_token_in(example)
    return () if spelled is None else (Finding(Code.SPECIAL_TOKEN_IN_TEXT, detail=repr(spelled)),)


def _guess(plain: FastRow, limit_tokens: int | None) -> Fitted:
    """Return the row's tokens by estimate, which rejects and shortens nothing: it may well fit."""
    tokens = estimated_tokens(plain.shape, plain.texts, "\n".join(plain.texts))
    if limit_tokens is None or tokens[0] <= limit_tokens:
        return Fitted(tokens)
    return Fitted(tokens, (probably_too_long(tokens[0], limit_tokens),))


def probably_too_long(tokens: int, limit_tokens: int | None) -> Finding:
    """Return the warning for a row that is too long by estimate."""
    detail = f"the row has about {tokens} tokens, the maximum is {limit_tokens}"
    return Finding(Code.PROBABLY_TOO_LONG, detail=detail)
