"""Deleted is deleted: an appointment to erase what was deleted, records, files and old versions.

Pure. What is deleted is hidden at once and kept for some days, so that an administrator can undo a
mistake; then a background function keeps the appointment. Money stays, without whose it was.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from brightrun.errors import InvalidTransition
from brightrun.records import Moment, Record, UserId
from brightrun.work import Work, WorkItem, work_of

ERASED = UserId("erased")
"""Whose the costs of erased users are."""
BACKOFF = timedelta(minutes=5)


class ErasureKind(StrEnum):
    """What is erased."""

    DATASET = "dataset"
    MODEL = "model"
    TRAINING_FILE = "training_file"
    USER = "user"


class Erasure(WorkItem):
    """That something is going to be erased, and when: `due_at`.

    Attributes:
        id: of what is erased.
        asked_by: who deleted it: its owner, or an administrator.
        withdrawn_at: when it was called off; null: it is not.
    """

    id: str
    user_id: UserId
    kind: ErasureKind
    asked_by: UserId
    asked_at: Moment
    withdrawn_at: Moment | None = None


class ErasedUser(Record):
    """That a user was erased, without saying who it was.

    Attributes:
        digest: SHA-256 of the user's id: it answers whether one was erased, and lists nobody.
    """

    digest: str
    asked_by: UserId
    asked_at: Moment
    erased_at: Moment


def erasure_of(
    kind: ErasureKind, user_id: UserId, target_id: str, *, by: UserId, at: datetime, days: int
) -> Erasure:
    """Return the appointment to erase something so many days from now."""
    return Erasure(
        id=target_id,
        user_id=user_id,
        kind=kind,
        asked_by=by,
        asked_at=at,
        work=work_of(Work.ERASE, target_id),
        due_at=at + timedelta(days=days),
    )


def hastened(erasure: Erasure, *, at: datetime) -> Erasure:
    """Return the appointment due now; one that was called off, or has begun, is unchanged."""
    if erasure.due_at is None or erasure.due_at <= at or erasure.tries:
        return erasure
    return erasure.model_copy(update={"due_at": at})


def withdrawn(erasure: Erasure, *, at: datetime) -> Erasure:
    """Return the appointment called off.

    Raises:
        InvalidTransition: erasing has begun; what is gone is gone.
    """
    if erasure.withdrawn_at is not None:
        return erasure
    if erasure.tries:
        raise InvalidTransition(erasure.kind.value, erasure.id, "being erased", "kept")
    return erasure.model_copy(update={"work": None, "due_at": None, "withdrawn_at": at})


def put_off(erasure: Erasure, *, at: datetime, failed: bool) -> Erasure:
    """Return the appointment due again: at once while there is more to do, later after a fault.

    It is never given up.
    """
    return erasure.model_copy(update={"due_at": at + BACKOFF if failed else at})


def erased_user(erasure: Erasure, *, at: datetime) -> ErasedUser:
    """Return what is remembered of an erased user."""
    return ErasedUser(
        digest=digest_of(erasure.user_id),
        asked_by=ERASED if erasure.asked_by == erasure.user_id else erasure.asked_by,
        asked_at=erasure.asked_at,
        erased_at=at,
    )


def digest_of(user_id: UserId) -> str:
    """Return the digest under which an erased user is remembered."""
    return hashlib.sha256(user_id.encode()).hexdigest()
