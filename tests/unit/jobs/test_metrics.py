"""What is shown of a run's newest points, and its best step."""

from brightrun.jobs.execution.metrics import best_of, last_known
from brightrun.training.protocol import Point
from tests.support.factories import NOON, a_job


def point(step: int, **measured: float) -> Point:
    return Point.model_validate({"step": step, "epoch": 1.0, "timestamp": NOON, **measured})


def test_a_field_that_a_point_lacks_keeps_its_last_known_value() -> None:
    """The held-out loss comes once an epoch: the card must not blink away a step later."""
    known = last_known(None, [point(10, training_loss=1.0, validation_loss=1.2)])
    shown = last_known(known, [point(11, training_loss=0.9), point(12, gradient_norm=1.0)])

    assert shown is not None
    assert (shown.step, shown.training_loss, shown.validation_loss) == (12, 0.9, 1.2)


def test_without_points_nothing_changes() -> None:
    assert last_known(None, []) is None
    assert last_known(point(3), []) == point(3)


def test_the_best_step_has_the_lowest_held_out_loss_of_all_reports() -> None:
    first = best_of(a_job(), [point(5, validation_loss=1.0), point(10, validation_loss=0.8)])
    later = best_of(a_job(**first), [point(15, validation_loss=0.9), point(16)])

    assert first == later == {"best_validation_loss": 0.8, "best_step": 10}
    assert best_of(a_job(), [point(1)]) == {}
