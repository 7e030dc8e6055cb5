"""A mixture of experts onto its device: one decoder layer at a time, in 4 bits on the way.

transformers quantises linear layers alone. Experts are fused into three-dimensional parameters, so
it would lay all of them on the GPU in 16 bits: 160 GB for a model of 80 billion weights.
"""

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils.checkpoint import checkpoint

from trainer_image.model.architectures import Architecture


def quantise(
    model: nn.Module, architecture: Architecture, device: torch.device, compute: torch.dtype
) -> None:
    """Move `model` from the host to `device`, its linear layers and experts in NF4.

    Routers, the gates of shared experts, norms, embeddings and head keep their type. What was moved
    is released on the host before the next layer follows.
    """
    for layer in cast("Any", model).get_decoder().layers:
        for parent, name, module in _children(layer):
            if isinstance(module, nn.Linear) and not name.endswith("_gate"):
                setattr(parent, name, _linear(module, device, compute))
            elif name == "experts":
                _pack(module, architecture.experts, device)
                _recompute(module)
        layer.to(device)
    model.to(device)
    cast("Any", model).is_loaded_in_4bit = True


def _children(layer: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Module]]:
    for path, module in list(layer.named_modules()):
        parent, _, name = path.rpartition(".")
        if name:
            yield layer.get_submodule(parent), name, module


def _linear(dense: nn.Linear, device: torch.device, compute: torch.dtype) -> nn.Module:
    from bitsandbytes.nn import Linear4bit, Params4bit  # noqa: PLC0415 - quantised runs alone

    packed = Linear4bit(
        dense.in_features,
        dense.out_features,
        bias=dense.bias is not None,
        compute_dtype=compute,
        compress_statistics=True,
        quant_type="nf4",
        device="meta",
    )
    packed.weight = Params4bit(
        dense.weight.data, requires_grad=False, compress_statistics=True, quant_type="nf4"
    ).to(device)
    if dense.bias is not None:
        packed.bias = nn.Parameter(dense.bias.data.to(device), requires_grad=False)
    return cast("nn.Module", packed)


def _pack(experts: nn.Module, names: tuple[str, ...], device: torch.device) -> None:
    from bitsandbytes.nn.parametrize import replace_parameter_4bit  # noqa: PLC0415 - as above

    for name in names:
        dense = getattr(experts, name).data
        # quantised where it will stay: the scales do not follow a later `.to`
        setattr(experts, name, nn.Parameter(dense.to(device), requires_grad=False))
        replace_parameter_4bit(experts, name, compress_statistics=True, quant_type="nf4")


def _recompute(experts: nn.Module) -> None:
    """Let the backward pass unpack the experts again, instead of keeping every layer's unpacked.

    They are four times the size of the packed ones, and autograd would hold all of them at once.
    """
    plain = experts.forward

    def unpacked_once(*tensors: Tensor) -> Tensor:
        with parametrize.cached():  # the recomputation bypasses bitsandbytes' own hooks
            return cast("Tensor", plain(*tensors))

    def forward(*tensors: Tensor) -> Tensor:
        # no dropout in there, so no random numbers to replay
        computed = checkpoint(
            unpacked_once, *tensors, use_reentrant=False, preserve_rng_state=False
        )
        return cast("Tensor", computed)

    experts.forward = forward
