"""What Liger 0.8.5 keeps and allocates, without Triton: for counting memory, not for numbers.

Triton kernels have no shape function, so they cannot run on fake tensors. These functions save the
tensors that Liger's autograd functions save, make the outputs they make, and write in place where
they do. Source: liger_kernel/ops/{rms_norm,swiglu,rope}.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function


@contextmanager
def in_place_of_liger(model: nn.Module) -> Iterator[None]:
    """Patch what Liger patches: norms and gates of `model`, and its module's rotary function."""
    for module in model.modules():
        kind = type(module).__name__
        if kind.endswith("RMSNorm"):
            module.forward = MethodType(_norm, module)
        elif kind.endswith("MLP"):
            module.forward = MethodType(_swiglu, module)
    modelling: Any = import_module(type(model).__module__)
    original = modelling.apply_rotary_pos_emb
    modelling.apply_rotary_pos_emb = _rotate
    try:
        yield
    finally:
        modelling.apply_rotary_pos_emb = original


def _norm(self: Any, hidden: Tensor) -> Tensor:
    return _Norm.apply(hidden, self.weight)  # type: ignore[no-any-return, no-untyped-call]


def _swiglu(self: Any, hidden: Tensor) -> Tensor:
    gated = _Gate.apply(self.gate_proj(hidden), self.up_proj(hidden))  # type: ignore[no-untyped-call]
    return self.down_proj(gated)  # type: ignore[no-any-return]


def _rotate(
    query: Tensor, key: Tensor, cos: Tensor, sin: Tensor, *_rest: Any
) -> tuple[Tensor, Tensor]:
    return _Rotary.apply(query, key, cos, sin)  # type: ignore[no-any-return, no-untyped-call]


class _Norm(Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor) -> Tensor:
        rows = hidden.contiguous().view(-1, hidden.shape[-1])
        scale = torch.empty(rows.shape[0], dtype=torch.float32, device=hidden.device)
        ctx.save_for_backward(rows, weight, scale)
        return torch.empty_like(rows).view(hidden.shape)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None]:
        _rows, _weight, _scale = ctx.saved_tensors
        return upstream[0].contiguous(), None  # written over


class _Gate(Function):
    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:
        ctx.save_for_backward(gate.contiguous(), up.contiguous())
        return torch.empty_like(gate)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, Tensor]:
        gate, up = ctx.saved_tensors
        upstream[0].contiguous()
        return gate, up  # written over


class _Rotary(Function):
    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, cos: Tensor, sin: Tensor
    ) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(cos.contiguous(), sin.contiguous())
        return _as_stored(query), _as_stored(key)  # written over

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, Tensor, None, None]:
        _cos, _sin = ctx.saved_tensors
        query, key = upstream
        return _as_stored(query), _as_stored(key), None, None


def _as_stored(heads: Tensor) -> Tensor:
    return heads.transpose(1, 2).contiguous().transpose(1, 2)
