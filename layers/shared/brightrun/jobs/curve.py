"""A long training curve in fewer points. Pure."""

from collections.abc import Sequence

from brightrun.training.protocol import Point


def thinned(points: Sequence[Point], wanted: int) -> list[Point]:
    """Return at most `wanted` points spread over the whole run, the first and last among them.

    A point with a validation loss is preferred to its neighbours: there are few of them.
    """
    if len(points) <= wanted:
        return list(points)
    if wanted == 1:
        return [points[-1]]
    last = len(points) - 1
    inner = [_telling(points, n, wanted, last) for n in range(1, wanted - 1)]
    chosen = sorted({0, *inner, last})
    return [points[index] for index in chosen]


def _telling(points: Sequence[Point], number: int, wanted: int, last: int) -> int:
    """Return the index that stands for one stretch: its first validation, else its middle."""
    low = (2 * number - 1) * last // (2 * (wanted - 1)) + 1
    high = (2 * number + 1) * last // (2 * (wanted - 1)) + 1
    for index in range(low, min(high, last)):
        if points[index].validation_loss is not None:
            return index
    return number * last // (wanted - 1)
