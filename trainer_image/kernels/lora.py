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
    keep = None
    if rate:
        # a mask of one byte per element; x is not copied a second time
        keep = torch.empty_like(x, dtype=torch.bool).bernoulli_(1.0 - rate)
    down, up = self.lora_A[name].weight, self.lora_B[name].weight
    fused = _LoraLinear.apply(x, self.base_layer, down, up, self.scaling[name], keep, rate)  # type: ignore[no-untyped-call]
    return cast("Tensor", fused)


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
        width = x.shape[-1]
        bias = cast("Tensor | None", layer.bias)
        output = functional.linear(x, _dense_weight(layer, x.dtype), bias)
        dropped = x if keep is None else x * keep
        strength = scaling / (1.0 - rate)
        inner = dropped.reshape(-1, width) @ down.to(x.dtype).T
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
        dropped = (x if keep is None else x * keep).reshape(-1, x.shape[-1])
        down_gradient = (inner_gradient.T @ dropped).to(down.dtype)
        # the narrow product first: a third faster on a CPU than its transpose
        up_gradient = (inner.T @ flat).mul_(ctx.strength).T.to(up.dtype)
        x_gradient = None
        if ctx.needs_input_grad[0]:
            weight = _dense_weight(ctx.layer, flat.dtype)
            x_gradient = flat @ weight
            if keep is None:
                x_gradient.addmm_(inner_gradient, down.to(flat.dtype))
            else:
                through = inner_gradient @ down.to(flat.dtype)
                x_gradient.add_(through.mul_(keep.reshape(through.shape)))
            x_gradient = x_gradient.view(x.shape)
        return x_gradient, None, down_gradient, up_gradient, None, None, None
