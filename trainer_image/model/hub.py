"""The Hub: what a commit has, how large it is, and its files, fetched once per machine.

Refusals come in words: gated, absent, unreachable. Nothing is fetched in place of what was asked
for.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import httpx2  # the Hub's client speaks through it and lets its connection errors out
from huggingface_hub import (
    HfApi,
    get_cached_repo_tree,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    CachedRepoTreeNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.snapshots import repository

SMALL_FILES = ("*.json", "*.jinja", "tokenizer.model", "merges.txt", "vocab.txt")
FILES = ("*.safetensors", *SMALL_FILES)
TWICE = ("consolidated*.safetensors", "*/consolidated*.safetensors")
"""Mistral's models hold the same weights a second time, in a layout of its own."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LOCK = ".brightrun.lock"


@dataclass(frozen=True, slots=True)
class Listed:
    """A commit on the Hub, its small files here.

    Attributes:
        stored_bytes: of all weights; `missing_bytes` of those are still to come.
    """

    folder: Path
    stored_bytes: int
    missing_bytes: int


@dataclass(frozen=True, slots=True)
class Hub:
    """The Hub and the folder that its files are kept in.

    Attributes:
        endpoint: another address for it; None is the one of `HF_ENDPOINT`.
    """

    cache: Path
    endpoint: str | None = None

    def find(self, model: BaseModelRef) -> Path | None:
        """Return the folder of a commit whose files are all here, by the Hub's list of them.

        The Hub is not asked: a commit cannot change. A branch can; and of a cache without that
        list nobody knows what it lacks.
        """
        if not _COMMIT.fullmatch(model.revision):
            return None
        try:
            get_cached_repo_tree(model.id, revision=model.revision, cache_dir=self.cache)
            return self._snapshot(model, FILES, cached_only=True)
        except (CachedRepoTreeNotFoundError, LocalEntryNotFoundError):
            return None

    def look(self, model: BaseModelRef) -> Listed:
        """Fetch the small files, and learn what the weights weigh.

        Raises:
            RunFailed: it cannot be had, and why; see `FailureCode.BASE_MODEL_*`.
        """
        with _in_words(model):
            info = HfApi(self.endpoint).model_info(
                model.id, revision=model.revision, files_metadata=True
            )
            sizes = {
                file.rfilename: file.size or 0
                for file in info.siblings or []
                if is_weights(file.rfilename)
            }
            absent = [name for name in sizes if not self._has(model, name, info.sha)]
            with self.alone():
                folder = self._snapshot(model, SMALL_FILES)
        begun = self.begun_bytes(model)
        missing = max(0, sum(sizes[name] for name in absent) - begun)
        return Listed(folder, sum(sizes.values()), missing)

    def fetch(self, model: BaseModelRef) -> Path:
        """Return the folder with all files that training needs, downloaded if need be.

        Raises:
            RunFailed: as `look`.
        """
        with _in_words(model), self.alone():
            return self._snapshot(model, FILES)

    def begun_bytes(self, model: BaseModelRef) -> int:
        """Return what has come of files that are not complete: they take no more room."""
        begun = 0
        for path in (repository(self.cache, model) / "blobs").glob("*.incomplete"):
            with suppress(FileNotFoundError):  # another rank may finish it meanwhile
                begun += 512 * path.stat().st_blocks
        return begun

    def arrived_bytes(self, model: BaseModelRef) -> int:
        """Return what takes up disk of `model` by now: it grows while files come."""
        arrived = 0
        for path in (repository(self.cache, model) / "blobs").glob("*"):
            with suppress(FileNotFoundError):
                arrived += path.stat().st_blocks
        return 512 * arrived

    def evict_oldest(self, kept: BaseModelRef) -> bool:
        """Delete the model that was used longest ago, `kept` aside; False when there is none."""
        mine = repository(self.cache, kept)
        others = [path for path in self.cache.glob("models--*") if path != mine]
        if not others:
            return False
        oldest = min(others, key=lambda path: path.stat().st_mtime)
        shutil.rmtree(oldest, ignore_errors=True)
        return True

    def touch(self, model: BaseModelRef) -> None:
        """Note that `model` is used now."""
        with suppress(OSError):  # a mount that nothing may be written to
            os.utime(repository(self.cache, model))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other ranks out: the first one fetches, and the others find what it fetched."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with (self.cache / _LOCK).open("w") as lock:
            with suppress(OSError):  # a volume without locks: the client has its own
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _has(self, model: BaseModelRef, path: str, commit: str | None) -> bool:
        found = try_to_load_from_cache(model.id, path, cache_dir=self.cache, revision=commit)
        return isinstance(found, str)

    def _snapshot(
        self, model: BaseModelRef, files: tuple[str, ...], *, cached_only: bool = False
    ) -> Path:
        folder = snapshot_download(
            model.id,
            revision=model.revision,
            cache_dir=self.cache,
            allow_patterns=list(files),
            ignore_patterns=list(TWICE),
            endpoint=self.endpoint,
            local_files_only=cached_only,
        )
        return Path(folder)


def is_weights(path: str) -> bool:
    """Return whether the file at `path` holds weights that are loaded."""
    return path.endswith(".safetensors") and not any(fnmatch(path, twice) for twice in TWICE)


@contextmanager
def _in_words(model: BaseModelRef) -> Iterator[None]:
    """Raise what the Hub's client does not get as a failure that says what helps."""
    name = f"{model.id} at revision {model.revision}"
    try:
        yield
    except GatedRepoError as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_GATED,
            f"{name} is gated: accept its licence on the Hub and give the endpoint a token",
        ) from error
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNAVAILABLE,
            f"{name} is not on the Hub, or is private and the endpoint has no token for it",
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, httpx2.TransportError, OSError) as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNAVAILABLE,
            f"{name} is neither in the models folder nor reachable on the Hub:"
            f" {type(error).__name__}",
        ) from error
