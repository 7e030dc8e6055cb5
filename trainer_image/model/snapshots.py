"""A model's files as the Hub's client lays them out, found complete by the files alone.

RunPod puts an endpoint's cached model on the host before a worker starts, and nothing is billed
for it; the client's list of a commit's files is not beside it, and nothing may be written there.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path

from huggingface_hub.file_download import repo_folder_name

from brightrun.training.protocol import BaseModelRef

INDEX = "model.safetensors.index.json"
_NEEDED = ("config.json", "tokenizer.json", "tokenizer_config.json")
_LENGTH = struct.Struct("<Q")
_LONGEST_HEADER_BYTES = 10**8


def repository(cache: Path, model: BaseModelRef) -> Path:
    """Return where the client keeps `model` in `cache`, whether or not it is there."""
    return cache / repo_folder_name(repo_id=model.id, repo_type="model")


def find_snapshot(cache: Path, model: BaseModelRef) -> Path | None:
    """Return the folder of exactly this revision if nothing of it is missing."""
    folder = repository(cache, model) / "snapshots" / model.revision
    try:
        is_there = all((folder / name).is_file() for name in _NEEDED)
        return folder if is_there and all(map(_is_whole, _weights(folder))) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _weights(folder: Path) -> Iterator[Path]:
    """Yield the files with weights, by the index where there are several."""
    index = folder / INDEX
    if not index.is_file():
        yield folder / "model.safetensors"
        return
    for name in sorted(set(json.loads(index.read_bytes())["weight_map"].values())):
        yield folder / name


def _is_whole(path: Path) -> bool:
    """Whether the file is as long as its own header says: eight bytes, the header, its tensors."""
    with path.open("rb") as file:
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        if length > _LONGEST_HEADER_BYTES:
            return False
        header = json.loads(file.read(length))
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    return bool(ends) and path.stat().st_size == _LENGTH.size + length + max(ends)
