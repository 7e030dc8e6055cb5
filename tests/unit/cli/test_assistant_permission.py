"""What an assistant may do: nothing that costs, unless it was allowed, and never over a budget."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.cli.assistant.permission import NotPermitted, Permission


def test_without_a_budget_nothing_is_started_and_without_leave_nothing_stopped() -> None:
    with pytest.raises(NotPermitted, match="--budget"):
        Permission().grant("a", Decimal(1))
    with pytest.raises(NotPermitted, match="--allow-cancel"):
        Permission().require_cancel()
    Permission(may_cancel=True).require_cancel()


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.decimals(-1, 9, places=2)), max_size=20))
def test_what_is_granted_never_exceeds_the_budget(asked: list[tuple[str, Decimal]]) -> None:
    permission, granted = Permission(Decimal(10)), dict[str, Decimal]()
    for job, amount in asked:
        try:
            permission.grant(job, amount)
        except NotPermitted:
            continue
        granted.setdefault(job, amount)

    assert sum(granted.values()) + permission.left_usd == 10
    assert permission.left_usd >= 0


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "0", "10.01"])
def test_what_is_no_amount_within_it_is_refused(amount: str) -> None:
    with pytest.raises(NotPermitted, match="left of the budget: 10"):
        Permission(Decimal(10)).grant("a", Decimal(amount))


def test_the_same_job_takes_its_share_once_and_a_refused_one_gives_it_back() -> None:
    permission = Permission(Decimal(10))
    permission.grant("a", Decimal(6))
    permission.grant("a", Decimal(6))
    assert permission.left_usd == 4

    permission.give_back("a")
    assert permission.left_usd == 10
