"""The documented price formula, with every number worked out by hand.

Covers: training.configuration, training.gpu_fit.
"""

from decimal import Decimal

import pytest

from brightrun.training.configuration import PRESETS, Hyperparameters, Preset
from brightrun.training.cost_estimate import Estimate, Measured, Workload, estimate, in_cents
from brightrun.training.gpu_fit import memory_fit, reckoned_speed
from tests.support.catalogs import load_catalog

CATALOG = load_catalog("[]", {})
A100 = CATALOG.gpu("A100-80GB")
BALANCED = PRESETS[Preset.BALANCED]


def priced(
    workload: Workload = Workload(1000, 200_000),  # noqa: B008 - frozen
    *,
    hyperparameters: Hyperparameters = BALANCED,
    gpu: str = "A100-80GB",
    count: int = 2,
    measured: Measured | None = None,
) -> Estimate:
    return estimate(
        workload,
        hyperparameters,
        CATALOG.gpu(gpu),
        count,
        storage_usd=Decimal("0.50"),
        measured=measured,
    )


def test_the_worked_example_of_the_spec_comes_out_to_the_cent() -> None:
    price = priced()

    assert price.steps_per_epoch == 250
    assert price.total_steps == 750
    assert price.training_seconds.quantize(Decimal("0.01")) == Decimal("166.67")
    assert price.overhead_seconds == 1800
    assert in_cents(price.hours) == Decimal("0.55")
    assert price.hourly_rate == Decimal("7.00")
    assert in_cents(price.compute) == Decimal("3.82")
    assert price.storage == Decimal("0.50")
    assert in_cents(price.total) == Decimal("4.32")
    assert price.basis == "baseline"


@pytest.mark.parametrize(
    ("gpu", "count", "tokens_per_second", "hourly_rate"),
    [
        ("A100-80GB", 1, 1800, "3.50"),
        ("A100-40GB", 3, 4500, "8.40"),
        ("H100", 8, 17600, "33.60"),
        ("V100-32GB", 4, 4800, "8.40"),
    ],
)
def test_each_gpu_type_has_its_own_price_and_speed(
    gpu: str, count: int, tokens_per_second: int, hourly_rate: str
) -> None:
    price = priced(gpu=gpu, count=count)

    assert price.tokens_per_second == tokens_per_second
    assert price.hourly_rate == Decimal(hourly_rate)


def test_a_dataset_without_counts_stands_for_a_thousand_pairs_of_200_tokens() -> None:
    assert priced(Workload(0, 0)) == priced(Workload(1000, 200_000))


def test_a_dataset_smaller_than_a_batch_still_takes_a_step_per_epoch() -> None:
    tuned = Hyperparameters(batch_size=64, epochs=2)
    price = priced(Workload(1, 10), hyperparameters=tuned)

    assert price.steps_per_epoch == 1
    assert price.total_steps == 2
    assert price.training_seconds > 0


def test_accumulated_micro_batches_make_fewer_and_larger_steps() -> None:
    tuned = Hyperparameters(batch_size=4, gradient_accumulation_steps=5, epochs=1)

    assert priced(hyperparameters=tuned).total_steps == 50


def test_the_range_surrounds_the_price() -> None:
    price = priced()

    # compute 3.824074…: times 0.6 and 1.6, plus storage
    assert in_cents(price.low) == Decimal("2.79")
    assert in_cents(price.high) == Decimal("6.62")


def test_measured_runs_replace_the_formula_and_say_so() -> None:
    shown = Measured(runs=4, tokens_per_second=5000.0, overhead_seconds=200.0, deviation=0.05)
    price = priced(measured=shown)

    # 600,000 tokens at 2 x 5,000 a second is 60 s; 260 s at 7.00 an hour is 0.5056
    assert price.basis == "measured"
    assert price.measured_runs == 4
    assert price.training_seconds == 60
    assert price.overhead_seconds == 200
    assert in_cents(price.compute) == Decimal("0.51")
    assert (in_cents(price.low), in_cents(price.high)) == (Decimal("0.96"), Decimal("1.06"))


def test_a_wild_spread_never_makes_the_low_end_free() -> None:
    shown = Measured(runs=2, tokens_per_second=5000.0, overhead_seconds=200.0, deviation=3.0)

    assert priced(measured=shown).low > Decimal("0.50")


def test_a_model_without_a_shape_is_judged_by_the_catalogues_own_figure() -> None:
    model = CATALOG.base_models[0].model_copy(update={"shape": None, "needs_gpu_memory_gb": 80})
    larger = model.model_copy(update={"needs_gpu_memory_gb": 81})

    assert memory_fit(model, A100, BALANCED).fits
    assert not memory_fit(larger, A100, BALANCED).fits


def test_a_model_with_a_shape_is_reckoned_and_longer_rows_need_more() -> None:
    model = CATALOG.base_model("Qwen/Qwen3-8B")
    small = A100.model_copy(update={"memory_gb": 16})
    tuned = Hyperparameters(max_sequence_tokens=32768)

    fit = memory_fit(model, small, tuned)
    short = memory_fit(model, small, tuned, longest_row_tokens=500)

    assert (fit.fits, fit.basis) == (False, "shape")
    assert short.fits
    assert short.needed_gb <= 16 < fit.needed_gb


def test_small_steps_and_idle_gpus_are_in_the_reckoned_speed() -> None:
    """8B on H100s, rows of 400 tokens: four rows keep the chip busy, one does not, nor for two."""
    model, h100 = CATALOG.base_model("Qwen/Qwen3-8B"), CATALOG.gpu("H100")

    def speed(batch_size: int, count: int = 1) -> float:
        tuned = Hyperparameters(batch_size=batch_size)
        found = reckoned_speed(model, h100, tuned, count, row_tokens=400, longest_row_tokens=2048)
        assert found is not None
        return found

    assert speed(64) >= speed(4)
    assert speed(4) > 1.2 * speed(1)
    assert speed(1, count=2) == pytest.approx(speed(1))
    # 8B does 34 GFLOP a token at least: not even the whole peak would do 30,000
    assert speed(64, count=8) < 8 * 989e12 / 34e9


def test_no_speed_is_reckoned_of_what_is_not_known() -> None:
    unknown = CATALOG.base_models[0].model_copy(update={"shape": None})
    elsewhere = A100.model_copy(update={"type": "B300"})

    assert reckoned_speed(unknown, A100, BALANCED, 1, row_tokens=200) is None
    assert reckoned_speed(CATALOG.base_models[0], elsewhere, BALANCED, 1, row_tokens=200) is None
