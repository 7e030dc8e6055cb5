"""Budget warnings: who has newly spent most of a month's limit is told so, once a mark."""

from functools import partial

from brightrun.accounts.budget import MonthSpend, limit_of, warned
from brightrun.ports.dynamodb.accounts.budgets import find_limits, save_looked_at
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import Taken, Task, take_due

LEASE_SECONDS = 60


def warn_due(deps: Deps) -> Taken:
    """Look at every month to which a cost was added.

    Safe to run twice: the one write is conditional on the month as it was read, and holds the
    warning together with what was warned of.
    """
    task = Task(
        kind=Work.WARN,
        record=MonthSpend,
        step=partial(warn, deps),
        failed=partial(give_up, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=deps.limits.max_provider_failures,
    )
    return take_due(deps.table, task, now=deps.now)


def warn(deps: Deps, month: MonthSpend) -> None:
    """Write the warning that a month's sum calls for, if any."""
    own = find_limits(deps.table, month.user_id)
    limit = limit_of(own, deps.settings.monthly_limit_usd)
    after, notes = warned(month, limit, deps.clock())
    save_looked_at(deps.table, month, after, notes)


def give_up(deps: Deps, month: MonthSpend, _: Exception) -> None:
    """Leave a month unwarned after so many tries; the next cost looks at it again."""
    if month.tries >= deps.limits.max_provider_failures:
        done = month.model_copy(update={"work": None, "due_at": None, "tries": 0})
        save_looked_at(deps.table, month, done, ())
