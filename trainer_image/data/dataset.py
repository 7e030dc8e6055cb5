"""The dataset as token rows, split by conversation. Parsing and labels are the shared package's."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from brightrun.datasets.parsing.reader import RowOutcome
from brightrun.datasets.problems import Code
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.datasets.tokenizing.truncation import Sized
from brightrun.datasets.validation.row_ledger import LedgerSums, judged_rows
from brightrun.training.configuration import Hyperparameters, OverLength
from brightrun.training.failure_codes import FailureCode
from brightrun.training.holdout import held_out
from brightrun.training.ledger import LedgerTotals
from trainer_image.data.batches import TokenRow
from trainer_image.ipc.failures import RunFailed

log = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 20
_OF_THE_MODEL = {
    Code.CHAT_TEMPLATE_MISSING: FailureCode.CHAT_TEMPLATE_MISSING,
    Code.TEMPLATE_UNSUPPORTED: FailureCode.BASE_MODEL_UNSUPPORTED,
    Code.END_OF_TURN_MISSING: FailureCode.BASE_MODEL_UNSUPPORTED,
}
"""What may be the base model's fault. One row proves nothing: only where no row trains it is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What trains, what is held out, and how many rows were left out for which reason.

    Attributes:
        left_out: rejected rows by the validator's codes; the run goes on without them.
        ledger: what became of the rows of the file, as the validator counts.
        truncated: how many rows, of those that train or are held out, lost their oldest turns.
    """

    train: tuple[TokenRow, ...]
    held_out: tuple[TokenRow, ...]
    left_out: dict[str, int]
    truncated: int = 0
    ledger: LedgerTotals = field(default_factory=LedgerTotals)


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
        encoder = ChatEncoder.from_files(files)
    except EncodingRefused as error:
        raise RunFailed(_OF_THE_MODEL[error.code], str(error)) from error
    if encoder.not_fast_because:
        log.warning("tokens are counted slowly: %s", encoder.not_fast_because)
    return encoder


def load_rows(
    dataset: Path,
    encoder: ChatEncoder,
    hyperparameters: Hyperparameters,
    context_tokens: int,
    over_length: OverLength = OverLength.REJECT,
    beat: Callable[[], None] = lambda: None,
) -> Rows:
    """Return every row that trains, as tokens and labels; the validator keeps the same ones.

    A row that cannot train is left out, counted with its reason, and ends nothing.

    Args:
        beat: called for every megabyte that is read.

    Raises:
        RunFailed: no row trains: `CONTEXT_TOO_SHORT` where rows are allowed by
            `max_sequence_tokens` and longer than the model's context, `BASE_MODEL_UNSUPPORTED`
            where its template is the reason for each, else `NO_TRAINABLE_ROWS`.
    """
    left_out: Counter[str] = Counter()
    rows: list[TokenRow] = []
    limit_tokens = min(hyperparameters.max_sequence_tokens, context_tokens)
    sums = LedgerSums()
    for judged in judged_rows(
        _blocks(dataset, beat),
        encoder=encoder,
        max_sequence_tokens=limit_tokens,
        over_length=over_length,
    ):
        entry = judged.entry
        sums.add(entry)
        if entry.fate == RowOutcome.REJECTED.value:
            left_out[entry.reason] += 1
        if judged.sized is not None:
            rows += _trained(judged.sized)
    if not rows:
        raise _nothing_trains(left_out, hyperparameters.max_sequence_tokens, context_tokens)
    split = _split(rows, hyperparameters, dict(left_out))
    ledger = sums.totals()
    return replace(split, truncated=ledger.truncated_rows, ledger=ledger)


def _nothing_trains(left_out: Counter[str], limit_tokens: int, context: int) -> RunFailed:
    """Return why no row trains, in the validator's words."""
    if limit_tokens > context and left_out[Code.TOO_LONG]:
        return RunFailed(
            FailureCode.CONTEXT_TOO_SHORT,
            f"every row is longer than the {context} tokens the base model was built for:"
            f" lower max_sequence_tokens to {context}, or take a base model with a longer context",
        )
    reasons = ", ".join(f"{code}: {count}" for code, count in sorted(left_out.items()))
    faults = {_OF_THE_MODEL.get(Code(code)) for code in left_out}
    if faults == {FailureCode.BASE_MODEL_UNSUPPORTED}:
        return RunFailed(
            FailureCode.BASE_MODEL_UNSUPPORTED,
            f"the base model's chat template cannot be trained with ({reasons})",
        )
    return RunFailed(
        FailureCode.NO_TRAINABLE_ROWS,
        f"no row of the dataset can be trained on ({reasons or 'the file has no rows'})",
    )


def context_tokens(config: dict[str, Any]) -> int:
    """Return how many tokens the model was built for."""
    return int(config.get("max_position_embeddings", 2048))


def _trained(found: Sized) -> Iterator[TokenRow]:
    for sequence in found.sequences:
        row = TokenRow(
            np.asarray(sequence.input_ids, dtype=np.int32),
            np.asarray(sequence.labels, dtype=np.int32),
            found.example.conversation_id,
        )
        if row.size.supervised_tokens:
            yield row


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
