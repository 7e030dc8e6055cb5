"""What an estimate says of the number of GPUs."""

from decimal import Decimal

from brightrun.training.configuration import Hyperparameters
from brightrun.training.gpu_count_advice import gpu_count_warnings

FOUR_ROWS = Hyperparameters(batch_size=4)


def test_a_single_gpu_is_never_warned_of() -> None:
    assert gpu_count_warnings(Decimal(1), None, Hyperparameters(batch_size=1), 1) == ()


def test_a_gpu_that_saves_a_tenth_is_worth_it() -> None:
    assert gpu_count_warnings(Decimal("0.9"), Decimal(1), FOUR_ROWS, 2) == ()


def test_a_gpu_that_saves_less_is_named_with_what_it_costs() -> None:
    (said,) = gpu_count_warnings(Decimal("0.92"), Decimal(1), FOUR_ROWS, 2)

    assert said == (
        "The last of 2 GPUs shortens the run by 8.0 % and raises its hourly price by 100 %"
    )


def test_gpus_without_rows_are_counted() -> None:
    said, _ = gpu_count_warnings(Decimal("0.99"), Decimal(1), Hyperparameters(batch_size=2), 5)

    assert said == (
        "5 GPUs share steps of 2 rows: 3 of them would have nothing to do, and are billed"
    )
