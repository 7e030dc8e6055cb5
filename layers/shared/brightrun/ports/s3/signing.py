"""Sessions that sign URLs, and whose end is known: a URL dies with the session that signed it.

A function's own credentials end at a time that nothing tells it, so it takes on a role for
signing; AWS grants it an hour. Source:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html (role chaining)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SESSION_SECONDS = 3600
"""As long as a role that was taken on by a role can be kept."""
FRESH_SECONDS = 300
"""So long one session signs; a URL then lives 55 minutes at least."""


@dataclass(frozen=True)
class SigningSession:
    """A client whose URLs end at `ends_at` at the latest; None: with nothing but their own end."""

    client: "S3Client"
    ends_at: datetime | None = None


class RoleClient(Protocol):
    """What is used of STS: its types are not installed."""

    # AWS's own argument names
    def assume_role(
        self,
        *,
        RoleArn: str,  # noqa: N803
        RoleSessionName: str,  # noqa: N803
        DurationSeconds: int,  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return keys that end, under `Credentials`."""


class RoleSessions:
    """Sessions of the signing role, one after another; call it for the present one."""

    def __init__(
        self,
        sts: Callable[[], RoleClient],
        role_arn: str,
        open_client: Callable[[Mapping[str, str]], "S3Client"],
        now: Callable[[], datetime],
    ) -> None:
        self._sts, self._role_arn, self._open, self._now = sts, role_arn, open_client, now
        self._session: SigningSession | None = None
        self._taken_at: datetime | None = None

    def __call__(self) -> SigningSession:
        """Return a session that was taken on minutes ago at most."""
        now, taken_at = self._now(), self._taken_at
        is_fresh = taken_at is not None and (now - taken_at).total_seconds() < FRESH_SECONDS
        if self._session is None or not is_fresh:
            granted = self._sts().assume_role(
                RoleArn=self._role_arn,
                RoleSessionName="signing",
                DurationSeconds=SESSION_SECONDS,
            )["Credentials"]
            self._session = SigningSession(self._open(granted), granted["Expiration"])
            self._taken_at = now
        return self._session
