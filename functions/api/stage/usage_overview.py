"""All users together, summed up for administrators. Reads only."""

from collections.abc import Sequence
from decimal import Decimal

from brightrun.accounts.users import UserAccess
from brightrun.money import Usd
from brightrun.ports.dynamodb.accounts import usage_totals
from brightrun.ports.dynamodb.accounts.user_access import access_of
from brightrun.ports.dynamodb.calibration import everything_measured
from brightrun.records import DeferredModel, Moment
from brightrun.runtime import Deps
from brightrun.training.calibration import coverage_of, measured_of
from brightrun.training.cost_estimate import Measured


class CalibrationView(DeferredModel):
    """How the estimate fares on one base model and GPU type.

    Attributes:
        coverage: share of the newest runs that ended within the range they were given.
        measured: what estimates stand on; null while there are fewer than three runs.
    """

    base_model: str
    gpu_type: str
    runs: int
    coverage: float | None
    measured: Measured | None


class Overview(DeferredModel):
    """Everything at a glance; `complete` is false beyond 2,000 users."""

    users: int
    complete: bool
    datasets: dict[str, int]
    jobs: dict[str, int]
    models: dict[str, int]
    failures: dict[str, int]
    quality: dict[str, int]
    storage_bytes: dict[str, int]
    spent_this_month: Usd
    calibration: tuple[CalibrationView, ...]


class UserRow(DeferredModel):
    """One user's counts, and what was spent this month.

    Attributes:
        disabled_at: since when they are shut out; null: they may come in.
    """

    user_id: str
    seen_at: Moment
    disabled_at: Moment | None
    datasets: dict[str, int]
    jobs: dict[str, int]
    models: dict[str, int]
    spent_this_month: Usd


def user_rows(deps: Deps, users: Sequence[usage_totals.KnownUser]) -> tuple[UserRow, ...]:
    """Return what each of these users has and spent this month, and whether they may come in."""
    tallied = usage_totals.tallies(deps.table, users, deps.now())
    access = access_of(deps.table, [user.user_id for user in users])
    return tuple(_user_row(tally, access.get(tally.user.user_id)) for tally in tallied)


def _user_row(tally: usage_totals.UsageTotals, access: UserAccess | None) -> UserRow:
    return UserRow(
        user_id=tally.user.user_id,
        seen_at=tally.user.seen_at,
        disabled_at=access.disabled_at if access else None,
        datasets=usage_totals.summed([tally], "DATASET"),
        jobs=usage_totals.summed([tally], "JOB"),
        models=usage_totals.summed([tally], "MODEL"),
        spent_this_month=tally.spent,
    )


def _calibration(deps: Deps) -> tuple[CalibrationView, ...]:
    return tuple(
        CalibrationView(
            base_model=base_model,
            gpu_type=gpu_type,
            runs=len(runs),
            coverage=coverage_of(runs),
            measured=measured_of(runs),
        )
        for (base_model, gpu_type), runs in everything_measured(deps.table).items()
    )


def overview(deps: Deps) -> Overview:
    """Return users, jobs by status, failures by code, stars, storage, spend and calibration."""
    users, complete = usage_totals.all_users(deps.table)
    tallied = usage_totals.tallies(deps.table, users, deps.now())
    return Overview(
        users=len(users),
        complete=complete,
        datasets=usage_totals.summed(tallied, "DATASET"),
        jobs=usage_totals.summed(tallied, "JOB"),
        models=usage_totals.summed(tallied, "MODEL"),
        failures=usage_totals.summed(tallied, "FAILURE"),
        quality=usage_totals.summed(tallied, "STARS"),
        storage_bytes=usage_totals.summed(tallied, "BYTES"),
        spent_this_month=sum((tally.spent for tally in tallied), Decimal(0)),
        calibration=_calibration(deps),
    )
