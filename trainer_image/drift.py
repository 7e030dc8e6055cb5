"""Does every argument and attribute we rely on exist in the installed libraries?

Several of them take `**kwargs` and swallow what they no longer know; a renamed argument would
train something else in silence. The image's build runs this, and so does a test.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from bitsandbytes.nn import Linear4bit, Params4bit
from bitsandbytes.nn.parametrize import replace_parameter_4bit
from huggingface_hub import HfApi, snapshot_download
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora.layer import LoraLayer
from torch.nn.attention.varlen import varlen_attn
from torch.utils.checkpoint import checkpoint
from transformers import BitsAndBytesConfig
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.modeling_layers import GradientCheckpointingLayer

ARGUMENTS: Mapping[Callable[..., Any], tuple[str, ...]] = {
    LoraConfig.__init__: (
        "task_type",
        "r",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "bias",
        "base_model_name_or_path",
        "revision",
    ),
    get_peft_model: ("autocast_adapter_dtype",),
    PeftModel.save_pretrained: ("save_embedding_layers",),
    BitsAndBytesConfig.__init__: (
        "load_in_4bit",
        "bnb_4bit_quant_type",
        "bnb_4bit_use_double_quant",
        "bnb_4bit_compute_dtype",
    ),
    torch.optim.AdamW.__init__: ("betas", "eps", "weight_decay", "fused"),
    varlen_attn: ("scale", "window_size"),
    checkpoint: ("use_reentrant",),
    replace_parameter_4bit: ("compress_statistics", "quant_type"),
    Linear4bit.__init__: ("compute_dtype", "compress_statistics", "quant_type", "device"),
    Params4bit.__new__: ("compress_statistics", "quant_type"),
    sdpa_attention_forward: ("attention_mask", "scaling", "dropout"),
    snapshot_download: ("revision", "cache_dir", "allow_patterns", "endpoint"),
    HfApi.model_info: ("revision", "files_metadata"),
}
ATTRIBUTES: Mapping[type, tuple[str, ...]] = {
    GradientCheckpointingLayer: ("gradient_checkpointing",),
    LoraLayer: ("disable_adapters", "active_adapters"),
}
LAYER_STATE = ("lora_A", "lora_B", "lora_dropout", "scaling", "lora_variant", "base_layer")
"""What the fused forward reads of a PEFT layer; set in its constructor."""


def drifted() -> list[str]:
    """Return one sentence per thing that is gone; an empty list is good."""
    return [*lost_arguments(ARGUMENTS), *_lost_attributes()]


def lost_arguments(passed: Mapping[Callable[..., Any], tuple[str, ...]]) -> Iterator[str]:
    """Yield a sentence per argument that a function does not have (any more)."""
    for function, names in passed.items():
        known = inspect.signature(function).parameters
        for name in names:
            if name not in known:
                yield f"{function.__module__}.{function.__qualname__} has no argument {name}"


def _lost_attributes() -> Iterator[str]:
    for owner, names in ATTRIBUTES.items():
        for name in names:
            if not hasattr(owner, name):
                yield f"{owner.__name__} has no attribute {name}"
    layer = LoraLayer(torch.nn.Linear(2, 2))
    for name in LAYER_STATE:
        if not hasattr(layer, name):
            yield f"a LoRA layer has no attribute {name}"
