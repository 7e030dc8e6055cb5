"""The typed client of the native API: `BrightRun(url, api_key).jobs.read(job_id)`.

Knows nothing of AWS and of the trainer; everything goes over HTTP, as it does for anybody.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from brightrun.client.account import Admin, ApiKeys, Costs, Limits, Notifications, Stage
from brightrun.client.calls import Caller, Key
from brightrun.client.datasets import Datasets, HowToRead
from brightrun.client.downloads import Downloader, FileProgress
from brightrun.client.errors import ApiError, BrightRunError, NoConnection, TransferFailed
from brightrun.client.jobs import JobChoices, Jobs, NoBudget
from brightrun.client.models import Models
from brightrun.client.repeating import ATTEMPTS, Sleep
from brightrun.client.stewardship import Catalogues, UserData
from brightrun.client.storage import Progress, Storage
from brightrun.client.uploads import LocalFile, Sent, Uploader, until_validated
from brightrun.datasets.view import DatasetDetail
from brightrun.models.view import ModelDetail
from brightrun.training.protocol import StoredFile

__all__ = [
    "ApiError",
    "BrightRun",
    "BrightRunError",
    "HowToRead",
    "JobChoices",
    "NoBudget",
    "NoConnection",
    "TransferFailed",
]


class BrightRun:
    """One stage, as the owner of an API key sees it.

    Attributes:
        storage: carries files to and from presigned addresses, without the key.
        sleep: waits between attempts, and while something is watched.
    """

    def __init__(
        self,
        url: str,
        api_key: Key | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        storage_transport: httpx.BaseTransport | None = None,
        sleep: Sleep = time.sleep,
        attempts: int = ATTEMPTS,
    ) -> None:
        """Open connections to a stage.

        Args:
            api_key: an API key or a sign-in token, or what returns the one that holds now; the
                public calls need none.
            transport: another way to the API than the network.
            storage_transport: another way to the storage.
            attempts: how often a call is made that may be made again.
        """
        self._caller = Caller(url, api_key, transport=transport, sleep=sleep, attempts=attempts)
        self.url = url
        self.sleep = sleep
        self.storage = Storage(storage_transport, sleep)
        self.datasets = Datasets(self._caller)
        self.jobs = Jobs(self._caller)
        self.models = Models(self._caller)
        self.costs = Costs(self._caller)
        self.limits = Limits(self._caller)
        self.notifications = Notifications(self._caller)
        self.api_keys = ApiKeys(self._caller)
        self.stage = Stage(self._caller)
        self.admin = Admin(self._caller)
        self.user_data = UserData(self._caller)
        self.catalogues = Catalogues(self._caller)

    def upload(
        self,
        path: Path,
        *,
        name: str | None = None,
        reading: HowToRead | None = None,
        again: bool = False,
        resume: str | None = None,
        progress: Progress = lambda _: None,
    ) -> Sent:
        """Upload a file as a dataset and start its validation; see `Uploader`.

        Args:
            resume: the id of a dataset whose upload broke off.
        """
        uploader = Uploader(self.datasets, self.storage, progress)
        if resume is not None:
            return uploader.resume(resume, path)
        file = LocalFile(path, name or path.name, reading or HowToRead())
        return uploader.send(file, again=again)

    def validated(self, dataset: DatasetDetail) -> DatasetDetail:
        """Return a dataset once its file has been read."""
        return until_validated(self.datasets, dataset, self.sleep)

    def download(
        self,
        model: ModelDetail,
        folder: Path,
        files: Iterable[str] | None = None,
        progress: FileProgress = lambda _, __: None,
    ) -> tuple[StoredFile, ...]:
        """Bring a model's files into a folder, each checked; see `Downloader`."""
        return Downloader(self.models, self.storage, progress).fetch(model, folder, files)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()
        self.storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
