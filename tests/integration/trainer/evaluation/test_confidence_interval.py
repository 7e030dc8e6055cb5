"""The bounds of a mean per token: values by hand, and how often the truth lies within them."""

import numpy as np
import pytest

from trainer_image.evaluation.confidence_interval import mean_per_token, student_t


def names(count: int, *, rows_each: int = 1) -> list[str]:
    return [str(number // rows_each) for number in range(count * rows_each)]


def test_the_mean_is_the_ratio_of_the_sums() -> None:
    """A row of ten tokens weighs ten times a row of one: -12 over 11 tokens, and not -1.5."""
    found = mean_per_token(np.array([-10.0, -2.0]), np.array([10.0, 1.0]), ["a", "b"], seed=0)

    assert found.value == pytest.approx(-12 / 11)
    assert found.conversations == 2


def test_bounds_are_at_least_those_of_students_t() -> None:
    """Of 1 to 10: 5.5, with a standard error of sqrt(55 / 6 / 10) and t = 2.262 for nine."""
    found = mean_per_token(np.arange(1.0, 11.0), np.ones(10), names(10), seed=2)

    half = 2.262 * (55 / 60) ** 0.5
    assert found.low == pytest.approx(5.5 - half, abs=0.25)
    assert found.high == pytest.approx(5.5 + half, abs=0.25)
    assert found.low <= 5.5 - half * 0.999
    assert found.high >= 5.5 + half * 0.999


def test_the_truth_lies_within_the_bounds_in_95_of_100_samples() -> None:
    """The ratio is 3 whatever the lengths; 400 samples of ten, so 95 % has an error of 1.1 %."""
    held = 0
    for sample in range(400):
        generator = np.random.default_rng(sample)
        tokens = 1 + generator.lognormal(3, 0.8, 10)
        found = mean_per_token(tokens * generator.normal(3, 1, 10), tokens, names(10), seed=sample)
        held += found.low <= 3 <= found.high

    assert 0.93 <= held / 400 <= 0.98


def test_rows_of_one_conversation_count_once() -> None:
    """Thirty rows of three conversations say no more than three rows."""
    differences = np.repeat([-1.0, 0.5, -0.2], 10)
    apart = mean_per_token(differences, np.ones(30), names(30), seed=1)
    together = mean_per_token(differences, np.ones(30), names(3, rows_each=10), seed=1)

    assert together.value == pytest.approx(-0.7 / 3)
    assert (apart.conversations, together.conversations) == (30, 3)
    # standard errors are 0.436 and 0.114, quantiles of t 4.3 and 2.05
    assert together.high - together.low > 7 * (apart.high - apart.low)


def test_the_bounds_are_the_same_for_the_same_seed_alone() -> None:
    differences = np.linspace(-1, 3, 20) ** 3
    first, again, other = (
        mean_per_token(differences, np.ones(20), names(20), seed=seed) for seed in (4, 4, 5)
    )

    assert first == again
    assert first != other


@pytest.mark.parametrize(("count", "value"), [(0, 0.0), (1, 2.0), (2, 2.0), (30, 2.0)])
def test_equal_or_absent_differences_have_finite_bounds(count: int, value: float) -> None:
    tokens = np.arange(1.0, count + 1)

    found = mean_per_token(2 * tokens, tokens, names(count), seed=0)

    assert (found.value, found.low, found.high) == pytest.approx((value, value, value))


def test_the_quantiles_of_students_t() -> None:
    """As any table has them."""
    table = {3: 3.182, 4: 2.776, 9: 2.262, 19: 2.093, 39: 2.023, 120: 1.980}

    assert {n: student_t(n) for n in table} == pytest.approx(table, rel=0.01)
