"""A dataset's file on its way up: declared, sent whole or in parts, taken up after a break."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from brightrun.client.answers import DeclaredDataset, WhereToSend
from brightrun.client.datasets import Datasets, HowToRead
from brightrun.client.errors import (
    BrightRunError,
    NoConnection,
    ServiceFailed,
    TransferFailed,
)
from brightrun.client.repeating import ATTEMPTS
from brightrun.client.storage import AddressExpired, Piece, Progress, Storage
from brightrun.datasets.record import DatasetStatus
from brightrun.datasets.view import DatasetDetail

_NEWEST = 100
"""Among so many datasets another reading of the same file is looked for."""


class UploadBroken(TransferFailed):
    """The file did not get through; what has arrived stays for a day.

    Attributes:
        dataset_id: of the dataset that waits for the rest.
    """

    def __init__(self, dataset_id: str, reason: BrightRunError) -> None:
        super().__init__(str(reason))
        self.dataset_id = dataset_id


@dataclass(frozen=True, slots=True)
class Sent:
    """A dataset whose file has come, just now or before.

    Attributes:
        was_there: the same content, read in the same way, had been uploaded already.
    """

    dataset: DatasetDetail
    was_there: bool = False


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on disk, and the dataset it is to become."""

    path: Path
    name: str
    reading: HowToRead
    description: str | None = None


class Uploader:
    """Sends files for datasets. Every step may be repeated."""

    def __init__(self, datasets: Datasets, storage: Storage, progress: Progress) -> None:
        self._datasets = datasets
        self._storage = storage
        self._progress = progress

    def send(self, file: LocalFile, *, again: bool = False) -> Sent:
        """Upload a file and start its validation.

        The same content read in the same way is not sent twice: an upload that broke off goes on,
        and a dataset that is there is returned.

        Args:
            again: upload even if the same content is there.

        Raises:
            OSError: the file cannot be read.
            UploadBroken: it did not get through; the same call goes on where it stopped.
        """
        created = self._declare(file)
        begun = None if again else self._duplicate(created)
        if begun is None:
            return self._complete(created.dataset, file.path, created.upload)
        self._datasets.delete(created.dataset.id)
        if begun.status is not DatasetStatus.UPLOADING:
            return Sent(begun, was_there=True)
        return self._complete(begun, file.path, None)

    def resume(self, dataset_id: str, path: Path) -> Sent:
        """Send what is missing of an upload that broke off.

        Raises:
            TransferFailed: it is another file.
            UploadBroken: it did not get through this time either.
        """
        dataset = self._datasets.read(dataset_id)
        size_bytes = path.stat().st_size
        if dataset.file_size != size_bytes:
            told = f"{dataset.file_size} bytes were declared, the file has {size_bytes}"
            raise TransferFailed(f"this is not the file that was begun: {told}")
        return self._complete(dataset, path, None)

    def _declare(self, file: LocalFile) -> DeclaredDataset:
        size_bytes = file.path.stat().st_size
        digest = hashlib.sha256()
        for block in Piece(file.path, 0, size_bytes).blocks():
            digest.update(block)
        return self._datasets.declare(
            name=file.name,
            file_name=file.path.name,
            size_bytes=size_bytes,
            sha256=digest.hexdigest(),
            description=file.description,
            reading=file.reading,
        )

    def _duplicate(self, created: DeclaredDataset) -> DatasetDetail | None:
        """Return a dataset of the same content that gets the same verdict, if there is one."""
        if created.duplicate_of is None:
            return None
        first = self._datasets.read(created.duplicate_of)
        if _is_read_as(first, created.dataset):
            return first
        others = (
            self._datasets.read(row.id)
            for row in self._datasets.list(limit=_NEWEST).datasets
            if row.sha256 == created.dataset.sha256 and row.id not in {created.dataset.id, first.id}
        )
        return next((other for other in others if _is_read_as(other, created.dataset)), None)

    def _complete(self, dataset: DatasetDetail, path: Path, offer: WhereToSend | None) -> Sent:
        try:
            if dataset.status is DatasetStatus.UPLOADING:
                self._send(dataset, path, offer)
            return Sent(self._datasets.confirm(dataset.id))
        except (NoConnection, ServiceFailed, TransferFailed) as reason:
            raise UploadBroken(dataset.id, reason) from reason

    def _send(self, dataset: DatasetDetail, path: Path, offer: WhereToSend | None) -> None:
        for _ in range(ATTEMPTS):
            offer = offer or self._datasets.where_to_send(dataset.id)
            try:
                return self._send_offered(path, dataset.file_size, offer)
            except AddressExpired:
                offer = None
        raise TransferFailed("the storage refuses the addresses that the API signs")

    def _send_offered(self, path: Path, size_bytes: int, offer: WhereToSend) -> None:
        if offer.parts is None or offer.part_size_bytes is None:
            self._storage.put(offer.url or "", offer.headers, Piece(path, 0, size_bytes))
            self._progress(size_bytes)
            return
        done_bytes = size_bytes - sum(part.size_bytes for part in offer.parts)
        for part in offer.parts:
            self._progress(done_bytes)
            start = (part.number - 1) * offer.part_size_bytes
            self._storage.put(part.url, {}, Piece(path, start, part.size_bytes))
            done_bytes += part.size_bytes
        self._progress(done_bytes)


def _is_read_as(one: DatasetDetail, other: DatasetDetail) -> bool:
    """Whether both would get the same verdict."""
    return _reading(one) == _reading(other)


def _reading(dataset: DatasetDetail) -> tuple[object, ...]:
    return dataset.over_length, dataset.find_near_duplicates, sorted(dataset.waive)


def until_validated(
    datasets: Datasets,
    dataset: DatasetDetail,
    sleep: Callable[[float], None],
    *,
    every_seconds: float = 2.0,
) -> DatasetDetail:
    """Return a dataset once its file has been read."""
    while dataset.status in {DatasetStatus.UPLOADING, DatasetStatus.VALIDATING}:
        sleep(every_seconds)
        dataset = datasets.read(dataset.id)
    return dataset
