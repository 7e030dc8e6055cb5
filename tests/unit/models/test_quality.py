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


def weighed(*steps: tuple[float, int | None]) -> list[Point]:
    """A point per training loss with the tokens that carried it."""
    return [
        Point(step=at, epoch=1.0, timestamp=NOON, training_loss=loss, supervised_tokens=tokens)
        for at, (loss, tokens) in enumerate(steps)
    ]


def test_each_end_is_a_twentieth_of_the_steps_weighed_by_tokens() -> None:
    """40 steps, two at each end: (4 * 100 + 2 * 300) / 400 = 2.5 and (0.2 * 90 + 5 * 10) / 100."""
    middle = [(9.0, 50)] * 36
    quality = judge(weighed((4.0, 100), (2.0, 300), *middle, (0.2, 90), (5.0, 10)))

    assert quality.final_training_loss == pytest.approx(0.68)
    assert quality.loss_improvement == pytest.approx((2.5 - 0.68) / 2.5 * 100)
    assert quality.convergence_quality == "good"


def test_up_to_39_steps_each_end_is_one() -> None:
    quality = judge(weighed((2.0, 10), *[(1.0, 10)] * 37, (0.5, 10)))

    assert (quality.final_training_loss, quality.loss_improvement) == (0.5, 75.0)


def test_steps_of_a_worker_that_counts_no_tokens_weigh_the_same() -> None:
    quality = judge(weighed((4.0, 100), (2.0, None), *[(1.0, 7)] * 36, (1.0, None), (2.0, 7)))

    assert quality.final_training_loss == 1.5
    assert quality.loss_improvement == 50.0


def held_out_after_epochs(*losses: float) -> str:
    """The reason given for a curve that ends at 0.3 with these held-out losses on its way."""
    points = [
        Point(step=at, epoch=at, timestamp=NOON, training_loss=0.3, validation_loss=loss)
        for at, loss in enumerate(losses)
    ]
    return judge([*curve(2.0), *points]).reason


def test_the_reason_is_told_in_words() -> None:
    assert judge(curve(2.0, 0.5)).reason == "Training loss ended at 0.50; it fell by 75 %."
    assert "(mean of 2 steps at each end)" in judge(curve(*[2.0] * 40)).reason


@pytest.mark.parametrize(
    ("losses", "gap", "by_heart"),
    [
        ((1.5, 1.2, 1.0), True, False),  # it fell to the end: a gap, and nothing more
        ((1.5, 1.2, 1.21), True, False),  # level
        ((1.5, 1.2, 1.3), True, True),
        ((0.6, 0.5, 0.7), False, True),  # no gap, and yet it rose
        ((0.6, 0.5), False, False),
    ],
)
def test_learned_by_heart_is_said_only_where_held_out_loss_rose_from_its_lowest(
    losses: tuple[float, ...], *, gap: bool, by_heart: bool
) -> None:
    reason = held_out_after_epochs(*losses)

    assert ("above it, a gap." in reason) is gap
    assert ("by heart" in reason) is by_heart
