"""Where the frozen weights come from: a folder prepared beforehand, the cache, or the Hub.

Refuses before the GPU works: gated, unreachable, or larger than the disk. Nothing is fetched in
place of what was asked for.
"""

import re
import shutil
from contextlib import suppress
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
from huggingface_hub.file_download import repo_folder_name

from brightrun.training.protocol import BaseModelRef, FailureCode
from trainer_image.ipc.failures import RunFailed

FILES = ("*.safetensors", "*.json", "*.jinja", "tokenizer.model", "merges.txt", "vocab.txt")
TWICE = ("consolidated*.safetensors", "*/consolidated*.safetensors")
"""Mistral's models hold the same weights a second time, in a layout of its own."""
SPARE_BYTES = 2 * 10**9
"""Disk left over for checkpoints and the adapter beside downloaded weights."""
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_ID = re.compile(rf"{_PART}(/{_PART})?")
_REVISION = re.compile(_PART)
_COMMIT = re.compile(r"[0-9a-f]{40}")


def is_weights(path: str) -> bool:
    """Return whether the file at `path` holds weights that are loaded."""
    return path.endswith(".safetensors") and not any(fnmatch(path, twice) for twice in TWICE)


def local_folder(models_dir: Path, model: BaseModelRef) -> Path:
    """Return where `model` lies under `models_dir`, whether or not it is there.

    Raises:
        RunFailed: the id or revision could lead outside of `models_dir`.
    """
    if not _ID.fullmatch(model.id) or not _REVISION.fullmatch(model.revision):
        raise RunFailed(
            FailureCode.BAD_CONFIGURATION,
            f"base model {model.id!r} at {model.revision!r} is not a model id and a revision",
        )
    return models_dir / model.id.replace("/", "--") / model.revision


def find_weights(models_dir: Path | None, model: BaseModelRef, cache: Path) -> Path:
    """Return a folder with the weights, config and tokenizer of exactly this revision.

    Raises:
        RunFailed: it cannot be had, and why; see `FailureCode.BASE_MODEL_*` and `DISK_TOO_SMALL`.
    """
    if models_dir is not None:
        folder = local_folder(models_dir, model)
        if (folder / "config.json").is_file():
            return folder
    return fetch(model, cache)


def fetch(model: BaseModelRef, cache: Path, *, endpoint: str | None = None) -> Path:
    """Return the Hub's files of exactly this revision, downloaded into `cache` if need be.

    `endpoint` is another address for the Hub; None is the one of `HF_ENDPOINT`.

    Raises:
        RunFailed: as `find_weights`.
    """
    if (complete := _find_complete(model, cache)) is not None:
        return complete
    name = f"{model.id} at revision {model.revision}"
    try:
        _require_disk(model, cache, endpoint)
        return _snapshot(model, cache, endpoint=endpoint)
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


def _snapshot(
    model: BaseModelRef, cache: Path, *, endpoint: str | None = None, cached_only: bool = False
) -> Path:
    """Return the folder of the files that training needs, as the Hub's client keeps them."""
    folder = snapshot_download(
        model.id,
        revision=model.revision,
        cache_dir=cache,
        allow_patterns=list(FILES),
        ignore_patterns=list(TWICE),
        endpoint=endpoint,
        local_files_only=cached_only,
    )
    return Path(folder)


def _find_complete(model: BaseModelRef, cache: Path) -> Path | None:
    """Return the folder of a commit whose files are all in the cache, by the Hub's list of them.

    The Hub is not asked: a commit cannot change. A branch can; and of a cache without that list
    nobody knows what it lacks.
    """
    if not _COMMIT.fullmatch(model.revision):
        return None
    try:
        get_cached_repo_tree(model.id, revision=model.revision, cache_dir=cache)
        return _snapshot(model, cache, cached_only=True)
    except (CachedRepoTreeNotFoundError, LocalEntryNotFoundError):
        return None


def _require_disk(model: BaseModelRef, cache: Path, endpoint: str | None) -> None:
    """The size is asked for first: a download that fills the disk helps nobody.

    What another rank has fetched by now, or is fetching, takes no more room.
    """
    info = HfApi(endpoint).model_info(model.id, revision=model.revision, files_metadata=True)

    def is_absent(path: str) -> bool:
        found = try_to_load_from_cache(model.id, path, cache_dir=cache, revision=info.sha)
        return not isinstance(found, str)

    absent = [
        file
        for file in info.siblings or []
        if is_weights(file.rfilename) and is_absent(file.rfilename)
    ]
    need = max(0, sum(file.size or 0 for file in absent) - _begun_bytes(model, cache))
    cache.mkdir(parents=True, exist_ok=True)
    require_disk(cache, need + SPARE_BYTES, f"the weights of {model.id}")


def _begun_bytes(model: BaseModelRef, cache: Path) -> int:
    blobs = cache / repo_folder_name(repo_id=model.id, repo_type="model") / "blobs"
    begun = 0
    for path in blobs.glob("*.incomplete"):
        with suppress(FileNotFoundError):  # another rank may finish it meanwhile
            begun += 512 * path.stat().st_blocks
    return begun


def require_disk(folder: Path, need_bytes: int, what: str) -> None:
    """Refuse when the disk under `folder` has less than `need_bytes` free.

    Raises:
        RunFailed: `DISK_TOO_SMALL`, with both figures.
    """
    free = shutil.disk_usage(folder).free
    if free < need_bytes:
        raise RunFailed(
            FailureCode.DISK_TOO_SMALL,
            f"{what} need {need_bytes / 1e9:.1f} GB of disk and {free / 1e9:.1f} GB are free:"
            " give the endpoint a larger disk or a network volume",
        )
