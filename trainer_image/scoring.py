"""What the model makes of rows: their loss, row by row, without gradients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from trainer_image.architectures import arrangement_of
from trainer_image.base_model import decoder, head_rule, head_weight
from trainer_image.kernels.head import token_losses
from trainer_image.packed import Batch, TokenRow
from trainer_image.ranks import Ranks


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


@torch.no_grad()
def row_losses(
    model: nn.Module,
    rows: Sequence[TokenRow],
    *,
    device: torch.device,
    budget_tokens: int,
    ranks: Ranks = Ranks(),  # noqa: B008 - frozen
) -> RowLosses:
    """Return the loss of every row; the ranks share the work and all get the answer."""
    sizes = [row.size for row in rows]
    both = torch.zeros(2, len(rows), dtype=torch.float64)
    was_training = model.training
    model.eval()
    arrangement = arrangement_of(cast("Any", model).config)
    for number, group in enumerate(arrangement.group(range(len(rows)), sizes, budget_tokens)):
        if number % ranks.count != ranks.rank:
            continue
        batch = arrangement.lay_out([rows[row] for row in group], device)
        losses = token_losses(
            supervised_states(model, batch), head_weight(model), batch.targets, head_rule(model)
        ).double()
        owner = torch.from_numpy(np.asarray(group)[batch.target_rows])
        both[0].index_add_(0, owner, losses.cpu())
        both[1].index_add_(0, owner, torch.ones(len(owner), dtype=torch.float64))
    model.train(was_training)
    shared = both.to(device)
    ranks.add_up(shared)
    sums, tokens = shared.cpu().numpy()
    return RowLosses(sums, tokens)
