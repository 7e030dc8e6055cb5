"""LM head and cross-entropy on the supervised positions only, in chunks, logits never kept.

The gradient with respect to the hidden states is made in the forward pass, so that a vocabulary's
width of logits exists for one chunk at a time.
"""

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function

from brightrun.training.estimator import CHUNK_TOKENS


class _SummedLoss(Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:  # noqa: ANN401
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        gradient = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        for start in range(0, hidden.shape[0], CHUNK_TOKENS):
            chunk = slice(start, start + CHUNK_TOKENS)
            logits = (hidden[chunk] @ weight.T).float()
            wanted = targets[chunk, None]
            norms = torch.logsumexp(logits, dim=-1, keepdim=True)
            total += (norms - logits.gather(1, wanted)).sum()
            if gradient is not None:
                share = logits.sub_(norms).exp_()
                share.scatter_add_(1, wanted, share.new_full((), -1.0).expand(wanted.shape))
                gradient[chunk] = share.to(weight.dtype) @ weight
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None, None


def summed_loss(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Return the sum of negative log-likelihoods, a scalar in fp32.

    Shapes: hidden `(supervised, width)`, weight `(vocabulary, width)`, targets `(supervised,)`.
    """
    total = _SummedLoss.apply(hidden, weight, targets)  # type: ignore[no-untyped-call]
    return cast("Tensor", total)


@torch.no_grad()
def token_losses(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Return each target's negative log-likelihood `(supervised,)` in fp32, without gradients."""
    losses = []
    for start in range(0, hidden.shape[0], CHUNK_TOKENS):
        chunk = slice(start, start + CHUNK_TOKENS)
        logits = (hidden[chunk] @ weight.T).float()
        chosen = logits.gather(1, targets[chunk, None])[:, 0]
        losses.append(torch.logsumexp(logits, dim=-1) - chosen)
    return torch.cat(losses) if losses else hidden.new_zeros(0, dtype=torch.float32)
