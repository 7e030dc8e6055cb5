"""The user pool: whether a user may sign in, and letting them no longer.

Whoever is disabled in the pool alone is out within a minute; a pool that does not answer changes
nothing for whoever was known to be in.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.errors import ProviderUnavailable
from brightrun.records import UserId

REMEMBERED = timedelta(seconds=45)
_MOST_REMEMBERED = 10_000
_NOBODY = "UserNotFoundException"
log = logging.getLogger(__name__)


class PoolClient(Protocol):
    """The part of boto3's client that is used here; all take the same two names."""

    def admin_get_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]: ...  # noqa: N803 - AWS's own names

    def admin_disable_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]: ...  # noqa: N803 - as above

    def admin_enable_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]: ...  # noqa: N803 - as above

    def admin_delete_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]: ...  # noqa: N803 - as above

    def admin_user_global_sign_out(self, *, UserPoolId: str, Username: str) -> dict[str, Any]: ...  # noqa: N803 - as above


@dataclass(frozen=True)
class UserPool:
    """A pool, and how to get a client for it: made when it is first needed."""

    connect: Callable[[], PoolClient]
    pool_id: str
    _known: dict[str, tuple[bool, datetime]] = field(default_factory=dict)

    def is_enabled(self, user_id: UserId, now: datetime) -> bool:
        """Return whether a user may sign in, as of less than a minute ago."""
        known, until = self._known.get(user_id, (True, now))
        if now < until:
            return known
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        asked = self._ask(user_id)
        known = known if asked is None else asked
        self._known[user_id] = (known, now + REMEMBERED)
        return known

    def email_of(self, user_id: UserId) -> str | None:
        """Return the address a user signs in with, or None: nobody, or the pool did not answer."""
        user = self._find(user_id)
        attributes = user.get("UserAttributes", []) if user else []
        found = (str(each["Value"]) for each in attributes if each["Name"] == "email")
        return next(found, None)

    def _ask(self, user_id: UserId) -> bool | None:
        user = self._find(user_id)
        return None if user is None else bool(user.get("Enabled"))

    def _find(self, user_id: UserId) -> dict[str, Any] | None:
        """Return a user; empty: there is none; None: the pool did not say."""
        try:
            return self.connect().admin_get_user(UserPoolId=self.pool_id, Username=user_id)
        except ClientError as error:
            if error.response["Error"]["Code"] == _NOBODY:
                return {}
            log.warning("the user pool refuses to say: %s", error.response["Error"]["Code"])
            return None
        except BotoCoreError as error:
            log.warning("the user pool does not answer: %s", type(error).__name__)
            return None

    def disable(self, user_id: UserId) -> None:
        """Let a user sign in no longer, and end every session. Doing it again changes nothing.

        Raises:
            ProviderUnavailable: the pool did not take it.
        """
        client = self.connect()
        self._change(client.admin_disable_user, user_id)
        self._change(client.admin_user_global_sign_out, user_id)

    def enable(self, user_id: UserId) -> None:
        """Let a user sign in again.

        Raises:
            ProviderUnavailable: the pool did not take it.
        """
        self._change(self.connect().admin_enable_user, user_id)

    def delete(self, user_id: UserId) -> None:
        """Remove a user, their address with them; one who is gone already is no fault.

        Raises:
            ProviderUnavailable: the pool did not take it.
        """
        self._change(self.connect().admin_delete_user, user_id)

    def _change(self, call: Callable[..., object], user_id: UserId) -> None:
        try:
            call(UserPoolId=self.pool_id, Username=user_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != _NOBODY:
                raise ProviderUnavailable("the user pool did not take it") from error
        except BotoCoreError as error:
            raise ProviderUnavailable("the user pool did not answer") from error
