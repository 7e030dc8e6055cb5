"""What an administrator answers for: a user's whole data, what was deleted, the catalogue."""

from collections.abc import Iterator, Sequence

from brightrun.client.calls import Caller, Json
from brightrun.records import Moment, Record

CONFIRMATION = "erase everything"


class ExportedRecord(Record):
    """One record of a user's, as it is stored."""

    kind: str
    key: str
    record: Json


class ExportedFile(Record):
    """One file of a user's: where it belongs in the export, and where to get it."""

    path: str
    url: str


class ExportPart(Record):
    """A part of what is kept of a user."""

    records: tuple[ExportedRecord, ...]
    files: tuple[ExportedFile, ...]
    cursor: str | None


class UserErasure(Record):
    """Whether a user is erased: `none`, `waiting`, `erasing` or `erased`."""

    user_id: str
    state: str
    due_at: Moment | None = None
    erased_at: Moment | None = None


class PlannedErasure(Record):
    """Something deleted that is going to be erased."""

    id: str
    kind: str
    asked_by: str
    asked_at: Moment
    due_at: Moment | None


class PlannedErasures(Record):
    """All that a purge has hastened."""

    erasures: tuple[PlannedErasure, ...]


class Catalogue(Record):
    """One version of what can be chosen; 0 is the shipped one."""

    version: int
    newest: int
    pushed_at: Moment | None = None
    pushed_by: str | None = None
    document: Json


class UserData:
    """`/api/me` and `/api/admin/users/{id}`: export, erase, purge."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def export(self, user_id: str | None) -> Iterator[ExportPart]:
        """Yield everything that is kept of a user; None: of whoever calls."""
        path = f"/api/admin/users/{user_id}/export" if user_id else "/api/me/export"
        cursor: str | None = None
        while True:
            part = self._caller.get(path, ExportPart, {"cursor": cursor})
            yield part
            cursor = part.cursor
            if cursor is None:
                return

    def erase(self, user_id: str) -> UserErasure:
        """Shut a user out and erase everything of theirs; doing it again changes nothing."""
        path = f"/api/admin/users/{user_id}/erase"
        return self._caller.post(path, UserErasure, {"confirm": CONFIRMATION}, repeatable=True)

    def erasure(self, user_id: str) -> UserErasure:
        """Return how far the erasing of a user is."""
        return self._caller.get(f"/api/admin/users/{user_id}/erasure", UserErasure)

    def purge(self, user_id: str, ids: Sequence[str] = ()) -> tuple[PlannedErasure, ...]:
        """Let what a user has deleted be erased now: all of it, or what is named."""
        path, body = f"/api/admin/users/{user_id}/purge", {"ids": list(ids)} if ids else {}
        return self._caller.post(path, PlannedErasures, body, repeatable=True).erasures


class Catalogues:
    """`/api/admin/catalog`: what can be chosen, as a document."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def read(self, version: int | None = None) -> Catalogue:
        """Return the catalogue that holds, or one version of it."""
        return self._caller.get("/api/admin/catalog", Catalogue, {"version": version})

    def push(self, document: Json) -> Catalogue:
        """Let a document hold from now on."""
        return self._caller.put("/api/admin/catalog", Catalogue, {"document": document})
