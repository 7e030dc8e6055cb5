"""One user, as an administrator sees them."""

from brightrun.money import Usd
from brightrun.ports.dynamodb.accounts import usage_totals
from brightrun.ports.dynamodb.accounts.usage_totals import KnownUser
from brightrun.ports.dynamodb.accounts.user_access import find_access
from brightrun.records import DeferredModel, Moment, UserId
from brightrun.runtime import Deps


class UserView(DeferredModel):
    """One user.

    Attributes:
        email: the address they sign in with; null: the user pool knows nobody, or did not answer.
        seen_at: when they last declared a dataset; null: they never did.
        disabled_at: since when they are shut out; null: they may come in.
        changed_by: who last shut them out or let them in; null: nobody did.
        changed_at: when that was.
        storage_bytes: what lies in the bucket, by what it is.
    """

    user_id: str
    email: str | None
    seen_at: Moment | None
    disabled_at: Moment | None
    changed_by: str | None
    changed_at: Moment | None
    datasets: dict[str, int]
    jobs: dict[str, int]
    models: dict[str, int]
    storage_bytes: dict[str, int]
    spent_this_month: Usd


def view_of(deps: Deps, user_id: UserId) -> UserView:
    """Return what is known of a user; of somebody nobody knows, nothing is."""
    known = usage_totals.find_known(deps.table, user_id)
    whoever = known or KnownUser(user_id=user_id, seen_at=deps.now())
    (tally,) = usage_totals.tallies(deps.table, [whoever], deps.now())
    access = find_access(deps.table, user_id)
    return UserView(
        user_id=user_id,
        email=deps.users.email_of(user_id) if deps.users else None,
        seen_at=known.seen_at if known else None,
        disabled_at=access.disabled_at if access else None,
        changed_by=access.changed_by if access else None,
        changed_at=access.changed_at if access else None,
        datasets=usage_totals.summed([tally], "DATASET"),
        jobs=usage_totals.summed([tally], "JOB"),
        models=usage_totals.summed([tally], "MODEL"),
        storage_bytes=usage_totals.summed([tally], "BYTES"),
        spent_this_month=tally.spent,
    )
