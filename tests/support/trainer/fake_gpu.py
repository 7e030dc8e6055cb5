"""A GPU that is not there: real shapes, every operator's types and shapes, and bytes counted.

Under `FakeTensorMode` an operator runs its shape function alone, forward and backward. What only
the kernel itself would refuse, or allocate while it runs, is added here from its source.

Where no GPU is, autograd refuses even fake CUDA tensors (torch 2.13: a CPU build has no streams to
ask for, a CUDA build no primary context). There a device of another name stands for the GPU, and
tensors of two devices still do not mix; where a GPU is, its own name is used.
"""

import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

ON_CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if ON_CUDA else "lazy", 0)
_FLASH_PADDING_TOKENS = 128
"""Rows between two documents in the accumulator of flash attention's backward pass."""


class KernelRefusedError(RuntimeError):
    """A CUDA kernel would not take these arguments."""


class LiveBytes(TorchDispatchMode):
    """Counts bytes of tensors on `DEVICE`: those alive now, and the most there ever were.

    Attributes:
        largest_at: the operator that was running when there were the most.
        calls: how often each operator ran.

    Not counted: the allocator's rounding and fragmentation, cuBLAS workspaces, the CUDA context.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self.largest_at = ""
        self.calls: Counter[str] = Counter()
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        name = func._schema.name
        self.calls[name] += 1
        if name in _REFUSALS:
            _REFUSALS[name](*args)
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor) and leaf.device.type == DEVICE.type:
                self._count(leaf)
        scratch = _SCRATCH[name](*args) if name in _SCRATCH else 0
        if self.live + scratch > self.peak:
            self.peak, self.largest_at = self.live + scratch, name
        return result

    def _count(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage not in self._seen:
            self._seen.add(storage)
            self.live += storage.nbytes()
            weakref.finalize(storage, self._forget, storage.nbytes())

    def _forget(self, count: int) -> None:
        self.live -= count


def _refuse_product(*operands: Any) -> None:
    """What cuBLAS is not asked for: a shape function lets two types pass, the product does not."""
    types = {each.dtype for each in operands if isinstance(each, Tensor)}
    _require({"matrices have one type": len(types) == 1})


def _refuse_forward(query: Tensor, key: Tensor, value: Tensor, *rest: Any) -> None:
    """What `mha_varlen_fwd` checks, and that every document's queries have their keys.

    Source: aten/src/ATen/native/transformers/cuda/flash_attn/flash_api.cpp in pytorch/pytorch.
    """
    boundaries = rest[:2]
    heads, width = query.shape[1:]
    promises = {
        "queries are bf16 or fp16": query.dtype in {torch.bfloat16, torch.float16},
        "keys and values have the queries' type": key.dtype == value.dtype == query.dtype,
        "boundaries are int32": all(each.dtype == torch.int32 for each in boundaries),
        "boundaries are contiguous": all(each.is_contiguous() for each in boundaries),
        "boundaries are on the queries' device": {each.device for each in boundaries}
        == {query.device},
        "the last dimension is contiguous": all(
            each.stride(-1) == 1 for each in (query, key, value)
        ),
        "a head is at most 256 wide, in eights": width <= 256 and width % 8 == 0,
        "key heads divide query heads": heads % key.shape[1] == 0,
        "keys and values have one shape": key.shape == value.shape,
        "heads are equally wide": key.shape[2] == width,
        "there are as many keys as queries": len(key) == len(query),
    }
    _require(promises)


def _refuse_backward(gradient: Tensor, query: Tensor, *_rest: Any) -> None:
    """What `mha_varlen_bwd` checks beyond that."""
    _require(
        {
            "the gradient has the queries' type": gradient.dtype == query.dtype,
            "the gradient has the queries' shape": gradient.shape == query.shape,
        }
    )


def _require(promises: dict[str, bool]) -> None:
    broken = [words for words, kept in promises.items() if not kept]
    if broken:
        raise KernelRefusedError(", ".join(broken))


def _flash_scratch(_gradient: Tensor, query: Tensor, key: Tensor, *rest: Any) -> int:
    """fp32 accumulators of the queries' gradient, and keys' gradients for every query head."""
    boundaries: Tensor = rest[3]
    tokens, heads, width = query.shape
    rounding = 32 if width <= 128 else 64
    rows = tokens + _FLASH_PADDING_TOKENS * (boundaries.numel() - 1)
    accumulated = 4 * rows * heads * (-(-width // rounding) * rounding + 1)
    grouped = key.shape[1] != heads
    return accumulated + (2 * query.numel() * query.element_size() if grouped else 0)


def _full_copy(values: Tensor, *_rest: Any) -> int:
    """`logsumexp` subtracts the maxima into a tensor of its own, 65 MB for 65 MB when profiled."""
    return values.numel() * values.element_size()


_REFUSALS: dict[str, Callable[..., None]] = {
    "aten::mm": _refuse_product,
    "aten::addmm": _refuse_product,
    "aten::addmm_": _refuse_product,
    "torch_attn::_varlen_attn": _refuse_forward,
    "torch_attn::_varlen_attn_backward": _refuse_backward,
}
_SCRATCH: dict[str, Callable[..., int]] = {
    "torch_attn::_varlen_attn_backward": _flash_scratch,
    "aten::logsumexp": _full_copy,
}


def name_device() -> None:
    """Let torch's checkpointing find a module for the stand-in device. Safe to repeat."""
    if not ON_CUDA and not hasattr(torch, DEVICE.type):
        torch._register_device_module(DEVICE.type, ModuleType(f"torch.{DEVICE.type}"))
