"""A model's files on their way down, each checked against the model's manifest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from brightrun.client.errors import TransferFailed
from brightrun.client.models import Models
from brightrun.client.storage import Expected, Storage, digest_of
from brightrun.models.view import ModelDetail
from brightrun.training.protocol import StoredFile

FileProgress = Callable[[str, int], None]
"""Is told how many bytes of which file are there."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file on disk is, beside what the manifest says; `fault` is empty where they agree."""

    name: str
    size_bytes: int
    sha256: str
    fault: str = ""


class Downloader:
    """Fetches models. A call after a break goes on where the last one stopped."""

    def __init__(self, models: Models, storage: Storage, progress: FileProgress) -> None:
        self._models = models
        self._storage = storage
        self._progress = progress

    def fetch(
        self, model: ModelDetail, folder: Path, names: Iterable[str] | None = None
    ) -> tuple[StoredFile, ...]:
        """Bring a model's files into a folder; those that are there and right are left alone.

        Raises:
            NoConnection: the storage does not answer.
            TransferFailed: a file cannot be had, or is not what was declared.
        """
        wanted = _wanted(model, names)
        folder.mkdir(parents=True, exist_ok=True)
        links: dict[str, str] = {}
        for file in wanted:
            if _fault(folder, file):
                self._fetch(model.id, links, file, folder)
            self._progress(file.name, file.size_bytes)
        return wanted

    def _fetch(self, model_id: str, links: dict[str, str], file: StoredFile, folder: Path) -> None:
        def address() -> str:
            # A link is used once; whoever asks again needs a fresh one, and gets one for each file.
            if file.name not in links:
                links.update(self._models.links(model_id).download_urls)
            if file.name not in links:
                raise TransferFailed(f"there is no link for {file.name}")
            return links.pop(file.name)

        def progress(done_bytes: int) -> None:
            self._progress(file.name, done_bytes)

        expected = Expected(file.size_bytes, file.sha256)
        self._storage.fetch(address, folder / file.name, expected, progress)


def check(model: ModelDetail, folder: Path) -> tuple[FileCheck, ...]:
    """Return what is wrong with each file of a model on disk; nothing is fetched."""
    return tuple(
        FileCheck(file.name, file.size_bytes, file.sha256, _fault(folder, file))
        for file in _wanted(model, None)
    )


def _wanted(model: ModelDetail, names: Iterable[str] | None) -> tuple[StoredFile, ...]:
    known: Mapping[str, StoredFile] = {file.name: file for file in model.manifest}
    for name in known:
        if name != PurePosixPath(name).name or "\\" in name or name in {"", ".", ".."}:
            raise TransferFailed(f"{name!r} is no plain file name, so nothing is written there")
    chosen = list(known if names is None else names)
    missing = [name for name in chosen if name not in known]
    if missing:
        raise TransferFailed(f"{', '.join(missing)}: the model has {', '.join(sorted(known))}")
    return tuple(known[name] for name in chosen)


def _fault(folder: Path, file: StoredFile) -> str:
    path = folder / file.name
    if not path.is_file():
        return "is not there"
    size_bytes = path.stat().st_size
    if size_bytes != file.size_bytes:
        return f"has {size_bytes:,} bytes, {file.size_bytes:,} were declared"
    found = digest_of(path)
    return "" if found == file.sha256 else f"has SHA-256 {found}, declared was {file.sha256}"
