"""What a step waits for: the chip, the host, or the link between chips. Worked out by hand."""

import pytest

from brightrun.training.memory_model import CHIPS, Setting, Workload, adapter_weights
from brightrun.training.model_dimensions import Shape
from brightrun.training.speed_model import (
    exchange_seconds,
    host_seconds,
    micro_step_seconds,
    step_seconds,
    tokens_per_second,
)

QWEN3_8B = Shape(
    hidden=4096,
    layers=36,
    intermediate=12288,
    queries=4096,
    keys=1024,
    vocabulary=151936,
    tied_head=False,
    normed_heads=True,
)
WORK = Workload(document_tokens=200)
FULL = Setting(8192, 0)


def test_a_small_micro_step_waits_for_the_host_whatever_the_chip() -> None:
    """Four rows of 200 tokens, weights unpacked at each use: 36 layers of 124 launches of 22 us.

    On an H100 as on an H200; 8,192 tokens do not wait.
    """
    small = Setting(800, 0)

    assert micro_step_seconds(QWEN3_8B, WORK, CHIPS["H100"], small) == pytest.approx(0.0982, 0.01)
    assert micro_step_seconds(QWEN3_8B, WORK, CHIPS["H200"], small) == pytest.approx(0.0982, 0.01)
    assert micro_step_seconds(QWEN3_8B, WORK, CHIPS["H100"], FULL) > 0.5


@pytest.mark.parametrize(
    ("recomputed", "unpacking", "milliseconds"),
    # 36 layers: 82 launches, half as many again where all are recomputed; 42 more to unpack
    [(0, False, 64.9), (36, False, 97.4), (0, True, 98.2), (36, True, 147.3)],
)
def test_the_host_launches_by_what_is_unpacked_and_recomputed(
    recomputed: int, *, unpacking: bool, milliseconds: float
) -> None:
    found = host_seconds(QWEN3_8B, recomputed / 36, unpacking=unpacking)

    assert 1000 * found == pytest.approx(milliseconds, abs=0.1)


def test_a_second_gpu_makes_the_default_step_no_faster() -> None:
    one, two = (
        step_seconds(QWEN3_8B, WORK, CHIPS["H100"], FULL, tokens=800, gpus=gpus) for gpus in (1, 2)
    )

    assert two >= one


def test_a_second_gpu_nearly_halves_a_large_step() -> None:
    one, two = (
        step_seconds(QWEN3_8B, WORK, CHIPS["H100"], FULL, tokens=32_768, gpus=gpus)
        for gpus in (1, 2)
    )

    assert 1.9 < one / two < 2.0


@pytest.mark.parametrize(("chip", "milliseconds"), [("L40S", 17.5), ("A100-80GB", 8.7)])
def test_the_exchange_is_the_adapters_bytes_over_the_link(chip: str, milliseconds: float) -> None:
    """43.6 million fp32 gradients are 175 MB; each of two GPUs sends and receives them once."""
    assert 4 * adapter_weights(QWEN3_8B, 16, WORK.targets) == pytest.approx(175e6, rel=0.01)
    assert 1000 * exchange_seconds(QWEN3_8B, WORK, CHIPS[chip], 2) == pytest.approx(
        milliseconds, rel=0.02
    )


def test_one_gpu_exchanges_nothing_and_eight_less_than_twice_what_two_do() -> None:
    def seconds(gpus: int) -> float:
        return exchange_seconds(QWEN3_8B, WORK, CHIPS["L40S"], gpus)

    assert seconds(1) == 0.0
    assert seconds(8) == pytest.approx(1.75 * seconds(2))


def test_a_step_over_several_micro_steps_exchanges_once() -> None:
    """64 rows of 4,096 on two GPUs: sixteen passes each, and one all-reduce."""
    passes = 16 * micro_step_seconds(QWEN3_8B, WORK, CHIPS["L40S"], FULL)
    step = step_seconds(QWEN3_8B, WORK, CHIPS["L40S"], FULL, tokens=64 * 4096, gpus=2)

    assert step == pytest.approx(passes + exchange_seconds(QWEN3_8B, WORK, CHIPS["L40S"], 2))


def test_full_micro_steps_are_as_fast_as_the_chip_lets_them() -> None:
    assert 12_000 < tokens_per_second(QWEN3_8B, WORK, CHIPS["H100"], FULL) < 18_000
