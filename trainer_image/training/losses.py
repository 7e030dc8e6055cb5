"""What the model makes of rows: their loss, row by row, without gradients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from brightrun.training.failure_codes import FailureCode
from trainer_image.data.batches import Batch, TokenRow
from trainer_image.data.sampling import RowSize, share
from trainer_image.ipc.failures import RunFailed, means_out_of_memory
from trainer_image.model.architectures import arrangement_of
from trainer_image.model.base_model import decoder, head_rule, head_weight
from trainer_image.model.kernels.cross_entropy import token_losses
from trainer_image.training.distributed import Ranks


@dataclass(frozen=True, slots=True)
class RowLosses:
    """Summed negative log-likelihood and number of supervised tokens of each row, in fp64."""

    sums: np.ndarray[tuple[int], np.dtype[np.float64]]
    tokens: np.ndarray[tuple[int], np.dtype[np.float64]]

    @property
    def mean(self) -> float:
        """Loss per supervised token over all rows."""
        return float(self.sums.sum() / max(1.0, self.tokens.sum()))


def supervised_states(model: nn.Module, batch: Batch) -> Tensor:
    """Return the last hidden states that predict a target, `(supervised, width)`."""
    # rows of their own need no boundaries, and recurrent layers' kernels would not know the word
    boundaries = {} if batch.documents is None else {"documents": batch.documents}
    output = decoder(model)(
        input_ids=batch.input_ids,
        position_ids=batch.position_ids,
        use_cache=False,
        **boundaries,
    )
    states: Tensor = output.last_hidden_state
    return states.flatten(0, 1).index_select(0, batch.sources)


def row_losses(
    model: nn.Module,
    rows: Sequence[TokenRow],
    *,
    device: torch.device,
    budget_tokens: int,
    ranks: Ranks = Ranks(),  # noqa: B008 - frozen
) -> RowLosses:
    """Return the loss of every row; the ranks share the work and all get the answer.

    Rows are dealt before they are grouped, so that each is scored once, whatever memory the ranks
    have: one that runs out of it halves its own budget and goes on.

    Raises:
        RunFailed: `OUT_OF_MEMORY` when one row alone does not fit.
    """
    sizes = [row.size for row in rows]
    was_training = model.training
    model.eval()
    mine = share(range(len(rows)), sizes, ranks.count)[ranks.rank]
    shared = _losses_of(model, rows, mine, device, budget_tokens).to(device)
    model.train(was_training)
    ranks.add_up(shared)
    sums, tokens = shared.cpu().numpy()
    return RowLosses(sums, tokens)


def _losses_of(
    model: nn.Module,
    rows: Sequence[TokenRow],
    mine: Sequence[int],
    device: torch.device,
    budget_tokens: int,
) -> Tensor:
    """Return sums and token counts, `(2, all rows)`; zero for rows that are not `mine`."""
    sizes = [row.size for row in rows]
    arrangement = arrangement_of(cast("Any", model).config)
    both = torch.zeros(2, len(rows), dtype=torch.float64)
    waiting = arrangement.group(mine, sizes, budget_tokens)
    while waiting:
        group, *rest = waiting
        batch = arrangement.lay_out([rows[row] for row in group], device)
        losses = _target_losses(model, batch)
        if losses is None:
            budget_tokens = _less(group, sizes, budget_tokens)
            waiting = arrangement.group(
                [row for each in waiting for row in each], sizes, budget_tokens
            )
            continue
        owner = torch.from_numpy(np.asarray(group)[batch.target_rows])
        both[0].index_add_(0, owner, losses)
        both[1].index_add_(0, owner, torch.ones(len(owner), dtype=torch.float64))
        waiting = tuple(rest)
    return both


@torch.no_grad()
def _target_losses(model: nn.Module, batch: Batch) -> Tensor | None:
    """Return the loss of each target, fp64 on the CPU; None when memory does not suffice."""
    try:
        states = supervised_states(model, batch)
        losses = token_losses(states, head_weight(model), batch.targets, head_rule(model))
        return losses.double().cpu()
    except (RuntimeError, MemoryError) as error:
        if not means_out_of_memory(error):
            raise
        return None


def _less(group: Sequence[int], sizes: Sequence[RowSize], budget_tokens: int) -> int:
    """Return half of the budget, or of what did not fit if that was less."""
    tokens = sum(sizes[row].tokens for row in group)
    if len(group) == 1:
        raise RunFailed(
            FailureCode.OUT_OF_MEMORY,
            f"a row of {tokens} tokens does not fit to be scored: lower max_sequence_tokens or take"
            " a GPU with more memory",
        )
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return min(budget_tokens, tokens) // 2
