"""Everything that can be refused, with its public code.

Pure: knows nothing of HTTP; the edge owns one table from class to status.

    PlatformError
    ├── InvalidRequest          fix the named fields
    ├── Unauthenticated         send a valid token
    ├── Forbidden               this identity may not do that
    ├── NotFound                no such thing, or another owner's
    │   ├── DatasetNotFound
    │   ├── JobNotFound
    │   ├── ModelNotFound
    │   ├── NotificationNotFound
    │   ├── TrainingFileNotFound
    │   ├── ApiKeyNotFound
    │   └── WebhookEndpointNotFound
    ├── DatasetNotReady         wait for validation, or fix the file
    ├── DatasetInUse            a job still needs it
    ├── UploadIncomplete        the object is missing or has another size
    ├── AlreadyExists           the existing id is named
    ├── InvalidTransition       it has moved on
    ├── Conflict                somebody else wrote first; read again
    ├── Superseded              a newer attempt owns the job: stop at once
    ├── GpuUnavailable          priced, but nothing serves it
    ├── TooLarge                over a size limit
    ├── QuotaExceeded           later, or ask for more
    ├── RateLimited             too many calls too soon: wait as long as is said
    ├── ProviderRefused         the GPU provider said no, and means it
    ├── ProviderUnavailable     the GPU provider did not answer
    └── ArtifactCorrupt         a file is not what its manifest says
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class PlatformError(Exception):
    """Base of every refusal: a stable `code`, a sentence, and facts in `details`."""

    code: ClassVar[str]

    def __init__(self, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.details = dict(details) if details else None


class InvalidRequest(PlatformError):
    """`details` maps a field to its messages. Trying again unchanged does not help."""

    code = "invalid_request"

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        first = next(iter(fields.items()), ("body", ["is not valid"]))
        super().__init__(f"{first[0]}: {first[1][0]}", dict(fields))


class Unauthenticated(PlatformError):
    """No identity, or one that is not valid any more. A new token helps."""

    code = "unauthenticated"


class Forbidden(PlatformError):
    """The identity is known and may not do this. Trying again does not help."""

    code = "forbidden"


class NotFound(PlatformError):
    """No such thing; also the answer for another owner's id."""

    code = "not_found"
    kind: ClassVar[str] = "resource"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{self.kind} {item_id} was not found")


class DatasetNotFound(NotFound):
    """See `NotFound`."""

    code = "dataset_not_found"
    kind = "dataset"


class JobNotFound(NotFound):
    """See `NotFound`."""

    code = "job_not_found"
    kind = "job"


class ModelNotFound(NotFound):
    """See `NotFound`."""

    code = "model_not_found"
    kind = "model"


class NotificationNotFound(NotFound):
    """See `NotFound`."""

    code = "notification_not_found"
    kind = "notification"


class TrainingFileNotFound(NotFound):
    """See `NotFound`."""

    code = "training_file_not_found"
    kind = "training file"


class ApiKeyNotFound(NotFound):
    """See `NotFound`."""

    code = "api_key_not_found"
    kind = "API key"


class WebhookEndpointNotFound(NotFound):
    """See `NotFound`."""

    code = "webhook_endpoint_not_found"
    kind = "webhook endpoint"


class DatasetNotReady(PlatformError):
    """The dataset cannot be trained on now; status and flag are named."""

    code = "dataset_not_ready"

    def __init__(self, name: str, status: str, *, training_ready: bool) -> None:
        super().__init__(
            f'"{name}" is {status} (training_ready={str(training_ready).lower()}); '
            "a dataset must be ready, with rows that train",
            {"status": status, "training_ready": training_ready},
        )


class DatasetInUse(PlatformError):
    """A job that has not ended uses the dataset. Helps: wait for it, or cancel it."""

    code = "dataset_in_use"


class UploadIncomplete(PlatformError):
    """The uploaded object is missing or differs from what was declared. Upload again."""

    code = "upload_incomplete"


class AlreadyExists(PlatformError):
    """It is there already; `details.existing_id` names it."""

    code = "already_exists"

    def __init__(self, kind: str, existing_id: str) -> None:
        super().__init__(
            f"this {kind} already exists as {existing_id}", {"existing_id": existing_id}
        )


class InvalidTransition(PlatformError):
    """The thing has moved on and cannot go where it was asked to."""

    code = "invalid_transition"

    def __init__(self, kind: str, item_id: str, now: str, asked: str) -> None:
        super().__init__(f"{kind} {item_id} is {now} and cannot become {asked}", {"status": now})


class Conflict(PlatformError):
    """Another writer came first. Reading again and deciding again helps."""

    code = "conflict"


class Superseded(PlatformError):
    """This attempt no longer owns its job. Trying again never helps: stop at once."""

    code = "superseded"


class GpuUnavailable(PlatformError):
    """The GPU type can be priced but no endpoint serves it. Choose another."""

    code = "gpu_unavailable"


class TooLarge(PlatformError):
    """Over a size limit, which is named."""

    code = "too_large"


class QuotaExceeded(PlatformError):
    """A limit of this user is reached. Later, or after freeing something, it may work."""

    code = "quota_exceeded"


class RateLimited(PlatformError):
    """Too many calls in a short time. The same call may be made after `retry_after_seconds`."""

    code = "rate_limited"

    def __init__(self, message: str, retry_after_seconds: float) -> None:
        self.retry_after_seconds = max(1, -int(-retry_after_seconds // 1))
        wait = self.retry_after_seconds
        super().__init__(f"{message}; wait {wait} s", {"retry_after_seconds": wait})


class ProviderRefused(PlatformError):
    """The GPU provider understood and refused (4xx). The same call will be refused again."""

    code = "provider_refused"

    def __init__(
        self,
        message: str,
        status_code: int,
        *,
        account_limit: bool = False,
        unsendable: bool = False,
    ) -> None:
        """Say what was refused.

        Args:
            account_limit: whether the account has no money left, or may spend no more.
            unsendable: whether our own request is wrong, so that no wait makes it right.
        """
        super().__init__(message, {"status_code": status_code})
        self.status_code = status_code
        self.account_limit = account_limit
        self.unsendable = unsendable


class ProviderUnavailable(PlatformError):
    """No usable answer from the GPU provider; whether the call happened is not known.

    Attributes:
        nothing_began: the call certainly did nothing: no connection, or 429. Later it may work.
    """

    code = "provider_unavailable"

    def __init__(self, message: str, *, nothing_began: bool = False) -> None:
        super().__init__(message)
        self.nothing_began = nothing_began


class ArtifactCorrupt(PlatformError):
    """A stored file is missing or is not what its manifest declares."""

    code = "artifact_corrupt"
