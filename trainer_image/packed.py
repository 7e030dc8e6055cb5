"""Rows as one flat row for a forward pass, documents kept apart by their boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer_image.plan import RowSize

NO_LOSS = -100
"""The label of a token that is not trained on, as transformers spells it."""

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One document: its tokens, and for each the label it has as a target (or `NO_LOSS`).

    Attributes:
        conversation: rows of one conversation are never split between training and held-out.
    """

    ids: Ints
    labels: Ints
    conversation: str = ""

    @property
    def size(self) -> RowSize:
        # the first token has nothing before it, so it is never predicted
        return RowSize(len(self.ids), int((self.labels[1:] != NO_LOSS).sum()))


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents of a packed row begin and end.

    Attributes:
        lengths: of each document, on the CPU: reading them never waits for the GPU.
        boundaries: int32 `(documents + 1,)`, cumulative, on the device.
    """

    lengths: tuple[int, ...]
    boundaries: Tensor

    @property
    def longest(self) -> int:
        return max(self.lengths)


@dataclass(frozen=True, slots=True)
class Packed:
    """One forward pass.

    Attributes:
        input_ids, position_ids: `(1, tokens)`; positions start again with each document.
        sources: `(supervised,)` positions whose hidden state predicts a target.
        targets: `(supervised,)` the token to be predicted there.
        target_rows: `(supervised,)` which of the packed documents each target belongs to.
    """

    input_ids: Tensor
    position_ids: Tensor
    documents: Documents
    sources: Tensor
    targets: Tensor
    target_rows: Ints


def pack_rows(rows: Sequence[TokenRow], device: torch.device) -> Packed:
    """Return `rows` laid end to end; the first label of each row never counts."""
    lengths = tuple(len(row.ids) for row in rows)
    starts = [0, *accumulate(lengths)]
    ids = np.concatenate([row.ids for row in rows])
    labels = np.concatenate([row.labels for row in rows]).copy()
    labels[starts[:-1]] = NO_LOSS
    positions = np.concatenate([np.arange(length) for length in lengths])
    (predicted,) = np.nonzero(labels != NO_LOSS)
    owner = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
    return Packed(
        input_ids=_long(ids, device)[None],
        position_ids=_long(positions, device)[None],
        documents=Documents(
            lengths, torch.tensor(starts, dtype=torch.int32).to(device, non_blocking=True)
        ),
        sources=_long(predicted - 1, device),
        targets=_long(labels[predicted], device),
        target_rows=owner[predicted],
    )


def _long(values: npt.NDArray[np.integer], device: torch.device) -> Tensor:
    return torch.from_numpy(values.astype(np.int64)).to(device, non_blocking=True)
