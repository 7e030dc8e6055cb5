"""Datasets by HTTP: declared, sent, confirmed, read, deleted."""

from collections.abc import Mapping
from dataclasses import dataclass

from brightrun.client.answers import (
    DatasetsPage,
    DeclaredDataset,
    FromLibrary,
    Gone,
    LedgerRows,
    LibraryPage,
    ProblemsPage,
    RowPreview,
    WhereToSend,
)
from brightrun.client.calls import Caller, Json
from brightrun.datasets.view import DatasetDetail
from brightrun.training.configuration import OverLength


@dataclass(frozen=True, slots=True)
class HowToRead:
    """What is chosen about the reading of a file; see `brightrun.datasets.declaration`."""

    base_model: str | None = None
    over_length: OverLength = OverLength.REJECT
    near_duplicates: bool = False
    waive: tuple[str, ...] = ()

    def body(self) -> Json:
        """Return it as the API spells it."""
        chosen: Json = {
            "over_length": str(self.over_length),
            "find_near_duplicates": self.near_duplicates,
            "waive": list(self.waive),
        }
        return chosen if self.base_model is None else {**chosen, "base_model": self.base_model}


class Datasets:
    """`/api/datasets`, and the library that datasets can be imported from."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def declare(
        self,
        *,
        name: str,
        file_name: str,
        size_bytes: int,
        sha256: str,
        description: str | None = None,
        reading: HowToRead | None = None,
    ) -> DeclaredDataset:
        """Announce a file. Repeated where an answer is lost: what is never sent expires."""
        body: Json = {
            "name": name,
            "file_name": file_name,
            "file_size": size_bytes,
            "sha256": sha256,
            **(reading or HowToRead()).body(),
        }
        if description is not None:
            body["description"] = description
        return self._caller.post("/api/datasets", DeclaredDataset, body, repeatable=True)

    def where_to_send(self, dataset_id: str) -> WhereToSend:
        """Return fresh addresses for what has not come yet."""
        return self._caller.get(f"/api/datasets/{dataset_id}/upload", WhereToSend)

    def confirm(self, dataset_id: str) -> DatasetDetail:
        """Start the validation of what was sent."""
        return self._caller.post(
            f"/api/datasets/{dataset_id}/confirm", DatasetDetail, repeatable=True
        )

    def list(
        self,
        *,
        page: int = 1,
        limit: int = 25,
        status: str | None = None,
        search: str | None = None,
        cursor: str | None = None,
    ) -> DatasetsPage:
        """Return one page, newest first."""
        query = {
            "page": page, "limit": limit, "status": status, "search": search, "cursor": cursor
        }  # fmt: skip
        return self._caller.get("/api/datasets", DatasetsPage, query)

    def read(self, dataset_id: str) -> DatasetDetail:
        """Return one dataset with its verdict."""
        return self._caller.get(f"/api/datasets/{dataset_id}", DatasetDetail)

    def change(self, dataset_id: str, changes: Mapping[str, str | None]) -> DatasetDetail:
        """Correct name or description."""
        return self._caller.patch(f"/api/datasets/{dataset_id}", DatasetDetail, dict(changes))

    def errors(
        self,
        dataset_id: str,
        *,
        severity: str | None = None,
        code: str | None = None,
        page: int = 1,
        limit: int = 50,
    ) -> ProblemsPage:
        """Return one page of what was found in the file."""
        query = {"severity": severity, "code": code, "page": page, "limit": limit}
        return self._caller.get(f"/api/datasets/{dataset_id}/errors", ProblemsPage, query)

    def preview(
        self, dataset_id: str, row: int = 1, *, base_model: str | None = None
    ) -> RowPreview:
        """Return one line of the file as the trainer will see it."""
        query = {"row": row, "base_model": base_model}
        return self._caller.get(f"/api/datasets/{dataset_id}/preview", RowPreview, query)

    def ledger(
        self, dataset_id: str, *, after: int = 0, limit: int = 100, outcome: str | None = None
    ) -> LedgerRows:
        """Return what became of the rows after a line."""
        query = {"after": after, "limit": limit, "fate": outcome}
        return self._caller.get(f"/api/datasets/{dataset_id}/ledger", LedgerRows, query)

    def delete(self, dataset_id: str) -> Gone:
        """Delete a dataset, unless a job that has not ended uses it."""
        return self._caller.delete(f"/api/datasets/{dataset_id}", Gone)

    def importable(self, *, limit: int = 25, cursor: str | None = None) -> LibraryPage:
        """Return training files that are no dataset yet."""
        query = {"limit": limit, "cursor": cursor}
        return self._caller.get("/api/training-files/available-for-import", LibraryPage, query)

    def import_file(self, training_file_id: str, *, name: str | None = None) -> DatasetDetail:
        """Make a dataset of a training file."""
        body = {"training_file_id": training_file_id} | ({} if name is None else {"name": name})
        path = "/api/datasets/import-from-training-file"
        return self._caller.post(path, FromLibrary, body).dataset
