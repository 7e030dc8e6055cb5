"""Files with their size and SHA-256. No torch: the parent of the training process uses it too."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brightrun.training.protocol import StoredFile

MANIFEST = "manifest.json"
_BLOCK_BYTES = 1 << 20


def describe(path: Path) -> StoredFile:
    """Return name, size and SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return StoredFile(name=path.name, size_bytes=path.stat().st_size, sha256=digest.hexdigest())


def write_manifest(folder: Path) -> tuple[StoredFile, ...]:
    """List every file with size and SHA-256 in `manifest.json`; return the list with it."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)
    files = [describe(path) for path in paths]
    write_json(folder / MANIFEST, {"files": [file.model_dump() for file in files]})
    return (*files, describe(folder / MANIFEST))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write readable JSON with its keys in order, so that equal content is equal bytes."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
