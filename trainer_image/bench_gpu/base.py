"""A frozen model of random weights, built and quantised layer by layer on its device.

No more than one layer exists in 16 bits, so a 70B base needs its NF4 size and 4 GB; nothing
passes through the CPU, where quantising 8B weights would take minutes.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, LlamaConfig
from transformers.models.llama import modeling_llama

from trainer_image.model.base_model import Placement, keep_cpu_gradients
from trainer_image.model.kernels import attention, liger
from trainer_image.training.memory_plan import use_fused_kernels

WEIGHTS_SEED = 3


@dataclass(frozen=True, slots=True)
class BaseKind:
    """What distinguishes one base from another.

    Attributes:
        fused_layers: with the kernels a run uses for RMSNorm, SwiGLU and rotation.
    """

    layers: int
    compute: torch.dtype
    quantised: bool
    fused_layers: bool = True


def random_base(config: dict[str, Any], kind: BaseKind, device: torch.device) -> nn.Module:
    """Return a Llama of N(0, 0.02) weights, the same bits each time on the same device."""
    attention.register()
    liger.give_back()
    torch.manual_seed(WEIGHTS_SEED)
    settings = LlamaConfig(
        **{**config, "num_hidden_layers": 0}, attn_implementation=attention.NAME, use_cache=False
    )
    where = Placement(device, kind.compute, kind.quantised)
    with device:
        model: Any = AutoModelForCausalLM.from_config(settings, dtype=kind.compute)
    _randomise(model)
    for place in range(kind.layers):
        with device:
            layer = modeling_llama.LlamaDecoderLayer(settings, place).to(kind.compute)
        _randomise(layer)
        model.model.layers.append(quantise(layer, where) if kind.quantised else layer)
    settings.num_hidden_layers = kind.layers
    model.requires_grad_(requires_grad=False)
    # PEFT, TRL and accelerate ask this of a model before they treat its layers as 4-bit
    model.is_loaded_in_4bit = kind.quantised
    keep_cpu_gradients(model)
    if kind.fused_layers:
        use_fused_kernels(model, where)
    found: nn.Module = model
    return found


def quantise(layer: nn.Module, where: Placement) -> nn.Module:
    """Put NF4 with double quantisation in place of every projection of `layer`, and return it."""
    for name, module in list(layer.named_modules()):
        if isinstance(module, nn.Linear):
            parent, _, child = name.rpartition(".")
            setattr(layer.get_submodule(parent), child, four_bit(module, where))
    return layer


def four_bit(linear: nn.Linear, where: Placement) -> nn.Module:
    """Return the layer in NF4; its weights are quantised where they are."""
    from bitsandbytes.nn import Linear4bit, Params4bit  # noqa: PLC0415 - heavy; NF4 alone needs it

    # its own weights are made on "meta": they are replaced at once
    packed: nn.Module = Linear4bit(
        linear.in_features,
        linear.out_features,
        bias=False,
        compute_dtype=where.compute,
        compress_statistics=True,
        quant_type="nf4",
        device="meta",
    )
    packed.weight = Params4bit(
        linear.weight.data,
        requires_grad=False,
        compress_statistics=True,
        quant_type="nf4",
        module=packed,
    ).to(where.device)
    return packed


@torch.no_grad()
def _randomise(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.Embedding):
            part.weight.normal_(std=0.02)
