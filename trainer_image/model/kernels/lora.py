"""A frozen linear layer and its LoRA pair as one autograd function.

PEFT owns the modules, their names, initialisation and files; only the arithmetic of `forward` is
replaced while training. Two widths of output per layer are saved against PEFT's clone, scale and
add. Adapters are fp32 and are cast to the compute type here, not in the optimizer.
"""

from types import MethodType
from typing import Any, cast

import torch
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

_MASK = "brightrun_dropout_mask"


def fuse(model: nn.Module) -> int:
    """Give each plain LoRA linear of `model` the fused forward; return how many there are."""
    fused = 0
    for module in model.modules():
        if isinstance(module, LoraLayer) and not module.lora_variant:
            module.forward = MethodType(_forward, module)
            fused += 1
    return fused


def _forward(self: Any, x: Tensor, *_args: Any, **_kwargs: Any) -> Tensor:  # noqa: ANN401
    if self.disable_adapters:
        return cast("Tensor", self.base_layer(x))
    (name,) = self.active_adapters
    rate: float = getattr(self.lora_dropout[name], "p", 0.0) if self.training else 0.0
    keep = _mask(x, rate) if rate else None
    down, up = self.lora_A[name].weight, self.lora_B[name].weight
    fused = _LoraLinear.apply(x, self.base_layer, down, up, self.scaling[name], keep, rate)  # type: ignore[no-untyped-call]
    return cast("Tensor", fused)


def _mask(x: Tensor, rate: float) -> Tensor:
    """Return which elements of `x` the adapters read, one byte each, drawn once per input.

    Query, key and value read the same tensor, and so do gate and up: one mask for each such group
    is a third less to draw and to keep than PEFT's mask per projection (26.6 instead of 38.9 kB per
    token and layer of an 8B Llama). It lives on the tensor, so it ends with it.
    """
    drawn = getattr(x, _MASK, None)
    if drawn is None:
        drawn = torch.empty_like(x, dtype=torch.bool).bernoulli_(1.0 - rate)
        setattr(x, _MASK, drawn)
    return cast("Tensor", drawn)


def _dense_weight(layer: Any, dtype: torch.dtype) -> Tensor:  # noqa: ANN401
    """Return the frozen weight `(out, in)`; NF4 is unpacked for this one use."""
    state = getattr(layer.weight, "quant_state", None)
    if state is None:
        return cast("Tensor", layer.weight)
    from bitsandbytes.functional import dequantize_4bit  # noqa: PLC0415 - CUDA images alone

    return cast("Tensor", dequantize_4bit(layer.weight.data, state)).to(dtype)


class _LoraLinear(Function):
    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917 - autograd wants them flat
        ctx: Any,  # noqa: ANN401
        x: Tensor,
        layer: nn.Module,
        down: Tensor,
        up: Tensor,
        scaling: float,
        keep: Tensor | None,
        rate: float,
    ) -> Tensor:
        strength = scaling / (1.0 - rate)
        inner = _read(x, keep) @ down.to(x.dtype).T
        output = functional.linear(x, _dense_weight(layer, x.dtype), layer.bias)  # type: ignore[arg-type]
        output.view(-1, output.shape[-1]).addmm_(inner, up.to(x.dtype).T, alpha=strength)
        ctx.layer, ctx.strength = layer, strength
        ctx.save_for_backward(x, down, up, inner, keep)
        return output

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        x, down, up, inner, keep = ctx.saved_tensors
        (gradient,) = upstream
        flat = gradient.reshape(-1, gradient.shape[-1])
        inner_gradient = (flat @ up.to(flat.dtype)).mul_(ctx.strength)
        down_gradient = (inner_gradient.T @ _read(x, keep)).to(down.dtype)
        # the narrow product first: a third faster on a CPU than its transpose
        up_gradient = (inner.T @ flat).mul_(ctx.strength).T.to(up.dtype)
        x_gradient = None
        if ctx.needs_input_grad[0]:
            # the frozen layer's share is added by its own product: no second tensor as wide as x
            x_gradient = inner_gradient @ down.to(flat.dtype)
            if keep is not None:
                x_gradient.mul_(keep.reshape(x_gradient.shape))
            x_gradient.addmm_(flat, _dense_weight(ctx.layer, flat.dtype))
            x_gradient = x_gradient.view(x.shape)
        return x_gradient, None, down_gradient, up_gradient, None, None, None


def _read(x: Tensor, keep: Tensor | None) -> Tensor:
    """Return what the adapter sees of `x`, `(tokens, width)`."""
    return (x if keep is None else x * keep).reshape(-1, x.shape[-1])
