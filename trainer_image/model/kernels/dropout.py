"""What the adapters read of a tensor, and the products with it: there, and back.

Dropout is a mask, drawn once per tensor; `drawn_dropout` takes this place where its kernels run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

_MASK = "brightrun_dropout_mask"


@dataclass(frozen=True, slots=True)
class Masked:
    """A tensor `(tokens, width)` and which of its elements are read; without a mask all are."""

    x: Tensor
    mask: Tensor | None = None

    @property
    def again(self) -> Callable[[Tensor, Tensor | None], "Masked"]:
        """Makes the same of the saved tensors, in the backward pass."""
        return Masked

    def product(self, down: Tensor) -> Tensor:
        """Return the product with the A matrices, `(tokens, ranks together)`."""
        return self._read() @ down.T

    def add_gradients(
        self, inner_gradient: Tensor, down: Tensor, sums: Tensor, *, wanted: bool
    ) -> Tensor | None:
        """Add the A matrices' gradient to `sums`; return that of what was read, if it is wanted."""
        add_product(sums, inner_gradient.T, self._read())
        if not wanted:
            return None
        x_gradient = inner_gradient @ down
        return x_gradient if self.mask is None else x_gradient.mul_(self.mask)

    def _read(self) -> Tensor:
        return self.x if self.mask is None else self.x * self.mask


def mask(x: Tensor, rate: float) -> Tensor:
    """Return which elements of `x` the adapters read, drawn once per tensor.

    Groups that read one tensor share its mask, as the projections of one group do: a third less to
    draw and to keep than PEFT's mask per projection (26.6 instead of 38.9 kB per token and layer
    of an 8B Llama). It lives on the tensor, so it ends with it.
    """
    drawn = getattr(x, _MASK, None)
    if drawn is None:
        drawn = _draw_on_cpu(x, rate) if x.device.type == "cpu" else _draw(x, rate)
        setattr(x, _MASK, drawn)
    return cast("Tensor", drawn)


def _draw(x: Tensor, rate: float) -> Tensor:
    """Return one byte per element."""
    return torch.empty_like(x, dtype=torch.bool).bernoulli_(1.0 - rate)


def _draw_on_cpu(x: Tensor, rate: float) -> Tensor:
    """Return ones and zeros of the type of `x`: a product with bytes takes twice as long there.

    torch draws numbers one by one on a CPU, and compares them slowly: each of 64 bits from a
    generator of numpy's decides about four elements, eight times as fast as `bernoulli_`. torch's
    own generator gives the seed, so that recomputed layers draw it again. The rate is met to a
    65,536th.
    """
    seed = int(torch.randint(2**63 - 1, ()))
    words = np.random.SFC64(seed).random_raw(-(-x.numel() // 4))
    read = words.view(np.int16)[: x.numel()] >= round(rate * 2**16) - 2**15
    return torch.from_numpy(read.astype(np.float32)).view(x.shape).to(x.dtype)


def add_product(sums: Tensor, left: Tensor, right: Tensor, strength: float = 1.0) -> None:
    """Add `left @ right` to `sums`, which may be of a wider type."""
    if sums.dtype is left.dtype:
        sums.addmm_(left, right, alpha=strength)
    else:
        sums.add_(left @ right, alpha=strength)
