"""What a user may spend in a month.

Covers: accounts.notifications, jobs.creation.affordability.
"""

from decimal import Decimal

import pytest

from brightrun.accounts.budget import Budget, MonthSpend, UserLimits, limit_of, month_of, warned
from brightrun.errors import QuotaExceeded
from brightrun.jobs.creation.affordability import require_affordable, with_worst_case, worst_case
from brightrun.work import Work, work_of
from tests.support.factories import ADA, NOON, a_job
from tests.support.job_states import LIMITS, clock

RATE = Decimal("3.50")


def a_budget(limit: str | None = "100", spent: str = "0", committed: str = "0") -> Budget:
    allowed = Decimal(limit) if limit else None
    return Budget("2026-11", allowed, Decimal(spent), Decimal(committed))


def own_limit(amount: str | None) -> UserLimits:
    wanted = Decimal(amount) if amount else None
    return UserLimits(user_id=ADA, monthly_limit_usd=wanted, changed_by="boss", changed_at=NOON)


def month(spent: str, *already: int) -> MonthSpend:
    return MonthSpend(
        user_id=ADA, month="2026-11", spent=Decimal(spent), warned=already,
        work=work_of(Work.WARN, ADA), due_at=NOON,
    )  # fmt: skip


def test_the_worst_case_is_the_budget_and_the_way_to_a_standstill() -> None:
    """Two GPUs at 3.50: 105 s until it has heard and stopped cost 0.204167."""
    assert worst_case(RATE, 2, LIMITS, Decimal("5.00")) == Decimal("5.204167")


def test_without_a_budget_the_worst_case_is_the_deadline() -> None:
    assert worst_case(RATE, 2, LIMITS, None) == Decimal("168.204167")
    assert worst_case(RATE, 2, LIMITS, Decimal(999)) == Decimal("168.204167")


@pytest.mark.parametrize(
    ("own", "stage", "limit"),
    [
        (None, "1000", Decimal(1000)),
        (None, "0", None),
        (own_limit("50"), "1000", Decimal(50)),
        (own_limit(None), "1000", Decimal(1000)),
        (own_limit("0"), "1000", None),
    ],
)
def test_an_administrators_word_goes_before_the_stages(
    own: UserLimits | None, stage: str, limit: Decimal | None
) -> None:
    assert limit_of(own, Decimal(stage)) == limit


@pytest.mark.parametrize(
    ("spent", "committed", "max_cost"), [("94.79", "0", "5.00"), ("40", "54.79", "5.00")]
)
def test_a_job_that_fits_in_the_worst_case_is_affordable(
    spent: str, committed: str, max_cost: str
) -> None:
    job = with_worst_case(a_job(max_cost=Decimal(max_cost)), LIMITS)

    require_affordable(a_budget(spent=spent, committed=committed), job)


def test_a_job_that_could_pass_the_limit_is_refused_with_the_numbers() -> None:
    job = with_worst_case(a_job(max_cost=Decimal("5.00")), LIMITS)
    with pytest.raises(QuotaExceeded, match=r"up to \$5\.20.* only \$5\.00 are free") as refused:
        require_affordable(a_budget(spent="40", committed="55"), job)

    assert refused.value.details == {
        "month": "2026-11",
        "monthly_limit_usd": 100.0,
        "spent_usd": 40.0,
        "committed_usd": 55.0,
        "remaining_usd": 5.0,
        "worst_case_usd": 5.204167,
    }


def test_without_a_limit_everything_is_affordable() -> None:
    require_affordable(a_budget(None, spent="9999"), with_worst_case(a_job(), LIMITS))


@pytest.mark.parametrize(
    ("spent", "already", "after", "notes"),
    [
        ("79.99", (), (), 0),
        ("80", (), (80,), 1),
        ("94.99", (80,), (80,), 0),
        ("95", (80,), (80, 95), 1),
        ("200", (80, 95), (80, 95), 0),
        ("99", (), (80, 95), 1),
    ],
)
def test_each_mark_warns_once(
    spent: str, already: tuple[int, ...], after: tuple[int, ...], notes: int
) -> None:
    done, told = warned(month(spent, *already), Decimal(100), clock())

    assert (tuple(sorted(done.warned)), len(told)) == (after, notes)
    assert (done.work, done.due_at) == (None, None)


def test_the_warning_says_how_much_of_how_much() -> None:
    _, (note,) = warned(month("80.5"), Decimal(100), clock())

    assert note.type == "budget_warning"
    assert "$80.50 of $100.00 are spent this month (80 %)" in note.message


def test_a_month_is_named_by_its_first_seven_letters() -> None:
    assert month_of(NOON) == "2026-11"
