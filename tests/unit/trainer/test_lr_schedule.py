"""Learning rates worked out by hand."""

import pytest

from brightrun.training.configuration import Hyperparameters, Scheduler
from trainer_image.training.lr_schedule import learning_rate


def tuned(scheduler: Scheduler, warmup_ratio: float = 0.2) -> Hyperparameters:
    return Hyperparameters(learning_rate=0.001, warmup_ratio=warmup_ratio, scheduler=scheduler)


@pytest.mark.parametrize(
    ("step", "rate"), [(0, 0.0005), (1, 0.001), (2, 0.001), (6, 0.0005), (9, 0.0000380602)]
)
def test_cosine_rises_for_two_of_ten_steps_then_falls(step: int, rate: float) -> None:
    assert learning_rate(step, 10, tuned(Scheduler.COSINE)) == pytest.approx(rate, rel=1e-5)


def test_linear_falls_evenly() -> None:
    rates = [learning_rate(step, 10, tuned(Scheduler.LINEAR)) for step in (2, 6, 9)]

    assert rates == pytest.approx([0.001, 0.0005, 0.000125])


def test_constant_stays() -> None:
    assert learning_rate(9, 10, tuned(Scheduler.CONSTANT)) == 0.001


@pytest.mark.parametrize("scheduler", list(Scheduler))
def test_a_run_of_one_step_trains_at_the_full_rate(scheduler: Scheduler) -> None:
    assert learning_rate(0, 1, tuned(scheduler, 0.03)) == 0.001
    assert learning_rate(0, 1, tuned(scheduler, 0.0)) == 0.001
