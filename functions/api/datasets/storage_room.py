"""How much a user may have: datasets on their way, bytes stored, coming, and of the library.

What is on its way counts from its declaration on. Each kind is written under a condition, so that
many declarations at once get no more room than one after another.
"""

from brightrun.datasets.record import DatasetStatus
from brightrun.errors import QuotaExceeded
from brightrun.multipart import GIB
from brightrun.ports.dynamodb import datasets as stored
from brightrun.ports.dynamodb.accounts.usage_totals import stored_sums
from brightrun.records import UserId
from brightrun.runtime import Deps


def require_room(deps: Deps, user_id: UserId, size_bytes: int) -> stored.UploadRoom:
    """Return the room there is for one more upload, if it fits beside what is stored or coming.

    Raises:
        QuotaExceeded: too many are on their way, or it does not fit.
    """
    uploading = require_few(deps, user_id)
    others = room_beside(deps, user_id, size_bytes, stored.UPLOADING)
    return stored.UploadRoom(others, uploading)


def require_few(deps: Deps, user_id: UserId) -> int:
    """Return how many datasets may be uploading, beside those that are validated.

    Raises:
        QuotaExceeded: so many are on their way already.
    """
    counts = stored.counts_by_status(deps.table, user_id)
    in_flight = counts[DatasetStatus.UPLOADING] + counts[DatasetStatus.VALIDATING]
    most = deps.settings.max_datasets_in_flight
    if in_flight >= most:
        told = {"datasets_in_flight": in_flight, "max_datasets_in_flight": most}
        raise QuotaExceeded(f"{in_flight} datasets are uploaded or validated; wait for one", told)
    return most - counts[DatasetStatus.VALIDATING]


def room_beside(deps: Deps, user_id: UserId, size_bytes: int, kind: str) -> int:
    """Return how many bytes of a kind there may be beside all others, if so many more fit.

    Raises:
        QuotaExceeded: they do not.
    """
    sums = stored_sums(deps.table, user_id)
    held, room = sum(sums.values()), deps.settings.max_stored_gb_per_user * GIB
    if held + size_bytes > room:
        told = {"stored_bytes": held, "max_stored_bytes": room}
        message = "there is no room for this file; delete a dataset, a model or a training file"
        raise QuotaExceeded(message, told)
    return room - (held - sums.get(kind, 0))
