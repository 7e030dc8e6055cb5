"""A user's whole data: read out by page, erased, and what was deleted of it erased at once."""

from typing import Any, Literal

from brightrun.accounts.erasure import ErasedUser, Erasure, ErasureKind, erasure_of
from brightrun.ports.dynamodb.accounts import erasures
from brightrun.ports.dynamodb.accounts.exporting import Exported, export_page
from brightrun.ports.dynamodb.accounts.user_access import set_access
from brightrun.ports.s3.objects import sign_download
from brightrun.records import DeferredModel, Moment, Record, UserId
from brightrun.runtime import Deps

_PAGE = 50
"""A model has a dozen files, each with a signed address of about a kilobyte."""


class ExportedRecord(DeferredModel):
    """One record as it is stored; `kind` says of what, `key` tells it from its like."""

    kind: str
    key: str
    record: dict[str, Any]


class ExportedFile(DeferredModel):
    """One file: where it belongs in the export, and where to get it within the hour."""

    path: str
    url: str


class ExportPage(DeferredModel):
    """A part of what is kept of a user.

    Attributes:
        files: those that belong to the records of this page.
        cursor: leads to the next part; null at the end. A page may be empty and not be the last.
    """

    records: tuple[ExportedRecord, ...]
    files: tuple[ExportedFile, ...]
    cursor: str | None


class ErasureView(Record):
    """That something is going to be erased.

    Attributes:
        due_at: from when on; null: it was called off.
    """

    id: str
    kind: ErasureKind
    asked_by: str
    asked_at: Moment
    due_at: Moment | None


class DeletedThing(ErasureView):
    """Something deleted that is not erased yet.

    Attributes:
        name: as it was called; null: its record is gone already.
    """

    name: str | None


class DeletedPage(DeferredModel):
    """What a user has deleted; `cursor` leads on. A page before the last may be empty."""

    deleted: tuple[DeletedThing, ...]
    cursor: str | None


class ErasureState(DeferredModel):
    """Whether a user is erased.

    Attributes:
        state: `none`: nobody asked; `waiting` until its time; `erasing`; `erased`.
        due_at: when it begins, or is taken up again.
        erased_at: when nothing was left.
    """

    user_id: str
    state: Literal["none", "waiting", "erasing", "erased"]
    due_at: Moment | None = None
    erased_at: Moment | None = None


def export(deps: Deps, user_id: UserId, cursor: str | None) -> ExportPage:
    """Return one page of everything that is kept of a user.

    Raises:
        InvalidRequest: the cursor is not one of this export.
    """
    page = export_page(deps.table, user_id, limit=_PAGE, cursor=cursor)
    files = (file for exported in page.records for file in _files_of(deps, exported))
    return ExportPage(
        records=tuple(
            ExportedRecord(kind=each.kind, key=each.key, record=each.record)
            for each in page.records
        ),
        files=tuple(files),
        cursor=page.cursor,
    )


def _files_of(deps: Deps, exported: Exported) -> list[ExportedFile]:
    record = exported.record
    if record.get("deleted_at"):
        return []
    match exported.kind:
        case "dataset":
            places = {record["storage_path"]: record.get("version_id")}
            if record.get("report_path"):
                places[record["report_path"]] = None
        case "model":
            places = dict.fromkeys(record["artifacts"].values())
        case "training_file":
            both = (record["jsonl"], record.get("json_file"))
            places = {stored["key"]: None for stored in both if stored}
        case _:
            places = {}
    return [
        ExportedFile(path=key, url=sign_download(deps.store, key, version_id=version))
        for key, version in places.items()
    ]


def erase_user(deps: Deps, user_id: UserId, *, by: UserId, days: int) -> ErasureState:
    """Shut a user out now and erase everything of theirs in so many days; the sooner of two holds.

    Doing it again changes nothing; where the user pool did not answer, it is asked again.
    """
    if erasures.find_erased(deps.table, user_id) is None:
        now = deps.now()
        wanted = erasure_of(ErasureKind.USER, user_id, user_id, by=by, at=now, days=days)
        erasures.ask_for_user(deps.table, wanted)
        set_access(deps.table, user_id, by, now, disabled=True)
        if deps.users is not None:
            deps.users.disable(user_id)
    return erasure_state(deps, user_id)


def erasure_state(deps: Deps, user_id: UserId) -> ErasureState:
    """Return how far the erasing of a user is."""
    asked = erasures.find_for_user(deps.table, user_id)
    if asked is not None and asked.work is not None:
        state: Literal["waiting", "erasing"] = "erasing" if asked.tries else "waiting"
        return ErasureState(user_id=user_id, state=state, due_at=asked.due_at)
    done: ErasedUser | None = erasures.find_erased(deps.table, user_id)
    if done is not None:
        return ErasureState(user_id=user_id, state="erased", erased_at=done.erased_at)
    return ErasureState(user_id=user_id, state="none")


def deleted(deps: Deps, user_id: UserId, *, limit: int, cursor: str | None) -> DeletedPage:
    """Return one page of what a user has deleted and is not erased yet."""
    page = erasures.appointments(deps.table, user_id, limit=limit, cursor=cursor)
    names = erasures.names_of(deps.table, page.records)
    things = (
        DeletedThing.model_validate({**dict(each), "name": names.get(each.id)})
        for each in page.records
    )
    return DeletedPage(deleted=tuple(things), cursor=page.cursor)


def purge(deps: Deps, user_id: UserId, ids: tuple[str, ...] | None) -> tuple[ErasureView, ...]:
    """Let what a user has deleted be erased within a minute: all of it, or what is named."""
    hastened = erasures.hasten(deps.table, user_id, ids, at=deps.now())
    return tuple(_view(erasure, deps.now()) for erasure in hastened)


def _view(erasure: Erasure, now: Moment) -> ErasureView:
    due_at = erasure.due_at and min(erasure.due_at, now)
    return ErasureView.model_validate({**dict(erasure), "due_at": due_at})
