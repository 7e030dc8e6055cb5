"""The products of a frozen layer in FP8: an option, for GPUs that multiply such numbers.

The weight is rounded once, with a scale for each row of either operand: e4m3, 3 bits of fraction.
Both directions need the contracted dimension last, so there are two copies, of a byte each. What
is learned is scored and proved with the exact products: `exact` gives those back.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from trainer_image.model.kernels.frozen import FrozenLinear

_TYPE = torch.float8_e4m3fn
_LARGEST = torch.finfo(_TYPE).max
_MULTIPLE = 16
"""Both widths of a product are multiples of it."""
_SMALLEST_SCALE = 1e-12
OLDEST_CAPABILITY = (8, 9)


def why_not(capability: tuple[int, int] | None) -> str | None:
    """Return why a GPU of this compute capability cannot multiply in FP8; None: it can."""
    if capability is None:
        return "there is no GPU"
    if capability < OLDEST_CAPABILITY:
        return (
            "the GPU is older than Ada and Hopper, which multiply in FP8 (L40S, 4090, H100, H200)"
        )
    return None


class Fp8Linear(FrozenLinear):
    """A frozen layer whose products in training are of FP8 operands, summed in fp32."""

    def __init__(self, frozen: FrozenLinear, dtype: torch.dtype) -> None:
        super().__init__(frozen.layer)
        weight = frozen.weight(dtype)
        self.forward_copy = _rounded(weight)
        self.backward_copy = _rounded(weight.T)

    def output(self, x: Tensor) -> Tensor:
        """Return the layer's output, rounded operands multiplied."""
        flat = _product(x.reshape(-1, x.shape[-1]), self.forward_copy)
        if self.layer.bias is not None:
            flat += self.layer.bias
        return flat.view(*x.shape[:-1], flat.shape[-1])

    def add_input_gradient(self, into: Tensor, gradient: Tensor) -> None:
        """Add what the output's `gradient` means for the input, rounded operands multiplied."""
        into.add_(_product(gradient, self.backward_copy))

    def answer(self, x: Tensor) -> Tensor:
        """Return the exact output: nothing is scored or proved with rounded products."""
        return FrozenLinear(self.layer).answer(x)


def rounder(dtype: torch.dtype) -> Callable[[FrozenLinear], FrozenLinear]:
    """Return what gives a layer of activations in `dtype` its FP8 products, if its widths allow."""

    def rounded(frozen: FrozenLinear) -> FrozenLinear:
        sizes = (frozen.layer.in_features, frozen.layer.out_features)
        fits = all(size % _MULTIPLE == 0 for size in sizes)
        return Fp8Linear(frozen, dtype) if fits else frozen

    return rounded


def _rounded(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return `rows` in FP8, and each row's scale `(rows, 1)` in fp32."""
    scale = rows.abs().amax(dim=-1, keepdim=True).float().clamp_(min=_SMALLEST_SCALE).div_(_LARGEST)
    return (rows / scale).to(_TYPE).contiguous(), scale


def _product(left: Tensor, right: tuple[Tensor, Tensor]) -> Tensor:
    narrow, scale = _rounded(left)
    # scaled products come in 16 bits: torch 2.13 makes no others by row
    found = torch._scaled_mm(  # noqa: SLF001 - the one way to it
        narrow,
        right[0].T,
        scale_a=scale,
        scale_b=right[1].T,
        out_dtype=torch.bfloat16,
    )
    return found.to(left.dtype)
