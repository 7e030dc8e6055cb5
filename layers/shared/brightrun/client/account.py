"""An account by HTTP: what it spent and may spend, what it was told, its keys; and its stage."""

from collections.abc import Sequence
from datetime import date

from brightrun.accounts.record import Notification
from brightrun.client.account_answers import (
    Identity,
    Key,
    Keys,
    MadeKey,
    MarkedRead,
    MonthlyBudget,
    NotificationsPage,
    Offer,
    SignIn,
    Spending,
    UsersPage,
)
from brightrun.client.calls import Caller, Json


class Costs:
    """`/api/costs`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def read(
        self,
        *,
        period: str = "month",
        start: date | None = None,
        end: date | None = None,
        limit: int = 25,
        cursor: str | None = None,
    ) -> Spending:
        """Return the sums of a period, or between two days, and a page of their records."""
        query = {**_days(period, start, end), "limit": limit, "cursor": cursor}
        return self._caller.get("/api/costs", Spending, query)

    def csv(
        self, *, period: str = "month", start: date | None = None, end: date | None = None
    ) -> str:
        """Return the records as a table for a spreadsheet."""
        return self._caller.text("/api/costs", {**_days(period, start, end), "format": "csv"})


def _days(period: str, start: date | None, end: date | None) -> dict[str, str | None]:
    return {
        "period": period,
        "start_date": start.isoformat() if start else None,
        "end_date": end.isoformat() if end else None,
    }


class Limits:
    """`/api/limits`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def read(self) -> MonthlyBudget:
        """Return what may still be spent this month."""
        return self._caller.get("/api/limits", MonthlyBudget)


class Notifications:
    """`/api/notifications`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self, *, unread: bool = False, limit: int = 20, cursor: str | None = None
    ) -> NotificationsPage:
        """Return one page, newest first."""
        query = {"unread": unread, "limit": limit, "cursor": cursor}
        return self._caller.get("/api/notifications", NotificationsPage, query)

    def mark_read(self, notification_id: str) -> Notification:
        """Mark one as read."""
        return self._caller.patch(f"/api/notifications/{notification_id}/read", Notification, {})

    def mark_all_read(self) -> MarkedRead:
        """Mark everything as read, at most a thousand at once."""
        return self._caller.post("/api/notifications/read-all", MarkedRead, repeatable=True)


class ApiKeys:
    """`/api/api-keys`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create(
        self,
        name: str,
        *,
        scopes: Sequence[str] | None = None,
        expires_in_days: int | None = None,
    ) -> MadeKey:
        """Make a key. Never repeated: asking twice makes two."""
        body: Json = {"name": name}
        if scopes is not None:
            body["scopes"] = list(scopes)
        if expires_in_days is not None:
            body["expires_in_days"] = expires_in_days
        return self._caller.post("/api/api-keys", MadeKey, body)

    def list(self) -> tuple[Key, ...]:
        """Return every key, newest first."""
        return self._caller.get("/api/api-keys", Keys).api_keys

    def revoke(self, key_id: str) -> Key:
        """Revoke a key; doing it again changes nothing."""
        return self._caller.delete(f"/api/api-keys/{key_id}", Key)


class Stage:
    """What a stage says of itself and of whoever calls."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def catalog(self) -> Offer:
        """Return what a job can be configured with."""
        return self._caller.get("/api/catalog", Offer)

    def identity(self) -> Identity:
        """Return whose key it is."""
        return self._caller.get("/api/me", Identity)

    def sign_in(self) -> SignIn:
        """Return where people sign in; needs no key."""
        return self._caller.get("/api/config", SignIn)


class Admin:
    """`/api/admin`: administrators only."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def overview(self) -> Json:
        """Return the sums over all users."""
        return self._caller.get("/api/admin/overview", Json)

    def users(self, *, limit: int = 50, cursor: str | None = None) -> UsersPage:
        """Return one page of users with their counts."""
        return self._caller.get("/api/admin/users", UsersPage, {"limit": limit, "cursor": cursor})

    def limits_of(self, user_id: str) -> MonthlyBudget:
        """Return what a user may still spend this month."""
        return self._caller.get(f"/api/admin/users/{user_id}/limits", MonthlyBudget)

    def change_limit_of(self, user_id: str, monthly_limit_usd: float | None) -> MonthlyBudget:
        """Allow a user more or less; None: the stage's limit."""
        body = {"monthly_limit_usd": monthly_limit_usd}
        return self._caller.put(f"/api/admin/users/{user_id}/limits", MonthlyBudget, body)
