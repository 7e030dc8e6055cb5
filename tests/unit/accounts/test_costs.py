"""Which days are meant, and what was spent over them."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.accounts.costs import MAX_DAYS, CostPeriod, Days, as_csv, days_of, spend_of
from brightrun.accounts.record import CostType
from brightrun.errors import InvalidRequest
from tests.support.factories import a_cost

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


def test_a_period_ends_today_and_counts_today() -> None:
    assert days_of(NOW, CostPeriod.WEEK, None, None) == Days(date(2026, 11, 14), TODAY)
    assert len(list(days_of(NOW, CostPeriod.MONTH, None, None).each())) == 30


def test_dates_win_over_the_period() -> None:
    first, last = date(2026, 1, 30), date(2026, 2, 2)

    assert days_of(NOW, CostPeriod.YEAR, first, last) == Days(first, last)
    assert days_of(NOW, CostPeriod.WEEK, first, None) == Days(first, TODAY)
    assert days_of(NOW, CostPeriod.WEEK, None, last) == Days(date(2026, 1, 27), last)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), "end_date"),
        (date(1999, 12, 31), None, "start_date"),
        (None, date(1, 1, 1), "end_date"),
        (date(2020, 1, 1), date(2026, 1, 1), "start_date"),
    ],
)
def test_days_that_make_no_sense_are_refused_by_field(
    start: date | None, end: date | None, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        days_of(NOW, CostPeriod.WEEK, start, end)
    assert list(refused.value.details or {}) == [field]


def test_three_years_are_the_most() -> None:
    first = date.fromordinal(TODAY.toordinal() - MAX_DAYS + 1)

    assert len(list(days_of(NOW, CostPeriod.WEEK, first, TODAY).each())) == MAX_DAYS


AMOUNTS = st.dictionaries(
    st.sampled_from(list(CostType)), st.decimals(0, 1000, places=6), max_size=len(CostType)
)


@given(st.dictionaries(st.integers(0, 6), AMOUNTS))
def test_the_total_is_the_sum_by_day_and_by_type(
    by_offset: dict[int, dict[CostType, Decimal]],
) -> None:
    days = days_of(NOW, CostPeriod.WEEK, None, None)
    every = list(days.each())
    sums = {every[n].isoformat(): {str(k): v for k, v in of.items()} for n, of in by_offset.items()}
    spend = spend_of(days, sums)

    assert spend.total == sum(spend.by_day.values()) == sum(spend.by_type.values())
    assert list(spend.by_day) == every


def test_a_table_for_a_spreadsheet_has_a_line_for_each_record() -> None:
    cost = a_cost()
    lines = list(csv.DictReader(StringIO(as_csv([cost, cost]))))

    assert len(lines) == 2
    assert Decimal(lines[0]["amount_usd"]) == cost.amount
    assert lines[0]["job_id"] == cost.job_id
