"""Memory and speed against figures worked out by hand or published by others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.training.memory_model import (
    CHIPS,
    Chip,
    Setting,
    Workload,
    adapter_weights,
    choose_setting,
    flops_per_token,
    layer_bytes,
    memory,
)
from brightrun.training.model_dimensions import Shape
from brightrun.training.speed_model import micro_step_seconds, tokens_per_second

LLAMA_8B = Shape(
    hidden=4096,
    layers=32,
    intermediate=14336,
    queries=4096,
    keys=1024,
    vocabulary=128256,
    tied_head=False,
)
LLAMA_70B = Shape(8192, 80, 28672, 8192, 1024, 128256, tied_head=False)


def test_llama_8b_has_the_weights_its_card_says() -> None:
    assert LLAMA_8B.linear_weights == 6_979_321_856
    assert LLAMA_8B.linear_weights + LLAMA_8B.embedding_weights == 8_029_995_008
    assert adapter_weights(LLAMA_8B, 16, Workload().targets) == 41_943_040


@pytest.mark.parametrize(("share", "gigaflops"), [(0.0, 34.0), (1.0, 49.1)])
def test_flops_per_token_of_llama_8b_at_4096(share: float, gigaflops: float) -> None:
    flops = flops_per_token(LLAMA_8B, Workload(document_tokens=4096), share)

    assert flops / 1e9 == pytest.approx(gigaflops, abs=0.05)


@pytest.mark.parametrize(
    ("work", "kept"),
    [
        # 2 x (4096 + 4096 of two norms, 4096 + 1024 + 1024 + 4096 of attention, 14336 + 14336 of
        # SwiGLU, 4096 + 4096 + 14336 read by LoRA pairs, 7 x 16 of their own)
        (Workload(), 139_488),
        # and a byte for 4096 + 4096 + 4096 + 14336 elements
        (Workload(dropout=0.1), 166_112),
        (Workload(rank=128), 141_056),
        (Workload(targets=("q_proj", "v_proj"), dropout=0.1), 106_560),
    ],
)
def test_a_layer_of_llama_8b_keeps_what_its_tensors_add_up_to(work: Workload, kept: int) -> None:
    assert layer_bytes(LLAMA_8B, work) == kept


def test_normed_heads_keep_what_their_norms_read() -> None:
    normed = replace(LLAMA_8B, normed_heads=True)

    assert layer_bytes(normed, Workload()) - layer_bytes(LLAMA_8B, Workload()) == 2 * (4096 + 1024)


def test_a_qwen3_is_known_by_its_type_or_by_what_the_catalogue_says_of_it() -> None:
    config = {
        "hidden_size": 4096,
        "num_hidden_layers": 36,
        "intermediate_size": 12288,
        "num_attention_heads": 32,
        "vocab_size": 151936,
    }

    assert not Shape.from_config(config | {"model_type": "qwen2"}).normed_heads
    assert Shape.from_config(config | {"model_type": "qwen3"}).normed_heads
    assert Shape.from_config(config | {"use_qk_norm": 1}).normed_heads


def test_dropout_recomputes_more_layers_of_the_same_model() -> None:
    none = choose_setting(LLAMA_8B, Workload(), 40e9)
    some = choose_setting(LLAMA_8B, Workload(dropout=0.1), 40e9)

    assert none
    assert some
    assert some.checkpointed_layers > none.checkpointed_layers


def test_torchtunes_8b_qlora_peak_is_predicted() -> None:
    """Published: 7.4 GiB on one RTX 4090; r8, 2 x 2048 packed, every layer recomputed."""
    predicted = memory(LLAMA_8B, Workload(rank=8), Setting(4096, 32)).peak

    assert predicted / 2**30 == pytest.approx(7.4, rel=0.05)


@pytest.mark.parametrize(
    ("shape", "chip", "recomputed", "thousands"),
    [
        (LLAMA_8B, "A100-80GB", 0, 4.3),
        (LLAMA_8B, "H100", 0, 13.5),
        (LLAMA_8B, "H200", 0, 13.6),
        (LLAMA_70B, "H200", 48, 1.17),
    ],
)
def test_speed_is_that_of_the_reference_table(
    shape: Shape, chip: str, recomputed: int, thousands: float
) -> None:
    speed = tokens_per_second(shape, Workload(), CHIPS[chip], Setting(8192, recomputed))

    assert speed / 1000 == pytest.approx(thousands, rel=0.03)


def test_the_larger_gpu_recomputes_fewer_layers() -> None:
    large = choose_setting(LLAMA_8B, Workload(), CHIPS["A100-80GB"].memory_bytes)
    small = choose_setting(LLAMA_8B, Workload(), CHIPS["RTX4090"].memory_bytes)

    assert large == Setting(8192, 0, unpacked=True)
    assert small
    assert small.checkpointed_layers > 16


def test_a_model_too_large_for_the_gpu_has_no_setting() -> None:
    assert choose_setting(LLAMA_70B, Workload(), CHIPS["A100-40GB"].memory_bytes) is None
    assert choose_setting(LLAMA_70B, Workload(), CHIPS["H100"].memory_bytes) is not None


def test_a_row_longer_than_the_micro_step_still_gets_a_setting_that_holds_it() -> None:
    setting = choose_setting(LLAMA_8B, Workload(longest_row_tokens=30_000), 80e9)

    assert setting
    assert setting.micro_step_tokens >= 30_000


@pytest.mark.parametrize("efficiency", [0.0, -0.1, 1.01])
def test_an_efficiency_that_beats_the_chip_cannot_be_written_down(efficiency: float) -> None:
    with pytest.raises(ValueError, match="efficiency"):
        Chip(1e12, 1e12, 1e9, efficiency=efficiency)


@given(
    efficiency=st.floats(0.001, 1.0),
    gpus=st.integers(1, 8),
    tokens=st.integers(1, 1_000_000),
    layers=st.integers(0, 32),
    documents=st.floats(1, 100_000),
    share=st.floats(0, 1),
)
def test_no_figure_beats_the_peak(
    efficiency: float, gpus: int, tokens: int, layers: int, documents: float, share: float
) -> None:
    chip = Chip(989e12, 3.35e12, 80e9, efficiency)
    work = Workload(document_tokens=documents, supervised_share=share)

    speed = tokens_per_second(LLAMA_8B, work, chip, Setting(tokens, layers), gpus)

    assert speed * flops_per_token(LLAMA_8B, work, layers / 32) <= 989e12 * gpus * (1 + 1e-9)


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


@pytest.mark.parametrize("largest", [256, 2048, 8192])
def test_a_small_micro_step_that_was_asked_for_is_taken(largest: int) -> None:
    found = choose_setting(LLAMA_8B, Workload(longest_row_tokens=200), 80e9, largest=largest)

    assert found == Setting(largest, 0, unpacked=True)


@pytest.mark.parametrize(
    ("gigabytes", "tokens", "quantised", "kept"),
    [
        (80, 8192, True, True),
        (40, 8192, True, False),
        (40, 1536, True, True),
        (24, 512, True, False),
        (80, 8192, False, False),
    ],
)
def test_weights_are_kept_unpacked_where_room_is_left(
    gigabytes: int, tokens: int, *, quantised: bool, kept: bool
) -> None:
    """Of an 8B they are 14 GB more; layers are recomputed for nothing of the kind."""
    work = Workload(longest_row_tokens=512, dropout=0.1, quantised=quantised)
    packed, unpacked = (
        memory(LLAMA_8B, work, Setting(tokens, 0, unpacked=each)) for each in (False, True)
    )

    found = choose_setting(LLAMA_8B, work, gigabytes * 1e9, largest=tokens)

    assert found is not None
    assert found.unpacked is kept
    assert (unpacked.needed - packed.needed) * 0.9 == pytest.approx(
        2.0 * LLAMA_8B.linear_weights - 2.0 * 4096 * 14336 if quantised else 0.0, rel=0.02
    )


def test_experts_are_never_kept_unpacked() -> None:
    found = choose_setting(Shape.from_config(QWEN3_30B), Workload(targets=ATTENTION), 1e12)

    assert found == Setting(8192, 0)


def test_unpacking_once_saves_what_unpacking_costs() -> None:
    chip = CHIPS["H100"]
    kept, each_time = (
        micro_step_seconds(LLAMA_8B, Workload(), chip, Setting(8192, 0, unpacked=unpacked))
        for unpacked in (True, False)
    )
    dense = Workload(quantised=False)

    assert each_time > 1.02 * kept
    assert kept == micro_step_seconds(LLAMA_8B, dense, chip, Setting(8192, 0))
