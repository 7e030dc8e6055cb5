"""Base models that this machine makes: one folder each, named by the digest of its own bytes.

A folder appears by one rename, so that it is whole or absent; one that does not hold what its name
promises is made again.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from brightrun.training.catalog import TrainableModel

RECIPE_FILE = "recipe.json"
_REVISION_LENGTH = 40


@dataclass(frozen=True)
class BuiltModel:
    """A base model on disk and its catalogue entry; `path` is its revision's folder."""

    entry: TrainableModel
    path: Path


def kept(models_dir: Path, model_id: str, recipe: str, build: Callable[[Path], int]) -> Path:
    """Return the folder of the model that `recipe` makes, built now if it is not there.

    It stands where a worker looks for base models. Safe to repeat and to run twice at once.

    Args:
        recipe: a digest of everything that decides what is built.
        build: writes the model into the folder it is given and returns its number of weights.
    """
    shelf = models_dir / model_id.replace("/", "--")
    shelf.mkdir(parents=True, exist_ok=True)
    found = next((path for path in sorted(shelf.iterdir()) if _is_intact(path, recipe)), None)
    return found or _built(shelf, recipe, build)


def note_of(path: Path) -> dict[str, int]:
    """Return what was noted of a model when it was built: `parameters`."""
    note: dict[str, int] = json.loads((path / RECIPE_FILE).read_bytes())
    return note


def _built(shelf: Path, recipe: str, build: Callable[[Path], int]) -> Path:
    with tempfile.TemporaryDirectory(prefix=".building-", dir=shelf) as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        note = {"recipe": recipe, "parameters": build(folder)}
        (folder / RECIPE_FILE).write_text(json.dumps(note))
        home = shelf / _content_digest(folder)
        if not _is_intact(home, recipe):
            shutil.rmtree(home, ignore_errors=True)
            folder.rename(home)
    return home


def _content_digest(folder: Path) -> str:
    """Return 40 hex digits over the names and bytes of every file in `folder`."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.name} {digest}\n".encode())
    return whole.hexdigest()[:_REVISION_LENGTH]


def _is_intact(folder: Path, recipe: str) -> bool:
    """Whether `folder` was built from this recipe and still holds the bytes its name promises."""
    note = folder / RECIPE_FILE
    if not note.is_file() or json.loads(note.read_bytes())["recipe"] != recipe:
        return False
    return _content_digest(folder) == folder.name
