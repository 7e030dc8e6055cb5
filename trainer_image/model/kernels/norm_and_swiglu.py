"""RMSNorm and SwiGLU of a frozen model as one autograd function each, on any device.

transformers writes them as six and two recorded operations; here each saves its inputs once and
makes its gradient in few passes. On CUDA Liger's Triton kernels take this place where they can.
"""

from types import MethodType
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional


def fuse(model: nn.Module) -> int:
    """Give the RMSNorm and SwiGLU modules of a Llama-like `model` the fused forward; count them."""
    fused = 0
    for module in model.modules():
        if _is_norm(module):
            module.forward = MethodType(_norm, module)
            fused += 1
        elif _is_swiglu(module):
            module.forward = MethodType(_swiglu, module)
            fused += 1
    return fused


def _is_norm(module: nn.Module) -> bool:
    return type(module).__name__.endswith("RMSNorm") and hasattr(module, "variance_epsilon")


def _is_swiglu(module: nn.Module) -> bool:
    has_projections = all(hasattr(module, name) for name in ("gate_proj", "up_proj", "down_proj"))
    return has_projections and isinstance(
        getattr(module, "act_fn", None), nn.SiLU | _transformers_silu()
    )


def _transformers_silu() -> type[nn.Module]:
    from transformers.activations import ACT2FN  # noqa: PLC0415 - heavy, and needed here alone

    return type(ACT2FN["silu"])


def _norm(self: Any, hidden: Tensor) -> Tensor:  # noqa: ANN401
    normed = _Norm.apply(hidden, self.weight, self.variance_epsilon)  # type: ignore[no-untyped-call]
    return cast("Tensor", normed)


def _swiglu(self: Any, hidden: Tensor) -> Tensor:  # noqa: ANN401
    gated = _Gate.apply(self.gate_proj(hidden), self.up_proj(hidden))  # type: ignore[no-untyped-call]
    return cast("Tensor", self.down_proj(gated))


class _Norm(Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, epsilon: float) -> Tensor:  # noqa: ANN401
        wide = hidden.float()
        scale = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
        scale = scale.square_().div_(wide.shape[-1]).add_(epsilon).rsqrt_()
        ctx.save_for_backward(hidden, weight, scale)
        normed: Tensor = (wide * scale).to(hidden.dtype).mul_(weight)
        return normed

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        hidden, weight, scale = ctx.saved_tensors
        wide = hidden.float()
        gradient = upstream[0].float() * weight
        along = torch.linalg.vecdot(gradient, wide).unsqueeze(-1)
        along.mul_(scale.square()).div_(-wide.shape[-1])
        through: Tensor = gradient.addcmul_(wide, along).mul_(scale).to(hidden.dtype)
        return through, None, None


class _Gate(Function):
    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(gate, up)
        return functional.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        gate, up = ctx.saved_tensors
        (gradient,) = upstream
        to_up = functional.silu(gate).mul_(gradient)
        to_gate = torch.ops.aten.silu_backward(gradient * up, gate)
        return cast("Tensor", to_gate), to_up
