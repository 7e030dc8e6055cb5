"""A mean per token over whole conversations, with its 95 % bounds. Pure, numpy alone.

Source of the method: Efron and Tibshirani, An Introduction to the Bootstrap, chapters 11 and 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 4000
_AT_ONCE = 200
"""Of 2,000 conversations, 200 draws take 3 MB: they stay in a cache."""
_TAILS = (2.5, 97.5)
_Z = 1.959963984540054
"""Of a normal distribution 2.5 % lie above it."""
_DEGENERATE = 1e-9
"""Draws of one conversation alone have no spread; rounding leaves less than this share of it."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % bounds, and how many conversations it rests on."""

    value: float
    low: float
    high: float
    conversations: int


def mean_per_token(
    sums: Floats, tokens: Floats, conversations: Sequence[str], *, seed: int
) -> Interval:
    """Return the sum of `sums` over that of `tokens`, and bounds by the studentised bootstrap.

    Rows of one conversation overlap, so whole conversations are drawn, with replacement. Bounds
    from the drawn means alone are too narrow for few conversations: of shuffled data 5 to 6 % were
    called better at ten, where 2.5 % are meant, and 14 % where a few answers went very wrong. So
    each draw is measured in its own standard errors, which knows skewness, and no bound lies nearer
    than Student's t would put it. One conversation alone has no spread: its bounds say nothing.
    """
    if not len(sums):
        return Interval(0.0, 0.0, 0.0, 0)
    _, owner = np.unique(np.asarray(conversations), return_inverse=True)
    of_each: Floats = np.stack(
        [np.bincount(owner, weights=each).astype(np.float64) for each in (sums, tokens)]
    )
    count = of_each.shape[1]
    value = float(of_each[0].sum() / of_each[1].sum())
    if count == 1:
        return Interval(value, value, value, count)
    _, error = _mean_and_error(of_each)
    spread = float(error)
    draws = _studentised(of_each, value, spread, np.random.default_rng(seed))
    low, high = (float(bound) for bound in np.percentile(draws, _TAILS))
    usual = student_t(count - 1)
    above, below = spread * max(high, usual), spread * min(low, -usual)
    return Interval(value, value - above, value - below, count)


def student_t(degrees: int) -> float:
    """Return what 2.5 % of Student's t lie above: within 1 % from three degrees of freedom on.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z, n = _Z, degrees
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3


def _studentised(
    of_each: Floats, value: float, spread: float, generator: np.random.Generator
) -> Floats:
    """Return how many of its own standard errors each drawn mean is away from `value`."""
    count = of_each.shape[1]
    found = [np.zeros(1)]
    for _ in range(RESAMPLES // _AT_ONCE):
        drawn = generator.integers(0, count, size=(_AT_ONCE, count))
        means, errors = _mean_and_error(of_each[:, drawn])
        spread_out = errors > _DEGENERATE * max(spread, abs(value))
        found.append((means[spread_out] - value) / errors[spread_out])
    return np.concatenate(found)


def _mean_and_error(of_each: Floats) -> tuple[Floats, Floats]:
    """Return ratios of sums `(draws,)` of `(2, draws, conversations)`, and jackknife errors."""
    count = of_each.shape[-1]
    whole = of_each.sum(axis=-1, keepdims=True)
    sums, tokens = whole - of_each
    without = sums / tokens
    away = without - without.mean(axis=-1, keepdims=True)
    error = np.sqrt((count - 1) / count * (away**2).sum(axis=-1))
    return (whole[0] / whole[1])[..., 0], error
