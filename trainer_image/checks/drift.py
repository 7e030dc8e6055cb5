"""Does every argument and attribute we rely on exist in the installed libraries?

Several of them take `**kwargs` and swallow what they no longer know; a renamed argument would
train something else in silence. The image's build runs this, and so does a test.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import torch
from bitsandbytes.functional import quantize_4bit
from bitsandbytes.nn import Linear4bit, Params4bit
from bitsandbytes.nn.parametrize import replace_parameter_4bit
from huggingface_hub import (
    HfApi,
    get_cached_repo_tree,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.file_download import repo_folder_name
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora.layer import LoraLayer
from torch.nn.attention.varlen import varlen_attn
from torch.utils.checkpoint import checkpoint
from transformers import (
    BitsAndBytesConfig,
    LlamaForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
)
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
    torch.optim.AdamW.__init__: ("lr", "betas", "eps", "weight_decay", "fused"),
    varlen_attn: ("scale", "window_size"),
    quantize_4bit: ("compress_statistics", "quant_type"),
    replace_parameter_4bit: ("compress_statistics", "quant_type"),
    Linear4bit.__init__: (
        "bias",
        "compute_dtype",
        "compress_statistics",
        "quant_type",
        "device",
    ),
    Params4bit.__new__: ("requires_grad", "compress_statistics", "quant_type"),
    sdpa_attention_forward: ("attention_mask", "scaling", "dropout"),
    snapshot_download: (
        "revision",
        "cache_dir",
        "allow_patterns",
        "ignore_patterns",
        "local_files_only",
        "endpoint",
    ),
    get_cached_repo_tree: ("revision", "cache_dir"),
    try_to_load_from_cache: ("revision", "cache_dir"),
    repo_folder_name: ("repo_id", "repo_type"),
    HfApi.model_info: ("revision", "files_metadata"),
}
CONSUMED: Mapping[Callable[..., Any], tuple[str, ...]] = {
    checkpoint: ("use_reentrant", "preserve_rng_state"),
    PreTrainedModel.from_pretrained: (
        "dtype",
        "attn_implementation",
        "device_map",
        "quantization_config",
        "local_files_only",
    ),
    PreTrainedConfig.from_pretrained: ("local_files_only",),
    LlamaForCausalLM.forward: (
        "input_ids",
        "position_ids",
        "past_key_values",
        "use_cache",
        "logits_to_keep",
    ),
}
"""Functions that take any keyword, and those that each has to do something with."""
LIGER: Mapping[str, tuple[str, ...]] = {
    "_apply_liger_kernel_to_instance": ("model",),
    "apply_liger_kernel_to_llama": ("swiglu", "cross_entropy", "fused_linear_cross_entropy"),
    "apply_liger_kernel_to_gemma": ("geglu", "cross_entropy", "fused_linear_cross_entropy"),
}
"""Liger leaves out, without a word, what one of its functions does not take."""
ATTRIBUTES: Mapping[type, tuple[str, ...]] = {
    GradientCheckpointingLayer: ("gradient_checkpointing",),
    LoraLayer: ("disable_adapters", "active_adapters"),
}
LAYER_STATE = ("lora_A", "lora_B", "lora_dropout", "scaling", "lora_variant", "base_layer")
"""What the fused forward reads of a PEFT layer; set in its constructor."""


def drifted() -> list[str]:
    """Return one sentence per thing that is gone; an empty list is good."""
    lost = [*lost_arguments(ARGUMENTS), *_unconsumed(CONSUMED), *_lost_attributes()]
    if find_spec("liger_kernel") and find_spec("triton"):
        from liger_kernel.transformers import monkey_patch  # noqa: PLC0415 - needs Triton

        lost += liger_drift(monkey_patch)
    return lost


def liger_drift(patches: Any) -> Iterator[str]:  # noqa: ANN401 - a module without types
    """Yield a sentence per thing that Liger no longer has; `patches` is its `monkey_patch`."""
    if "llama" not in getattr(patches, "MODEL_TYPE_TO_APPLY_LIGER_FN", ()):
        yield "Liger has no MODEL_TYPE_TO_APPLY_LIGER_FN with llama in it"
    for name, arguments in LIGER.items():
        function = getattr(patches, name, None)
        if function is None:
            yield f"Liger has no {name}"
        else:
            yield from lost_arguments({function: arguments})


def consumed(function: Callable[..., Any]) -> frozenset[str]:
    """Return the keywords that a function with `**kwargs` knows, by signature or by taking them."""
    taken = re.findall(r"""kwargs\.(?:pop|get)\(\s*["'](\w+)["']""", inspect.getsource(function))
    return frozenset(inspect.signature(function).parameters) | frozenset(taken)


def _unconsumed(passed: Mapping[Callable[..., Any], tuple[str, ...]]) -> Iterator[str]:
    for function, names in passed.items():
        for name in sorted(set(names) - consumed(function)):
            yield f"{function.__module__}.{function.__qualname__} does nothing with {name}"


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
