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
from tests.support.trainer.model_shapes import LLAMA_8B

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


@pytest.mark.parametrize(
    ("supervised", "gigaflops"),
    [
        # 4 x 4096 x 128,256 of the head; 2 x 2 x (4096 x 4096 + 3 x 4096 x 14,336) of the last
        # layer, and as much again where it is recomputed, for half of the tokens
        (1.0, 0.0),
        (0.5, (2.101 + 0.772) / 2),
        # so nearly all that nothing is taken out of the layer
        (0.95, 2.101 * 0.05),
    ],
)
def test_what_nobody_reads_is_not_computed(supervised: float, gigaflops: float) -> None:
    whole = flops_per_token(LLAMA_8B, Workload(), 0.0)
    found = flops_per_token(LLAMA_8B, Workload(supervised_share=supervised), 0.0)

    assert (whole - found) / 1e9 == pytest.approx(gigaflops, abs=0.001)


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


def test_unpacking_once_saves_what_unpacking_costs() -> None:
    chip = CHIPS["H100"]
    kept, each_time = (
        micro_step_seconds(LLAMA_8B, Workload(), chip, Setting(8192, 0, unpacked=unpacked))
        for unpacked in (True, False)
    )
    dense = Workload(quantised=False)

    assert each_time > 1.02 * kept
    assert kept == micro_step_seconds(LLAMA_8B, dense, chip, Setting(8192, 0))
