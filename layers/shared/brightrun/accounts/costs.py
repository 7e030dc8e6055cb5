"""What was spent, over which days. Pure."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from io import StringIO

from brightrun.accounts.record import CostRecord, CostType
from brightrun.errors import InvalidRequest
from brightrun.records import iso

MAX_DAYS = 3 * 366


class CostPeriod(StrEnum):
    """How far back from today."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


DAYS = {CostPeriod.WEEK: 7, CostPeriod.MONTH: 30, CostPeriod.YEAR: 365}


_FIRST_YEAR = 2000


@dataclass(frozen=True)
class Days:
    """From one day to another, both included."""

    first: date
    last: date

    def each(self) -> Iterable[date]:
        """Yield every day, oldest first."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)


@dataclass(frozen=True)
class Spend:
    """Amounts by day and by type; the three agree."""

    total: Decimal
    by_type: dict[CostType, Decimal]
    by_day: dict[date, Decimal]


def days_of(now: datetime, period: CostPeriod, start: date | None, end: date | None) -> Days:
    """Return the days asked for: those of the dates when one is given, else those of the period.

    A start without an end reaches to today; an end without a start, back by the period.

    Raises:
        InvalidRequest: the end is before the start, or there are more than three years between.
    """
    last = end or now.date()
    asked = {"start_date": start, "end_date": end}
    early = [name for name, day in asked.items() if day is not None and day.year < _FIRST_YEAR]
    if early:
        raise InvalidRequest({name: [f"is before {_FIRST_YEAR}"] for name in early})
    first = start or last - timedelta(days=DAYS[period] - 1)
    if first > last:
        raise InvalidRequest({"end_date": [f"is before start_date {first.isoformat()}"]})
    if (last - first).days >= MAX_DAYS:
        raise InvalidRequest({"start_date": [f"at most {MAX_DAYS} days can be asked for"]})
    return Days(first, last)


def spend_of(days: Days, sums: Mapping[str, Mapping[str, Decimal]]) -> Spend:
    """Return what was spent, from the running sums by day (YYYY-MM-DD) and cost type."""
    by_day = {day: sum(sums.get(day.isoformat(), {}).values(), Decimal(0)) for day in days.each()}
    by_type = {
        kind: sum((of_day.get(kind, Decimal(0)) for of_day in sums.values()), Decimal(0))
        for kind in CostType
    }
    return Spend(sum(by_day.values(), Decimal(0)), by_type, by_day)


def as_csv(records: Iterable[CostRecord]) -> str:
    """Return cost records as a table for a spreadsheet, one line each."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["recorded_at", "job_id", "job_name", "dataset_name", "job_status", "cost_type",
         "amount_usd", "gpu_type", "gpu_count", "duration_hours", "hourly_rate_usd", "attempts"]
    )  # fmt: skip
    for record in records:
        told = record.details
        writer.writerow(
            [iso(record.recorded_at), record.job_id, _as_text(record.job_name),
             _as_text(record.dataset_name), record.job_status, record.cost_type, record.amount,
             told.gpu_type, told.gpu_count, told.duration_hours, told.hourly_rate, told.attempts]
        )  # fmt: skip
    return text.getvalue()


def _as_text(name: str | None) -> str | None:
    """Return a name so that no spreadsheet takes it for a formula.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{name}" if name and name[0] in "=+-@\t\r" else name
