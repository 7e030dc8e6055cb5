"""Dropout drawn inside the products, by a pair of Triton kernels: no mask, no masked copy.

Each element's fate is four bytes of Philox at (seed, place in the tensor), whatever the blocks, so
the backward pass draws what the forward pass drew. Importing this needs Triton: `find` says why
it cannot be used, and is asked first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

MOST_RANKS = 128
"""A group's ranks together, next power of two: more do not fit the registers of a block."""
_LARGEST_ERROR = 2e-2
_CHECKED = (70, 96, 24)
"""Tokens, width and ranks of the trial: none fills its blocks."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tensor `(tokens, width)` of which a share of `rate` is not read; see `dropout.Masked`."""

    x: Tensor
    seed: int
    rate: float
    mask: None = None

    @property
    def again(self) -> Callable[[Tensor, None], "Drawn"]:
        """Makes the same of the saved tensor, in the backward pass; it holds none itself."""
        return partial(_drawn_again, self.seed, self.rate)

    def product(self, down: Tensor) -> Tensor:
        """Return the product with the A matrices, `(tokens, ranks together)`."""
        inner = self.x.new_empty(len(self.x), len(down))
        _kernels().product(self.x, down, inner, self.seed, self.rate)
        return inner

    def add_gradients(
        self, inner_gradient: Tensor, down: Tensor, sums: Tensor, *, wanted: bool
    ) -> Tensor | None:
        """Add the A matrices' gradient to `sums`; return that of what was read, if it is wanted."""
        x_gradient = torch.empty_like(self.x) if wanted else None
        pair = (inner_gradient, down)
        _kernels().gradients(self.x, pair, sums, x_gradient, self.seed, self.rate)
        return x_gradient


def _drawn_again(seed: int, rate: float, x: Tensor, _mask: None) -> Drawn:
    return Drawn(x, seed, rate)


def draw_seed() -> int:
    """Return a seed from the CPU's generator: recomputed layers draw it again, no GPU is asked."""
    return int(torch.randint(2**31 - 1, ()))


@cache
def find(device: torch.device, dtype: torch.dtype = torch.bfloat16) -> str | None:
    """Return why the kernels cannot be used on `device`; None when they gave right results."""
    if find_spec("triton") is None:
        return "Triton is not installed"
    try:
        off = _trial_error(device, dtype)
    except Exception as error:  # noqa: BLE001 - a compiler's own kinds; training goes on without
        return f"they do not run: {type(error).__name__}: {error}"[:300]
    return None if off < _LARGEST_ERROR else f"their results are off by {off:.3g}"


def _trial_error(device: torch.device, dtype: torch.dtype) -> float:
    """Return the largest relative error of product and gradients against the mask they drew."""
    tokens, width, ranks = _CHECKED
    generator = torch.Generator().manual_seed(7)
    x, down, inner_gradient = (
        torch.randn(shape, generator=generator).to(device, dtype)
        for shape in ((tokens, width), (ranks, width), (tokens, ranks))
    )
    ones = torch.ones(tokens, width, dtype=dtype, device=device)
    unit = torch.eye(width, dtype=dtype, device=device)
    mask = Drawn(ones, 11, 0.3).product(unit).float()
    drawn = Drawn(x, 11, 0.3)
    sums = torch.ones(ranks, width, device=device)
    x_gradient = drawn.add_gradients(inner_gradient, down, sums, wanted=True)
    found = (drawn.product(down), sums, x_gradient, mask.mean())
    read, factors, passed = x.float() * mask, down.float(), inner_gradient.float()
    wanted = (
        read @ factors.T,
        1.0 + passed.T @ read,
        (passed @ factors) * mask,
        # 6,720 draws of 0.7: ten times the promised error is seven standard deviations
        torch.full((), 0.7, device=device),
    )
    errors = [
        float((one.float() - other).norm() / other.norm())  # type: ignore[union-attr]
        for one, other in zip(found, wanted, strict=True)
    ]
    return max(*errors[:3], errors[3] / 2)


@cache
def _kernels() -> Any:  # noqa: ANN401 - a module that needs Triton
    from trainer_image.model.kernels import triton_dropout  # noqa: PLC0415 - GPUs alone have it

    return triton_dropout
