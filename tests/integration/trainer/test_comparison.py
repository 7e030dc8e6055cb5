"""The verdict: what counts as better, and what must not."""

import numpy as np
import pytest

from tests.integration.trainer.rows import some_rows
from trainer_image.comparison import (
    Interval,
    answer_start,
    bootstrap,
    compare,
    reason,
    swap_prompts,
    verdict,
)
from trainer_image.packed import NO_LOSS, TokenRow
from trainer_image.scoring import RowLosses

GAIN = Interval(-0.3, -0.4, -0.2)
LOSS = Interval(0.3, 0.2, 0.4)
UNCLEAR = Interval(-0.1, -0.3, 0.1)
GRASP = Interval(0.5, 0.3, 0.7)


@pytest.mark.parametrize(
    ("gain", "grasp", "conversations", "word", "because"),
    [
        (GAIN, GRASP, 20, "better", "more so after their own prompts"),
        (GAIN, GRASP, 4, "not_shown_better", "4 held-out conversations are too few"),
        (GAIN, UNCLEAR, 20, "not_shown_better", "learned how answers sound"),
        (UNCLEAR, GRASP, 20, "not_shown_better", "may be chance"),
        (LOSS, GRASP, 20, "worse", "worse than its base model"),
    ],
)
def test_better_needs_a_lower_loss_and_a_use_of_the_prompt(
    gain: Interval, grasp: Interval, conversations: int, word: str, because: str
) -> None:
    """And the reason in words is that of the verdict."""
    assert verdict(gain, grasp, conversations) == word
    assert because in reason(gain, grasp, conversations)


def test_overlapping_rows_of_few_conversations_widen_the_interval() -> None:
    """Thirty rows of three conversations say no more than three rows."""
    differences = np.repeat([-1.0, 0.5, -0.2], 10)
    tokens = np.ones(30)
    apart = bootstrap(differences, tokens, [str(n) for n in range(30)], seed=1)
    together = bootstrap(differences, tokens, [str(n // 10) for n in range(30)], seed=1)

    assert together.value == pytest.approx(-0.7 / 3)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_the_interval_is_the_same_for_the_same_seed() -> None:
    differences, tokens = np.linspace(-1, 1, 20), np.ones(20)
    names = [str(n) for n in range(20)]

    first, again = (bootstrap(differences, tokens, names, seed=4) for _ in range(2))
    assert first == again


def test_an_answer_starts_at_the_last_run_of_supervised_tokens() -> None:
    ids = np.arange(8, dtype=np.int32)
    labels = np.array([NO_LOSS, 1, 2, NO_LOSS, NO_LOSS, 5, 6, 7], dtype=np.int32)

    assert answer_start(TokenRow(ids, labels)) == 5
    assert answer_start(TokenRow(ids, ids)) == 0


def test_swapped_rows_keep_the_answer_and_take_another_conversations_prompt() -> None:
    rows = some_rows([10, 12, 8])

    own, swapped = swap_prompts(rows)

    for place, (mine, other) in enumerate(zip(own, swapped, strict=True)):
        answer = mine.labels[mine.labels != NO_LOSS]
        assert answer.tolist() == other.labels[other.labels != NO_LOSS].tolist()
        neighbour = rows[(place + 1) % 3]
        start = answer_start(neighbour)
        assert other.ids[:start].tolist() == neighbour.ids[:start].tolist()


def test_a_comparison_reports_means_per_token() -> None:
    base = RowLosses(np.array([10.0, 30.0]), np.array([5.0, 5.0]))
    tuned = RowLosses(np.array([5.0, 15.0]), np.array([5.0, 5.0]))

    found = compare(base, tuned, tuned, base, ["a", "b"], ["a", "b"], seed=0)

    assert (found.rows, found.tokens) == (2, 10)
    assert (found.base_loss, found.adapter_loss, found.difference) == (4.0, 2.0, -2.0)
    assert found.verdict == "not_shown_better"  # two conversations are too few
