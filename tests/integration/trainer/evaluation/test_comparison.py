"""The verdict: what counts as better, and what must not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from tests.support.trainer.rows import some_rows
from trainer_image.data.batches import NO_LOSS, TokenRow
from trainer_image.evaluation.comparison import (
    Swaps,
    answer_start,
    compare,
    reason,
    swap_prompts,
    verdict,
)
from trainer_image.evaluation.confidence_interval import Floats, Interval, mean_per_token
from trainer_image.training.losses import RowLosses

GAIN = Interval(-0.3, -0.4, -0.2, 20)
LOSS = Interval(0.3, 0.2, 0.4, 20)
UNCLEAR = Interval(-0.1, -0.3, 0.1, 20)
GRASP = Interval(0.5, 0.3, 0.7, 20)
FEW = 9
RUNS = 400
NAMES = count()

Differences = Callable[[np.random.Generator, int], Floats]


def a_row(prompt_tokens: int, answer_tokens: int) -> TokenRow:
    """Return a row of a conversation of its own."""
    ids = np.arange(prompt_tokens + answer_tokens, dtype=np.int32)
    labels = np.where(ids < prompt_tokens, NO_LOSS, ids).astype(np.int32)
    return TokenRow(ids, labels, f"conversation-{next(NAMES)}")


@pytest.mark.parametrize(
    ("gain", "grasp", "word", "because"),
    [
        (GAIN, GRASP, "better", "more so after their own prompts"),
        (replace(GAIN, conversations=10), GRASP, "better", "more so after their own prompts"),
        (replace(GAIN, conversations=FEW), GRASP, "not_shown_better", "9 held-out conversations"),
        (replace(LOSS, conversations=FEW), GRASP, "not_shown_better", "are too few to tell"),
        (GAIN, replace(GRASP, conversations=FEW), "not_shown_better", "only 9 conversations"),
        (GAIN, UNCLEAR, "not_shown_better", "learned how answers sound"),
        (UNCLEAR, GRASP, "not_shown_better", "may be chance"),
        (LOSS, GRASP, "worse", "worse than its base model"),
    ],
)
def test_better_needs_a_lower_loss_and_a_use_of_the_prompt(
    gain: Interval, grasp: Interval, word: str, because: str
) -> None:
    """And the reason in words is that of the verdict."""
    assert verdict(gain, grasp) == word
    assert because in reason(gain, grasp)


def symmetric(generator: np.random.Generator, count: int) -> Floats:
    return generator.normal(0, 1, count)


def skewed(generator: np.random.Generator, count: int) -> Floats:
    """Return differences around zero of which few are very bad: a sample may have none of them."""
    return 1 - generator.gamma(2, 0.5, count)


def called_better(of_prompts: Differences, conversations: int, *, gain: float = 0.0) -> float:
    """Return how often an adapter is called better whose answers fit their prompts by `gain`.

    Every answer got likelier by far, as after training on shuffled data; lengths differ widely.
    """
    names = [str(number) for number in range(conversations)]
    found = []
    for run in range(RUNS):
        generator = np.random.default_rng([run, conversations])
        tokens = 1 + generator.lognormal(3, 0.8, conversations)
        sums = tokens * (of_prompts(generator, conversations) + gain)
        found.append(verdict(GAIN, mean_per_token(sums, tokens, names, seed=run)) == "better")
    return sum(found) / RUNS


@pytest.mark.parametrize(
    ("of_prompts", "conversations", "most"),
    [(symmetric, 10, 0.035), (symmetric, 20, 0.035), (skewed, 10, 0.07)],
)
def test_shuffled_answers_are_called_better_as_rarely_as_95_percent_means(
    of_prompts: Differences, conversations: int, most: float
) -> None:
    """2.5 % is meant; of 400 runs that is 10 with a standard error of 3, so 3.5 % may be found.

    Answers of shuffled data fit their own prompt and another's alike, so their differences are
    symmetric. No interval holds whatever the skewness is; this one is a little, and means of draws
    alone were at 11 % here (6 % where symmetric).
    """
    assert called_better(of_prompts, conversations) <= most


def test_answers_that_fit_their_prompts_are_still_found_better() -> None:
    """By one standard deviation, of twenty conversations: in three of four runs at the least."""
    assert called_better(symmetric, 20, gain=1.0) >= 0.75


def test_an_answer_starts_at_the_last_run_of_supervised_tokens() -> None:
    ids = np.arange(8, dtype=np.int32)
    labels = np.array([NO_LOSS, 1, 2, NO_LOSS, NO_LOSS, 5, 6, 7], dtype=np.int32)

    assert answer_start(TokenRow(ids, labels)) == 5
    assert answer_start(TokenRow(ids, ids)) == 0


def lengths(rows: Sequence[TokenRow]) -> list[int]:
    return [len(row.ids) for row in rows]


def test_swapped_rows_keep_the_answer_and_take_another_conversations_prompt() -> None:
    rows = some_rows([10, 12, 8])

    swaps = swap_prompts(rows)

    assert swaps.owners == (0, 0, 1, 1, 2, 2)
    for other, owner in zip(swaps.swapped, swaps.owners, strict=True):
        mine = swaps.own[owner]
        answer = mine.labels[mine.labels != NO_LOSS]
        assert answer.tolist() == other.labels[other.labels != NO_LOSS].tolist()
        assert mine.conversation == other.conversation
    neighbour = rows[1].ids[: answer_start(rows[1])]
    assert swaps.swapped[0].ids[: len(neighbour)].tolist() == neighbour.tolist()


def test_few_answers_are_tried_after_eight_prompts_and_many_after_one() -> None:
    """Each of another conversation; 2,000 rows more are scored at the most."""
    few = swap_prompts([replace(a_row(4, 3), conversation=str(n // 2)) for n in range(20)])
    some = swap_prompts([a_row(4, 3) for _ in range(600)])
    many = swap_prompts([a_row(4, 3) for _ in range(2500)])

    assert [len(each.own) for each in (few, some, many)] == [20, 600, 2500]
    assert [len(each.swapped) for each in (few, some, many)] == [160, 1800, 2500]


def test_no_swapped_row_is_longer_than_the_longest_row() -> None:
    """More was never promised to fit into memory, nor into what the model was built for."""
    rows = [a_row(60, 40), a_row(90, 5), a_row(10, 80), a_row(55, 45), a_row(2, 98)]

    swaps = swap_prompts(rows)

    # the last answer has room for two tokens of prompt, and nobody else's is so short
    assert lengths(swaps.own) == [100, 95, 90, 100]
    after = [
        [len(row.ids) for row, owner in zip(swaps.swapped, swaps.owners, strict=True) if owner == n]
        for n in range(4)
    ]
    assert after == [[50, 95, 42], [15, 60, 7, 65], [82], [47, 55]]


def test_an_answer_without_a_prompt_is_not_swapped() -> None:
    swaps = swap_prompts([a_row(0, 5), a_row(3, 5), a_row(4, 5)])

    assert lengths(swaps.own) == [8, 9]
    assert lengths(swaps.swapped) == [9, 8]


def test_a_comparison_reports_means_per_token() -> None:
    """The first answer, of five tokens, is tried twice, the second, of one, once."""
    base = RowLosses(np.array([10.0, 30.0]), np.array([5.0, 5.0]))
    tuned = RowLosses(np.array([5.0, 15.0]), np.array([5.0, 5.0]))
    own = RowLosses(np.array([5.0, 2.0]), np.array([5.0, 1.0]))
    swapped = RowLosses(np.array([10.0, 20.0, 4.0]), np.array([5.0, 5.0, 1.0]))
    rows = tuple(TokenRow(np.zeros(1, np.int32), np.zeros(1, np.int32), name) for name in "ab")
    swaps = Swaps(rows, (rows[0], rows[0], rows[1]), (0, 0, 1))

    found = compare(base, tuned, own, swapped, ["a", "b"], swaps, seed=0)

    assert (found.rows, found.tokens) == (2, 10)
    assert (found.base_loss, found.adapter_loss, found.difference) == (4.0, 2.0, -2.0)
    assert found.prompt_gain == pytest.approx((5 + 15 + 2) / 11)
    assert found.verdict == "not_shown_better"  # two conversations are too few
