"""What the model makes of rows: their loss, row by row, without gradients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from trainer_image.base_model import decoder, head_weight
from trainer_image.kernels.head import token_losses
from trainer_image.packed import Packed, TokenRow, pack_rows
from trainer_image.plan import pack
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


def supervised_states(model: nn.Module, packed: Packed) -> Tensor:
    """Return the last hidden states that predict a target, `(supervised, width)`."""
    output = decoder(model)(
        input_ids=packed.input_ids,
        position_ids=packed.position_ids,
        use_cache=False,
        documents=packed.documents,
    )
    states: Tensor = output.last_hidden_state
    return states[0].index_select(0, packed.sources)


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
    for number, group in enumerate(pack(range(len(rows)), sizes, budget_tokens)):
        if number % ranks.count != ranks.rank:
            continue
        packed = pack_rows([rows[row] for row in group], device)
        losses = token_losses(
            supervised_states(model, packed), head_weight(model), packed.targets
        ).double()
        owner = torch.from_numpy(np.asarray(group)[packed.target_rows])
        both[0].index_add_(0, owner, losses.cpu())
        both[1].index_add_(0, owner, torch.ones(len(owner), dtype=torch.float64))
    model.train(was_training)
    shared = both.to(device)
    ranks.add_up(shared)
    sums, tokens = shared.cpu().numpy()
    return RowLosses(sums, tokens)
