"""Memory and speed of mixtures and hybrids, against what their cards say.

Covers: training.layer_kinds, training.model_dimensions.
"""

from dataclasses import replace

import pytest

from brightrun.training.memory_model import (
    Setting,
    Workload,
    adapter_weights,
    choose_setting,
    flops_per_token,
    memory,
)
from brightrun.training.model_dimensions import Shape
from tests.support.trainer.model_shapes import LLAMA_8B

QWEN3_NEXT = {
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "intermediate_size": 5120,
    "num_attention_heads": 16,
    "num_key_value_heads": 2,
    "head_dim": 256,
    "vocab_size": 151936,
    "tie_word_embeddings": 0,
    "full_attention_interval": 4,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "num_experts": 512,
    "num_experts_per_tok": 10,
    "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512,
}
QWEN3_30B = {
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "intermediate_size": 6144,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "vocab_size": 151936,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "moe_intermediate_size": 768,
}
MIXTRAL_8X7B = {
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 32000,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
}
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")


@pytest.mark.parametrize(
    ("config", "billions", "active_billions"),
    [
        (QWEN3_NEXT, 79.0, 3.2),  # "80B in total, 79B non-embedding", "3B activated"
        (QWEN3_30B, 29.9, 2.7),  # "30.5B, 29.9B non-embedding", "3.3B activated", 0.6 of them read
        (MIXTRAL_8X7B, 46.4, 12.6),  # 46.7 and 12.9 with 0.26 of embeddings
    ],
)
def test_a_mixture_has_the_weights_its_card_says(
    config: dict[str, int], billions: float, active_billions: float
) -> None:
    shape = Shape.from_config(config)

    assert shape.linear_weights / 1e9 == pytest.approx(billions, rel=0.005)
    assert shape.used_weights / 1e9 == pytest.approx(active_billions, rel=0.02)


def test_qwen3_next_needs_about_48_gb() -> None:
    """80B in 4 bits 41, embeddings 1.2, one layer's experts 3.2: others saw 47 GiB at 2 x 2048."""
    shape = Shape.from_config(QWEN3_NEXT)
    work = Workload(targets=ATTENTION)
    found = memory(shape, work, Setting(4096, 48))

    assert found.weights / 1e9 == pytest.approx(42.1, abs=0.1)
    assert found.peak / 1e9 == pytest.approx(48.0, rel=0.03)
    assert choose_setting(shape, work, 80e9) is not None
    assert choose_setting(shape, work, 48e9) is None


def test_a_mixture_is_as_slow_as_what_a_token_passes_and_as_large_as_all_of_it() -> None:
    shape = Shape.from_config(QWEN3_NEXT)
    dense = replace(LLAMA_8B, layers=13)  # 2.8 billion weights
    work = Workload(targets=ATTENTION)

    ratio = flops_per_token(shape, work, 1) / flops_per_token(dense, work, 1)
    assert 1.0 < ratio < 2.0
    assert (
        memory(shape, work, Setting(4096, 48)).weights
        > 10 * memory(dense, work, Setting(4096, 13)).weights
    )


def test_a_hybrids_adapter_has_its_recurrent_layers_pairs() -> None:
    """36 layers of in_proj_qkvz, in_proj_ba and out_proj, 12 of attention, typed out."""
    recurrent = (2048 + 12288) + (2048 + 64) + (4096 + 2048)
    attending = (2048 + 8192) + 2 * (2048 + 512) + (4096 + 2048)
    found = adapter_weights(Shape.from_config(QWEN3_NEXT), 16, ATTENTION)

    # as if it had four projections inwards, like Qwen3.5: two inputs more per layer
    assert found == 16 * (36 * (recurrent + 2 * 2048) + 12 * attending)


@pytest.mark.parametrize(
    "unknown", [{"kv_lora_rank": 512}, {"num_experts": 8, "mlp_only_layers": [0]}]
)
def test_of_another_kind_of_model_nothing_is_told(unknown: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        Shape.from_config({**QWEN3_30B, **unknown})


def test_experts_are_never_kept_unpacked() -> None:
    found = choose_setting(Shape.from_config(QWEN3_30B), Workload(targets=ATTENTION), 1e12)

    assert found == Setting(8192, 0)
