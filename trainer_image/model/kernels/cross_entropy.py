"""LM head and cross-entropy on the supervised positions only, in chunks, logits never kept.

The gradient with respect to the hidden states is made in the forward pass, so that a vocabulary's
width of logits exists for one chunk at a time.
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function

from brightrun.training.memory_model import CHUNK_TOKENS


@dataclass(frozen=True, slots=True)
class HeadRule:
    """What a model does to its logits: multiplies them, then caps them by `cap·tanh(logits/cap)`.

    Granite divides them, Cohere multiplies, Gemma caps; most models do neither.
    """

    scale: float = 1.0
    cap: float | None = None

    def logits(self, hidden: Tensor, weight: Tensor) -> Tensor:
        """Return the model's logits in fp32, `(positions, vocabulary)`."""
        logits = (hidden @ weight.T).float()
        if self.scale != 1.0:
            logits *= self.scale
        if self.cap is not None:
            logits.div_(self.cap).tanh_().mul_(self.cap)
        return logits

    def slope(self, logits: Tensor) -> Tensor | float:
        """Return the derivative of `logits` with respect to the plain product."""
        if self.cap is None:
            return self.scale
        return (logits / self.cap).square_().neg_().add_(1.0).mul_(self.scale)


PLAIN_HEAD = HeadRule()


def _chunk_loss(
    hidden: Tensor, weight: Tensor, wanted: Tensor, rule: HeadRule, gradient: Tensor | None
) -> Tensor:
    """Return the chunk's summed loss, and write its gradient into `gradient`.

    All is done in the one tensor of logits, which ends with this call: `logsumexp` would copy it,
    and a loop's variable would hold it until the next chunk's is there (12 bytes per logit, not 6).
    """
    logits = rule.logits(hidden, weight)
    slope = rule.slope(logits)
    chosen = logits.gather(1, wanted)
    highest = logits.amax(dim=-1, keepdim=True)
    whole = logits.sub_(highest).exp_().sum(dim=-1, keepdim=True)
    if gradient is not None:
        share = logits.div_(whole)
        share.scatter_add_(1, wanted, share.new_full((), -1.0).expand(wanted.shape))
        if rule != PLAIN_HEAD:
            share.mul_(slope)
        gradient.copy_(share.to(weight.dtype) @ weight)
    return (highest + whole.log() - chosen).sum()


class _SummedLoss(Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        hidden: Tensor,
        weight: Tensor,
        targets: Tensor,
        rule: HeadRule,
    ) -> Tensor:
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        gradient = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        for start in range(0, hidden.shape[0], CHUNK_TOKENS):
            chunk = slice(start, start + CHUNK_TOKENS)
            into = None if gradient is None else gradient[chunk]
            total += _chunk_loss(hidden[chunk], weight, targets[chunk, None], rule, into)
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None, None]:  # noqa: ANN401
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None, None, None


def summed_loss(
    hidden: Tensor, weight: Tensor, targets: Tensor, rule: HeadRule = PLAIN_HEAD
) -> Tensor:
    """Return the sum of negative log-likelihoods, a scalar in fp32.

    Shapes: hidden `(supervised, width)`, weight `(vocabulary, width)`, targets `(supervised,)`.
    """
    total = _SummedLoss.apply(hidden, weight, targets, rule)  # type: ignore[no-untyped-call]
    return cast("Tensor", total)


@torch.no_grad()
def token_losses(
    hidden: Tensor, weight: Tensor, targets: Tensor, rule: HeadRule = PLAIN_HEAD
) -> Tensor:
    """Return each target's negative log-likelihood `(supervised,)` in fp32, without gradients."""
    losses = []
    for start in range(0, hidden.shape[0], CHUNK_TOKENS):
        chunk = slice(start, start + CHUNK_TOKENS)
        logits = rule.logits(hidden[chunk], weight)
        chosen = logits.gather(1, targets[chunk, None])[:, 0]
        losses.append(torch.logsumexp(logits, dim=-1) - chosen)
    return torch.cat(losses) if losses else hidden.new_zeros(0, dtype=torch.float32)
