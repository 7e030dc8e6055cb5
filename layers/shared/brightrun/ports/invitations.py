"""Letting a person in: a user of the pool with a first password that works once.

Knows no botocore: a client's own exceptions are asked for.
"""

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

_LETTERS = string.ascii_letters + string.digits
_LENGTH = 20


@dataclass(frozen=True)
class Invited:
    """What became of it.

    Attributes:
        password: the first password, where no e-mail was to carry it.
        settled: the person has a password of their own already; nothing was sent.
    """

    email: str
    is_admin: bool
    password: str | None = field(default=None, repr=False)
    settled: bool = False


def invite(
    client: Any,  # noqa: ANN401 - boto3 makes clients by name
    pool_id: str,
    email: str,
    *,
    is_admin: bool,
    by_mail: bool,
) -> Invited:
    """Make a user who may sign in; one who has not yet signed in is invited again.

    Args:
        by_mail: the pool sends the first password; otherwise it is returned.

    Repeating it is harmless: a person with a password of their own keeps it.
    """
    password = None if by_mail else first_password()
    settled = False
    try:
        client.admin_create_user(**_asked(pool_id, email, password))
    except client.exceptions.UsernameExistsException:
        user = client.admin_get_user(UserPoolId=pool_id, Username=email)
        settled = user["UserStatus"] != "FORCE_CHANGE_PASSWORD"
        if not settled:
            _again(client, pool_id, email, password)
    if is_admin:
        client.admin_add_user_to_group(UserPoolId=pool_id, Username=email, GroupName="admin")
    return Invited(email, is_admin, None if settled else password, settled)


def first_password() -> str:
    """Return a password that any pool of ours takes: long, with a small, a large and a digit."""
    return "aA1" + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _asked(pool_id: str, email: str, password: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "UserPoolId": pool_id,
        "Username": email,
        "UserAttributes": [
            {"Name": "email", "Value": email},
            # invited by whoever deploys: a reset of the password goes to that address
            {"Name": "email_verified", "Value": "true"},
        ],
    }
    if password is None:
        return {**asked, "DesiredDeliveryMediums": ["EMAIL"]}
    return {**asked, "MessageAction": "SUPPRESS", "TemporaryPassword": password}


def _again(client: Any, pool_id: str, email: str, password: str | None) -> None:  # noqa: ANN401 - as above
    if password is None:
        asked = _asked(pool_id, email, None)
        client.admin_create_user(**asked, MessageAction="RESEND")
    else:
        client.admin_set_user_password(
            UserPoolId=pool_id, Username=email, Password=password, Permanent=False
        )
