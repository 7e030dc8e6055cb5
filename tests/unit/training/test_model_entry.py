"""A base model's catalogue entry out of its `config.json`: the numbers that memory follows from."""

from typing import Any

import pytest

from brightrun.training.catalog_document import shipped_document
from brightrun.training.model_dimensions import Shape
from brightrun.training.model_entry import HubFacts, NoEntry, entry_of

FACTS = HubFacts("Qwen/Qwen3-8B", "b968826d", 8_190_735_360, "apache-2.0")
QWEN3: dict[str, Any] = {
    "model_type": "qwen3",
    "hidden_size": 4096,
    "num_hidden_layers": 36,
    "intermediate_size": 12288,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "tie_word_embeddings": False,
    "max_position_embeddings": 40960,
    "rope_theta": 1_000_000,
    "torch_dtype": "bfloat16",
}


def test_a_shipped_model_is_described_as_the_catalogue_has_it() -> None:
    (shipped,) = (m for m in shipped_document().base_models if m.id == "Qwen/Qwen3-8B")
    made = entry_of(FACTS, QWEN3)

    assert made.shape == shipped.shape
    assert made.target_modules == shipped.target_modules
    assert (made.parameters, made.license) == (shipped.parameters, shipped.license)
    assert (made.context_tokens, made.experimental) == (40960, False)
    assert 8 <= made.needs_gpu_memory_gb <= shipped.needs_gpu_memory_gb


def test_a_mixture_is_experimental_and_its_experts_cannot_be_asked_for() -> None:
    mixture = {
        **QWEN3,
        "model_type": "qwen3_moe",
        "num_experts": 128,
        "num_experts_per_tok": 8,
        "moe_intermediate_size": 768,
    }
    made = entry_of(FACTS, mixture)

    assert made.experimental
    assert made.target_modules == ("q_proj", "k_proj", "v_proj", "o_proj")
    assert made.shape is not None
    assert Shape.from_config(made.shape) == Shape.from_config(mixture)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kv_lora_rank": 512}, "type qwen3 cannot be reckoned"),
        ({"hidden_size": None}, "cannot be reckoned"),
        ({"max_position_embeddings": None}, "cannot be reckoned"),
        ({"vocab_size": 200_000_000}, "no GPU is large enough"),
    ],
)
def test_of_what_cannot_be_reckoned_nothing_is_guessed(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(NoEntry, match=words):
        entry_of(FACTS, {**QWEN3, **changed})
