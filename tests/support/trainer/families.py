"""A small random model of every type that trains, and what its projections are called, by hand."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from trainer_image.model.base_model import switch_off_dropout
from trainer_image.model.kernels import attention

SMALL: Mapping[str, Any] = MappingProxyType(
    {
        "vocab_size": 384,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 512,
        "bos_token_id": None,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
)
WINDOW_TOKENS = 24
RECURRENT = {
    "layer_types": ["linear_attention", "linear_attention", "linear_attention", "full_attention"],
    "linear_num_value_heads": 4,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 8,
}
EXPERTS = {"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 48}
TWO_KINDS = ["sliding_attention", "full_attention"] * 2
WINDOWED = {"sliding_window": WINDOW_TOKENS, "layer_types": TWO_KINDS}
LONG_ROPE = {
    "rope_type": "longrope",
    "rope_theta": 10000.0,
    "short_factor": [1.0] * 8,
    "long_factor": [4.0] * 8,
}
CHANGES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "mistral": {"sliding_window": WINDOW_TOKENS},
        "ministral": WINDOWED,
        "ministral3": {"sliding_window": WINDOW_TOKENS},
        "gemma3_text": {**WINDOWED, "final_logit_softcapping": 3.0, "query_pre_attn_scalar": 32},
        "phi3": {
            "sliding_window": WINDOW_TOKENS,
            "original_max_position_embeddings": 64,
            "rope_parameters": LONG_ROPE,
        },
        "granite": {
            "logits_scaling": 4.0,
            "residual_multiplier": 0.5,
            "embedding_multiplier": 6.0,
            "attention_multiplier": 0.1,
        },
        "olmo3": WINDOWED,
        "smollm3": {**WINDOWED, "use_sliding_window": True, "no_rope_layers": [1, 1, 1, 0]},
        "exaone4": WINDOWED,
        "cohere2": {**WINDOWED, "logit_scale": 0.25},
        "qwen3_5_text": RECURRENT,
        "qwen3_5_moe_text": {**RECURRENT, **EXPERTS, "shared_expert_intermediate_size": 48},
        "qwen3_next": {**RECURRENT, **EXPERTS, "shared_expert_intermediate_size": 48},
        "qwen3_moe": EXPERTS,
        "mixtral": {"num_local_experts": 6, "num_experts_per_tok": 2},
    }
)

ATTENTION = {"q_proj", "k_proj", "v_proj", "o_proj"}
FEED_FORWARD = {"gate_proj", "up_proj", "down_proj"}
NEXT = {"in_proj_qkvz", "in_proj_ba", "out_proj"}
QWEN3_5 = {"in_proj_qkv", "in_proj_z", "in_proj_b", "in_proj_a", "out_proj"}
WITHOUT_FEED_FORWARD = ("mixtral", "qwen3_moe", "qwen3_next")
TRAINED: Mapping[str, set[str]] = MappingProxyType(
    {
        "phi3": {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"},
        "glm4": ATTENTION | {"gate_up_proj", "down_proj"},
        "qwen3_5_text": ATTENTION | FEED_FORWARD | QWEN3_5,
        "qwen3_5_moe_text": ATTENTION | FEED_FORWARD | QWEN3_5,
        "qwen3_next": ATTENTION | NEXT,
        "qwen3_moe": ATTENTION,
        "mixtral": ATTENTION,
    }
)
"""Names of the modules that train; all others train the seven that a user asks for."""


def trained_names(kind: str) -> set[str]:
    return TRAINED.get(kind, ATTENTION | FEED_FORWARD)


def asked_names(kind: str) -> tuple[str, ...]:
    """Return the most that a user may ask of this type."""
    return tuple(sorted(ATTENTION | (set() if kind in WITHOUT_FEED_FORWARD else FEED_FORWARD)))


def a_family(kind: str, implementation: str = attention.NAME) -> Any:
    """Return the same small random model of this type each time, loud enough to tell rules by."""
    attention.register()
    config = AutoConfig.for_model(kind, **{**SMALL, **CHANGES.get(kind, {})})
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(config, attn_implementation=implementation)
    with torch.no_grad():
        for parameter in model.parameters():
            spread = 0.12 if parameter.dim() > 1 else 0.1
            parameter.add_(torch.randn_like(parameter), alpha=spread)
    model.requires_grad_(requires_grad=False)
    model.config.use_cache = False
    switch_off_dropout(model)
    return model


def saved_family(kind: str, folder: Path) -> Path:
    """Return `folder` with the model's files in it."""
    a_family(kind, "sdpa").save_pretrained(folder)
    return folder
