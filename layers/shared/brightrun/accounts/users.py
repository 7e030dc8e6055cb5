"""Who is out: users that an administrator has disabled. Pure."""

from brightrun.records import Moment, Record, UserId


class UserAccess(Record):
    """Whether a user may come in; without one, they may.

    Attributes:
        disabled_at: since when neither token nor key of theirs opens anything; null: they may.
    """

    user_id: UserId
    version: int = 1
    disabled_at: Moment | None = None
    changed_by: UserId
    changed_at: Moment
