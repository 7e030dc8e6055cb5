"""The dataset as token rows, split by conversation. Parsing and labels are the shared package's."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.parsing.reader import RowOutcome, open_rows, parse, read_examples
from brightrun.datasets.problems import Code
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.datasets.tokenizing.truncation import Sized, sized
from brightrun.training.configuration import Hyperparameters, OverLength
from brightrun.training.holdout import held_out
from brightrun.training.protocol import FailureCode
from trainer_image.data.batches import TokenRow
from trainer_image.ipc.failures import RunFailed

_BLOCK_BYTES = 1 << 20
_REFUSALS = {
    Code.CHAT_TEMPLATE_MISSING: FailureCode.CHAT_TEMPLATE_MISSING,
    Code.TEMPLATE_UNSUPPORTED: FailureCode.BASE_MODEL_UNSUPPORTED,
    Code.END_OF_TURN_MISSING: FailureCode.BASE_MODEL_UNSUPPORTED,
}
"""Refusals that hold for every row; all others reject the one row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What trains, what is held out, and how many rows were left out for which reason.

    Attributes:
        truncated: how many rows, of those that train or are held out, lost their oldest turns.
    """

    train: tuple[TokenRow, ...]
    held_out: tuple[TokenRow, ...]
    left_out: dict[str, int]
    truncated: int = 0


def open_encoder(weights: Path) -> ChatEncoder:
    """Return the encoder of the base model in `weights`.

    Raises:
        RunFailed: `CHAT_TEMPLATE_MISSING`, `BASE_MODEL_UNSUPPORTED` or `BASE_MODEL_UNAVAILABLE`.
    """
    paths = {name: weights / name for name in ENCODER_FILES}
    files = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    if not {"tokenizer.json", "tokenizer_config.json"} <= files.keys():
        raise RunFailed(
            FailureCode.BASE_MODEL_UNSUPPORTED, "the base model has no tokenizer.json to train with"
        )
    try:
        return ChatEncoder.from_files(files)
    except EncodingRefused as error:
        raise RunFailed(_REFUSALS[error.code], str(error)) from error


def load_rows(
    dataset: Path,
    encoder: ChatEncoder,
    hyperparameters: Hyperparameters,
    context_tokens: int,
    over_length: OverLength = OverLength.REJECT,
    beat: Callable[[], None] = lambda: None,
) -> Rows:
    """Return every row that trains, as tokens and labels; the validator keeps the same ones.

    Args:
        beat: called for every megabyte that is read.

    Raises:
        RunFailed: `CONTEXT_TOO_SHORT` when a row is allowed by `max_sequence_tokens` and longer
            than the model's context; `NO_TRAINABLE_ROWS`; or a refusal that holds for all rows.
    """
    left_out: Counter[str] = Counter()
    rows = []
    truncated = 0
    limit_tokens = hyperparameters.max_sequence_tokens
    for example in read_examples(_blocks(dataset, beat)):
        found = _sized(encoder, example, limit_tokens, over_length, left_out)
        kept = [] if found is None else [*_trained(found, left_out)]
        for row in kept:
            _require_context(row, context_tokens)
        rows += kept
        truncated += bool(kept and found and found.removed_turns)
    if not rows:
        left_out.update(_rejections(dataset))
        reasons = ", ".join(f"{code}: {count}" for code, count in sorted(left_out.items()))
        raise RunFailed(
            FailureCode.NO_TRAINABLE_ROWS,
            f"no row of the dataset can be trained on ({reasons or 'the file has no rows'})",
        )
    return replace(_split(rows, hyperparameters, dict(left_out)), truncated=truncated)


def _rejections(dataset: Path) -> Counter[str]:
    """Return why rows do not train, in the validator's words: a second reading, for the answer."""
    opened = open_rows(_blocks(dataset))
    parsed = (parse(raw, opened.format) for batch in opened.batches for _, raw in batch.rows())
    return Counter(
        row.findings[0].code
        for row in parsed
        if row.fate is not RowOutcome.TRAINED and row.findings
    )


def context_tokens(config: dict[str, Any]) -> int:
    """Return how many tokens the model was built for."""
    return int(config.get("max_position_embeddings", 2048))


def _sized(
    encoder: ChatEncoder,
    example: Example,
    limit_tokens: int,
    over_length: OverLength,
    left_out: Counter[str],
) -> Sized | None:
    try:
        found = sized(example, encoder, limit_tokens, over_length)
    except EncodingRefused as error:
        if error.code in _REFUSALS:
            raise RunFailed(_REFUSALS[error.code], str(error)) from error
        left_out[error.code] += 1
        return None
    if not found.fits:
        left_out[Code.TOO_LONG] += 1
        return None
    return found


def _trained(found: Sized, left_out: Counter[str]) -> Iterator[TokenRow]:
    for sequence in found.sequences:
        row = TokenRow(
            np.asarray(sequence.input_ids, dtype=np.int32),
            np.asarray(sequence.labels, dtype=np.int32),
            found.example.conversation_id,
        )
        if row.size.supervised_tokens:
            yield row
        else:
            left_out[Code.ZERO_TRAINED_TOKENS] += 1


def _require_context(row: TokenRow, context: int) -> None:
    if len(row.ids) > context:
        raise RunFailed(
            FailureCode.CONTEXT_TOO_SHORT,
            f"a row has {len(row.ids)} tokens and the base model was built for {context}:"
            f" lower max_sequence_tokens to {context}, or take a base model with a longer context",
        )


def _split(
    rows: list[TokenRow], hyperparameters: Hyperparameters, left_out: dict[str, int]
) -> Rows:
    """Hold out whole conversations: rows of one conversation overlap."""
    aside = held_out(
        {row.conversation for row in rows},
        seed=hyperparameters.seed,
        fraction=hyperparameters.validation_fraction,
    )
    return Rows(
        train=tuple(row for row in rows if row.conversation not in aside),
        held_out=tuple(row for row in rows if row.conversation in aside),
        left_out=left_out,
    )


def _blocks(path: Path, beat: Callable[[], None] = lambda: None) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            beat()
            yield block
