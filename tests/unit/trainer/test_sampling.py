"""The data plan: which rows train when, known before the first step."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer_image.data.sampling import Plan, RowSize, pack, pack_apart, pad

SIZES = st.lists(
    st.builds(RowSize, tokens=st.integers(2, 300), supervised_tokens=st.integers(1, 50)),
    min_size=1,
    max_size=60,
)


def a_plan(sizes: list[RowSize], rows_per_step: int = 4, epochs: int = 2) -> Plan:
    return Plan(sizes=sizes, rows_per_step=rows_per_step, epochs=epochs, seed=42)


@given(sizes=SIZES, rows_per_step=st.integers(1, 70))
def test_every_row_trains_once_per_epoch(sizes: list[RowSize], rows_per_step: int) -> None:
    plan = a_plan(sizes, rows_per_step)

    for epoch in range(2):
        steps = range(epoch * plan.steps_per_epoch, (epoch + 1) * plan.steps_per_epoch)
        trained = [row for number in steps for row in plan.step(number).rows]
        assert sorted(trained) == list(range(len(sizes)))


@given(rows=st.integers(1, 400), rows_per_step=st.integers(1, 70))
def test_no_step_of_an_epoch_has_two_rows_more_than_another(rows: int, rows_per_step: int) -> None:
    plan = a_plan([RowSize(10, 5)] * rows, rows_per_step)
    counts = [len(plan.step(number).rows) for number in range(plan.steps_per_epoch)]

    assert plan.steps_per_epoch == -(-rows // rows_per_step)
    assert max(counts) <= rows_per_step
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    ("rows", "dealt"), [(65, {3: 3, 4: 14}), (281, {3: 3, 4: 68}), (64, {4: 16})]
)
def test_a_row_too_many_makes_no_step_of_one_row(rows: int, dealt: dict[int, int]) -> None:
    plan = a_plan([RowSize(10, 5)] * rows)

    assert Counter(len(plan.step(n).rows) for n in range(plan.steps_per_epoch)) == dealt


@given(sizes=SIZES, ranks=st.integers(1, 8), budget=st.integers(2, 500))
def test_ranks_share_a_step_without_losing_or_doubling_a_row(
    sizes: list[RowSize], ranks: int, budget: int
) -> None:
    plan = a_plan(sizes, rows_per_step=7)
    step = plan.step(0)

    shared = [
        row
        for rank in range(ranks)
        for group in plan.micro_steps(step, budget_tokens=budget, rank=rank, ranks=ranks)
        for row in group
    ]
    assert sorted(shared) == sorted(step.rows)


@given(sizes=SIZES, budget=st.integers(2, 500))
def test_no_micro_step_is_over_budget_unless_one_row_alone_is(
    sizes: list[RowSize], budget: int
) -> None:
    for group in pack(range(len(sizes)), sizes, budget):
        assert sum(sizes[row].tokens for row in group) <= budget or len(group) == 1


def test_a_step_is_a_function_of_its_number_alone() -> None:
    """Asked in another order, by another plan object, the same rows come out."""
    sizes = [RowSize(10, 5)] * 50
    forward = [a_plan(sizes).step(number).rows for number in range(26)]
    backward = [a_plan(sizes).step(number).rows for number in reversed(range(26))]

    assert forward == backward[::-1]
    assert forward[:13] != forward[13:]  # another epoch, another order


def test_the_order_of_seed_42_never_changes() -> None:
    """Typed out: a change would make every stored checkpoint resume on other rows."""
    rows = a_plan([RowSize(10, 5)] * 8, rows_per_step=8).step(0).rows

    assert rows == (7, 3, 2, 6, 5, 0, 1, 4)


def test_a_dataset_smaller_than_a_batch_makes_one_step() -> None:
    plan = a_plan([RowSize(10, 5)] * 3, rows_per_step=64, epochs=1)

    assert plan.total_steps == 1
    assert plan.step(0).supervised_tokens == 15
    assert plan.step(0).tokens == 30


def test_one_times_eight_and_eight_times_one_are_the_same_steps() -> None:
    """`batch_size` and accumulation only meet as their product."""
    sizes = [RowSize(10 + row, 5) for row in range(40)]

    assert [a_plan(sizes, 1 * 8).step(n) for n in range(10)] == [
        a_plan(sizes, 8 * 1).step(n) for n in range(10)
    ]


@given(sizes=SIZES, budget=st.integers(2, 2000))
def test_a_padded_group_holds_every_row_at_its_longest(sizes: list[RowSize], budget: int) -> None:
    groups = pad(range(len(sizes)), sizes, budget)

    assert sorted(row for group in groups for row in group) == list(range(len(sizes)))
    for group in groups:
        longest = max(sizes[row].tokens for row in group)
        assert longest * len(group) <= budget or len(group) == 1


def test_rows_of_like_length_are_padded_together() -> None:
    sizes = [RowSize(tokens, 1) for tokens in (1000, 3000, 1100, 2990, 1200, 2960)]

    assert pad(range(6), sizes, 20_000) == ((1, 3, 5), (4, 2, 0))
    assert pad(range(6), sizes, 6_000) == ((1, 3), (5,), (4, 2, 0))


def test_a_pass_of_its_own_costs_more_than_a_little_padding() -> None:
    """Three passes would cost 1,024 tokens more, the padding 60 and 440."""
    sizes = [RowSize(tokens, 1) for tokens in (500, 440, 60)]

    assert pad(range(3), sizes, 8192) == ((0, 1, 2),)


@given(sizes=SIZES, budget=st.integers(2, 2000), border=st.integers(1, 300))
def test_rows_on_either_side_of_a_border_share_no_pass(
    sizes: list[RowSize], budget: int, border: int
) -> None:
    groups = pack_apart(border, range(len(sizes)), sizes, budget)

    assert sorted(row for group in groups for row in group) == list(range(len(sizes)))
    for group in groups:
        assert len({sizes[row].tokens > border for row in group}) == 1
