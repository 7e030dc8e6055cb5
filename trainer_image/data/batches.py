"""Rows as the tensors of a forward pass: end to end with boundaries, or each a row of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from brightrun.training.memory_model import LARGEST_SHARE_READ
from trainer_image.data.sampling import Grouping, RowSize, pack, pad

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
        read: positions whose last hidden state is read; None: all of them, or nearly all.
    """

    lengths: tuple[int, ...]
    boundaries: Tensor
    read: Tensor | None = None

    @property
    def longest(self) -> int:
        return max(self.lengths)


@dataclass(frozen=True, slots=True)
class Batch:
    """One forward pass.

    Attributes:
        input_ids, position_ids: `(rows, tokens)`; positions start again with each document.
        documents: where they lie in one packed row; None: each has a row of its own.
        sources: `(supervised,)` positions, rows laid end to end, whose hidden state predicts a
            target.
        targets: `(supervised,)` the token to be predicted there.
        target_rows: `(supervised,)` which of the given rows each target belongs to.
        padding_tokens: positions that belong to no document.
    """

    input_ids: Tensor
    position_ids: Tensor
    documents: Documents | None
    sources: Tensor
    targets: Tensor
    target_rows: Ints
    padding_tokens: int = 0


@dataclass(frozen=True, slots=True)
class BatchLayout:
    """How rows share a forward pass: which of them do, and as what tensors."""

    group: Grouping
    lay_out: Callable[[Sequence[TokenRow], torch.device], Batch]


def pack_rows(rows: Sequence[TokenRow], device: torch.device) -> Batch:
    """Return `rows` laid end to end; the first label of each row never counts."""
    lengths = tuple(len(row.ids) for row in rows)
    starts = [0, *accumulate(lengths)]
    ids = np.concatenate([row.ids for row in rows])
    positions = np.concatenate([np.arange(length) for length in lengths])
    where, targets, owners = _supervised(rows, starts[:-1])
    sources = _long(where, device)
    boundaries = torch.tensor(starts, dtype=torch.int32).to(device, non_blocking=True)
    few = 0 < len(where) <= LARGEST_SHARE_READ * starts[-1]
    return Batch(
        input_ids=_long(ids, device)[None],
        position_ids=_long(positions, device)[None],
        documents=Documents(lengths, boundaries, sources if few else None),
        sources=sources,
        targets=_long(targets, device),
        target_rows=owners,
    )


def pad_rows(rows: Sequence[TokenRow], device: torch.device) -> Batch:
    """Return `rows` below each other, the shorter ones filled up behind their end.

    A causal model computes nothing from what comes later, so no mask is needed. Rows are filled
    with their own last token: an embedding that was trained, whatever token pads elsewhere.
    """
    lengths = [len(row.ids) for row in rows]
    width = max(lengths)
    ids = np.stack([np.pad(row.ids, (0, width - len(row.ids)), mode="edge") for row in rows])
    positions = np.broadcast_to(np.arange(width), ids.shape)
    sources, targets, owners = _supervised(rows, range(0, ids.size, width))
    return Batch(
        input_ids=_long(ids, device),
        position_ids=_long(positions, device),
        documents=None,
        sources=_long(sources, device),
        targets=_long(targets, device),
        target_rows=owners,
        padding_tokens=ids.size - sum(lengths),
    )


PACKED = BatchLayout(pack, pack_rows)
PADDED = BatchLayout(pad, pad_rows)


def _supervised(rows: Sequence[TokenRow], starts: Sequence[int]) -> tuple[Ints, Ints, Ints]:
    """Return source positions, targets, and their rows; a first token is nobody's target."""
    places = [np.nonzero(row.labels[1:] != NO_LOSS)[0] for row in rows]
    sources = [place + start for place, start in zip(places, starts, strict=True)]
    targets = [row.labels[1:][place] for row, place in zip(rows, places, strict=True)]
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(place) for place in places])
    return np.concatenate(sources), np.concatenate(targets), owners


def _long(values: npt.NDArray[np.integer], device: torch.device) -> Tensor:
    return torch.from_numpy(values.astype(np.int64)).to(device, non_blocking=True)
