"""Models by HTTP: listed, read, renamed, signed for download."""

from collections.abc import Sequence

from brightrun.client.answers import Gone, ModelsPage
from brightrun.client.calls import Caller, Json, Query
from brightrun.models.view import DownloadLinks, ModelDetail


class Models:
    """`/api/models`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(  # noqa: PLR0913 - one argument for each parameter of the query
        self,
        *,
        page: int = 1,
        limit: int = 12,
        sort: str = "created_at",
        search: str | None = None,
        status: str | None = None,
        dataset_id: str | None = None,
        base_model: str | None = None,
        cursor: str | None = None,
    ) -> ModelsPage:
        """Return one page, newest or best first."""
        query: Query = {
            "page": page, "limit": limit, "sort": sort, "search": search, "status": status,
            "dataset_id": dataset_id, "base_model": base_model, "cursor": cursor,
        }  # fmt: skip
        return self._caller.get("/api/models", ModelsPage, query)

    def read(self, model_id: str) -> ModelDetail:
        """Return one model with its files."""
        return self._caller.get(f"/api/models/{model_id}", ModelDetail)

    def links(self, model_id: str, files: Sequence[str] | None = None) -> DownloadLinks:
        """Sign an address for each file, or for those named; they last an hour."""
        body: Json = {} if files is None else {"files": list(files)}
        path = f"/api/models/{model_id}/download"
        return self._caller.post(path, DownloadLinks, body, repeatable=True)

    def change(self, model_id: str, changes: Json) -> ModelDetail:
        """Rename a model, or move it to another status."""
        return self._caller.patch(f"/api/models/{model_id}", ModelDetail, changes)

    def delete(self, model_id: str) -> Gone:
        """Put a model away."""
        return self._caller.delete(f"/api/models/{model_id}", Gone)
