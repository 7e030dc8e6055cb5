"""What a call of the API can end with instead of an answer, as one exception for each kind.

BrightRunError
├── ApiError               the API refused: status, code, message, details
│   ├── RequestInvalid     400: fix the fields that `details` names
│   ├── NotSignedIn        401: no key, or one that opens nothing any more
│   ├── NotAllowed         403: this key may not do that
│   ├── ResourceMissing    404: no such id, or another owner's
│   ├── StateConflict      409: it has moved on, is in use, or exists already
│   ├── LimitReached       429: a limit of the account or of the rate of calls
│   └── ServiceFailed      5xx, after every attempt that is safe
├── NoConnection           nothing answered, after every attempt that is safe
└── TransferFailed         storage refused a file, or sent another one than was promised
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


class BrightRunError(Exception):
    """Base of everything the client raises."""


class NoConnection(BrightRunError):
    """No answer came; the call may or may not have been made."""


class TransferFailed(BrightRunError):
    """A file did not get through whole; the message says what helps."""


class ApiError(BrightRunError):
    """The API refused.

    Attributes:
        status: of HTTP.
        code: the stable word for programs, listed in docs/errors.md; `http_502` and the like where
            something in front of the API answered.
        message: the API's sentence.
        details: facts, such as field names with what is wrong with each.
    """

    def __init__(
        self, status: int, code: str, message: str, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{message} ({code})")
        self.status = status
        self.code = code
        self.message = message
        self.details = dict(details or {})


class RequestInvalid(ApiError):
    """Something asked for is not possible as it was asked."""


class NotSignedIn(ApiError):
    """The key is missing, wrong, revoked or expired."""


class NotAllowed(ApiError):
    """The key is known and does not open this."""


class ResourceMissing(ApiError):
    """No such id, or it belongs to somebody else."""


class StateConflict(ApiError):
    """It cannot be done as things stand; read again."""


class LimitReached(ApiError):
    """Later it may work, or after something was freed."""


class ServiceFailed(ApiError):
    """The service failed, not the request."""


_KINDS: Mapping[int, type[ApiError]] = {
    HTTPStatus.BAD_REQUEST: RequestInvalid,
    HTTPStatus.UNAUTHORIZED: NotSignedIn,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: ResourceMissing,
    HTTPStatus.CONFLICT: StateConflict,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: RequestInvalid,
    HTTPStatus.TOO_MANY_REQUESTS: LimitReached,
}


def refusal(status: int, body: object) -> ApiError:
    """Return the exception for an answer that is not a success, whoever wrote its body."""
    kind = _KINDS.get(status, ServiceFailed if status >= 500 else ApiError)  # noqa: PLR2004 - HTTP's own
    told = body if isinstance(body, dict) else {}
    details = told.get("details")
    return kind(
        status,
        str(told.get("code") or f"http_{status}"),
        str(told.get("error") or told.get("message") or f"the API answered {status}"),
        details if isinstance(details, dict) else None,
    )
