"""Which conversations are held out, and how many: one rule for validator, estimate and trainer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.training.holdout import held_out, held_out_count


def test_who_is_held_out_is_known_by_heart() -> None:
    """Ranked by SHA-256 of `seed:id`, as `sha256sum` gives it: a, e, b, c, d."""
    assert held_out("abcde", seed=3, fraction=0.4) == {"a", "e"}


def test_held_out_leaves_something_on_both_sides() -> None:
    assert held_out(["a"], seed=1, fraction=0.5) == frozenset()
    assert held_out("ab", seed=1, fraction=0.0) == frozenset()
    assert len(held_out("ab", seed=1, fraction=0.01)) == 1
    assert len(held_out("ab", seed=1, fraction=0.99)) == 1


@pytest.mark.parametrize(
    ("conversations", "fraction", "count"),
    [
        (1000, 0.1, 100),
        (120, 0.1, 12),
        (60, 0.1, 12),  # a tenth would be six, and six cannot tell
        (36, 0.1, 12),
        (35, 0.1, 11),  # a third at the most
        (30, 0.2, 10),
        (8, 0.1, 2),
        (60, 0.05, 3),  # asked for less: less
        (60, 0.0, 0),
        (2, 0.1, 1),
        (1, 0.1, 0),
    ],
)
def test_a_tenth_is_held_out_but_at_least_twelve_up_to_a_third(
    conversations: int, fraction: float, count: int
) -> None:
    assert held_out_count(conversations, fraction=fraction) == count


@given(st.lists(st.text(max_size=4)), st.integers(0, 9), st.floats(0, 0.5))
def test_held_out_knows_no_order_and_no_repetition(
    names: list[str], seed: int, fraction: float
) -> None:
    once = held_out(names, seed=seed, fraction=fraction)

    assert once == held_out([*reversed(names), *names], seed=seed, fraction=fraction)
    assert once <= set(names)
