"""The frozen weight of one linear layer, and its two products.

4-bit weights are unpacked for each use, or once where memory allows: the numbers are the same, bit
for bit.
"""

from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional

SMALL_ROWS = 512
"""Up to here bitsandbytes' own product, which reads 4 bits, answers where nothing is trained: it is
faster, and what stock PEFT computes when the saved files are proved."""


class FrozenLinear:
    """A frozen layer as training multiplies by it.

    Attributes:
        layer: `nn.Linear`, or bitsandbytes' in 4 bits.
        kept: its unpacked weight `(out, in)`, held between uses.
    """

    def __init__(self, layer: Any) -> None:  # noqa: ANN401 - bitsandbytes has no types
        self.layer = layer
        self.kept: Tensor | None = None

    @property
    def packed(self) -> bool:
        return getattr(self.layer.weight, "quant_state", None) is not None

    def keep(self, dtype: torch.dtype) -> None:
        """Hold the unpacked weight from now on; a dense one is held as it is."""
        if self.packed:
            self.kept = self._unpack(dtype)

    def release(self) -> bool:
        """Hold no unpacked weight any more; return whether there was one."""
        held, self.kept = self.kept is not None, None
        return held

    def output(self, x: Tensor) -> Tensor:
        """Return the layer's output, without a gradient."""
        return functional.linear(x, self.weight(x.dtype), self.layer.bias)

    def answer(self, x: Tensor) -> Tensor:
        """Return the output where nothing is trained: few rows are not worth unpacking for."""
        few = x.numel() <= SMALL_ROWS * x.shape[-1]
        return cast("Tensor", self.layer(x)) if self.packed and few else self.output(x)

    def add_input_gradient(self, into: Tensor, gradient: Tensor) -> None:
        """Add what the output's `gradient` `(tokens, out)` means for the input, in place."""
        into.addmm_(gradient, self.weight(gradient.dtype))

    def weight(self, dtype: torch.dtype) -> Tensor:
        """Return the weight `(out, in)`; what is not kept lives for this one use."""
        if self.kept is not None and self.kept.dtype is dtype:
            return self.kept
        return self._unpack(dtype) if self.packed else cast("Tensor", self.layer.weight)

    def _unpack(self, dtype: torch.dtype) -> Tensor:
        from bitsandbytes.functional import dequantize_4bit  # noqa: PLC0415 - CUDA images alone

        weight = self.layer.weight
        return cast("Tensor", dequantize_4bit(weight.data, weight.quant_state)).to(dtype)
