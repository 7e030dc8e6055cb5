"""A long curve in fewer points keeps its ends, its order and its validations."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from brightrun.jobs.curve import thinned
from brightrun.training.protocol import Point
from tests.support.factories import NOON


def points(count: int, *, validated: frozenset[int] = frozenset()) -> list[Point]:
    return [
        Point(
            step=step, epoch=1, learning_rate=1e-4, training_loss=1.0,
            validation_loss=2.0 if step in validated else None,
            timestamp=NOON + timedelta(seconds=step),
        )
        for step in range(count)
    ]  # fmt: skip


@given(st.integers(0, 300), st.integers(1, 60))
def test_no_more_than_wanted_in_order_with_first_and_last(count: int, wanted: int) -> None:
    steps = [point.step for point in thinned(points(count), wanted)]

    assert len(steps) <= wanted
    assert steps == sorted(set(steps))
    if count:
        assert steps[-1] == count - 1
    if count and wanted > 1:
        assert steps[0] == 0


def test_a_short_curve_is_left_as_it_is() -> None:
    assert thinned(points(5), 5) == points(5)


@given(st.integers(100, 1000), st.integers(10, 50), st.data())
def test_a_point_with_a_validation_is_preferred_to_its_neighbours(
    count: int, wanted: int, data: st.DataObject
) -> None:
    half = -(-count // (wanted - 1))  # the stretches at both ends stand for the ends themselves
    one = data.draw(st.integers(half, count - 1 - half))
    kept = thinned(points(count, validated=frozenset({one})), wanted)

    assert one in {point.step for point in kept}
