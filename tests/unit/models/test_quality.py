"""Stars from a loss curve: every threshold of the spec, on both sides, by hand."""

import math
from typing import Any

import pytest

from brightrun.models.quality import judge
from brightrun.training.protocol import Point
from tests.support.factories import NOON


def curve(*training: float | None, validation: float | None = None) -> list[Point]:
    """A point per training loss; the validation loss stands at the last."""
    last = len(training) - 1
    return [
        Point(
            step=step,
            epoch=1.0,
            timestamp=NOON,
            training_loss=loss,
            validation_loss=validation if step == last else None,
        )
        for step, loss in enumerate(training)
    ]


def test_no_metrics_is_unknown_and_three_stars() -> None:
    quality = judge([])

    assert (quality.overall_score, quality.convergence_quality) == (3, "unknown")
    assert quality.final_training_loss is None
    assert quality.final_validation_loss is None
    assert quality.perplexity is None
    assert quality.loss_improvement is None


@pytest.mark.parametrize(
    ("initial", "final", "stars", "name"),
    [
        (1.0, 0.49, 5, "excellent"),  # 51 %
        (1.0, 0.5, 4, "good"),  # not below 0.5, though 50 % is above 30
        (0.98, 0.49, 4, "good"),  # exactly 50 %
        (2.0, 0.99, 4, "good"),  # 50.5 %
        (2.0, 1.0, 3, "fair"),  # not below 1.0
        (1.25, 0.875, 3, "fair"),  # exactly 30 %
        (2.5, 1.99, 3, "fair"),  # 20.4 %
        (2.5, 2.0, 2, "poor"),  # not below 2.0
        (1.25, 1.125, 2, "poor"),  # exactly 10 %
        (0.4, 0.39, 2, "poor"),  # low, but it hardly fell
        (1.0, 3.0, 2, "poor"),  # it rose
    ],
)
def test_stars_need_a_low_loss_and_a_fall_both_strictly(
    initial: float, final: float, stars: int, name: str
) -> None:
    quality = judge(curve(initial, final))

    assert (quality.overall_score, quality.convergence_quality) == (stars, name)
    assert quality.final_training_loss == final


@pytest.mark.parametrize(
    ("training", "validation", "expected"),
    [
        ((1.0, 0.25), 0.75, (5, "excellent")),  # exactly 0.5 above: strict
        ((1.0, 0.25), 0.76, (4, "overfitting detected")),
        ((2.0, 0.75), 1.5, (3, "overfitting detected")),
        ((3.0, 2.5), 3.5, (1, "overfitting detected")),
    ],
)
def test_a_held_out_loss_far_above_costs_a_star_but_never_the_last(
    training: tuple[float, float], validation: float, expected: tuple[int, str]
) -> None:
    quality = judge(curve(*training, validation=validation))

    assert (quality.overall_score, quality.convergence_quality) == expected


def test_improvement_is_unknown_from_an_initial_loss_of_zero() -> None:
    quality = judge(curve(0.0, 0.1))

    assert quality.loss_improvement is None
    assert (quality.overall_score, quality.convergence_quality) == (2, "poor")


def test_improvement_is_in_percent_of_the_first_loss() -> None:
    assert judge(curve(2.0, 1.7, 0.5)).loss_improvement == 75.0


@pytest.mark.parametrize(
    ("validation", "perplexity"), [(0.0, 1.0), (1.0, math.e), (1000.0, math.inf), (None, None)]
)
def test_perplexity_is_the_exponential_of_the_held_out_loss(
    validation: float | None, perplexity: Any
) -> None:
    assert judge(curve(2.0, 1.0, validation=validation)).perplexity == perplexity


def test_points_without_a_loss_do_not_count_as_first_or_last() -> None:
    quality = judge(curve(None, 2.0, 0.5, None))

    assert quality.loss_improvement == 75.0
    assert quality.final_training_loss == 0.5


def test_the_reason_is_told_in_words() -> None:
    assert judge(curve(2.0, 0.5)).reason == "Training loss ended at 0.50; it fell by 75 %."
