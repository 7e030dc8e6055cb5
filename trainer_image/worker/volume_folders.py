"""Folders of a volume that this worker's user may not read or write: said, and done without."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from trainer_image.worker.settings import WorkerSettings


def with_usable_folders(settings: WorkerSettings, say: Callable[[str], None]) -> WorkerSettings:
    """Return settings whose cache can be written to; every folder that cannot be used is told.

    The worker is not root, and a volume may be root's. What can be read there is read; what is
    missing goes to the worker's own folder, for no job is to fail for want of what only saves time.
    """
    for folder in (settings.models_dir, *settings.hub_caches):
        if folder is not None and is_closed(folder):
            say(f"user {os.getuid()} may not read {folder}: its models are fetched from the Hub")
    named = settings.cache_dir
    if named is None or is_writable(named):
        return settings
    say(
        f"user {os.getuid()} may not write to {named}: it is read, and what is missing there goes"
        " to the worker's own folder"
    )
    read = (*settings.hub_caches, named)
    return settings.model_copy(update={"cache_dir": None, "hub_caches": read})


def is_closed(folder: Path) -> bool:
    """Return whether `folder` is there and its names cannot be listed."""
    try:
        next(folder.iterdir(), None)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def is_writable(folder: Path) -> bool:
    """Return whether a file can be made in `folder`, which is made if need be.

    By making one: of a network volume, permissions alone tell little.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
