"""A resumable state on disk: complete or absent, small, the last two and the best kept."""

import gzip
import os
import re
import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from brightrun.records import Request
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import Point
from trainer_image.ipc.failures import RunFailed

STATE = ".json.gz"
FASTEST = 1
KEPT = 2
BYTES_PER_WEIGHT = 16
"""fp32 value, two moments, and the best value where it is another."""
MOST_BYTES_PER_SECOND = 10e6
AT_ONCE = KEPT + 3
"""The last two, the best, one being written, one still being uploaded after its deletion."""
_NAME = re.compile(r"checkpoint-(\d{8})")


class CheckpointUnusable(RunFailed):
    """Damaged, or of another run, or of a version of this trainer that wrote otherwise."""


class LaidOut(Request):
    """How steps were computed from `step` on; a shortage of memory changes it.

    Attributes:
        unpacked: see `Setting`; it changes no number, so a resumed run decides anew. Left out where
            it is false, so that an earlier version reads the checkpoint.
    """

    step: int
    micro_step_tokens: int
    checkpointed_layers: int
    unpacked: Annotated[bool, Field(exclude_if=lambda kept: not kept)] = False


class RunState(Request):
    """Everything besides tensors that a later process needs to go on as if nothing happened.

    Attributes:
        layouts: in order; dropout depends on how rows were packed, so the last one is kept.
        step: optimizer steps done.
        identity: digest of specification, data and plan; another run's state is refused.
        points: every metric point so far, so that metrics.csv has the whole run.
    """

    step: Annotated[int, Field(ge=0)]
    identity: str
    training_seconds: float
    trained_tokens: int
    best_step: int | None = None
    best_validation_loss: float | None = None
    evaluations_without_gain: int = 0
    ended_early: bool = False
    layouts: tuple[LaidOut, ...] = ()
    points: tuple[Point, ...] = ()


def seconds_apart(asked_seconds: float, adapter_weights: int) -> float:
    """Return how long after a checkpoint the next is due, so that large ones come less often.

    Each stays in storage for days: a rank of 128 on 32B would be ten terabytes in a day of
    two-minute checkpoints. Ten minutes of a GPU cost less, and only when it breaks.
    """
    return max(asked_seconds, BYTES_PER_WEIGHT * adapter_weights / MOST_BYTES_PER_SECOND)


def disk_bytes(adapter_weights: int) -> int:
    """Return the most bytes that the checkpoints of one run take on disk at once."""
    return AT_ONCE * BYTES_PER_WEIGHT * adapter_weights


def save(folder: Path, state: RunState, tensors: Mapping[str, Tensor]) -> Path:
    """Write one checkpoint under `folder` and return its directory.

    It is written beside its place and renamed, so a reader sees all of it or none of it; writing
    the same step again replaces it. File names carry the step: they stay apart in one prefix.
    """
    name = f"checkpoint-{state.step:08d}"
    place = folder / name
    draft = folder / f".{name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    save_file(dict(tensors), draft / f"{name}.safetensors")
    # a long run has many points; without a time in it, equal states are equal bytes
    packed = gzip.compress(state.model_dump_json().encode(), FASTEST, mtime=0)
    (draft / f"{name}{STATE}").write_bytes(packed)
    for path in draft.iterdir():
        path.chmod(0o644)  # safetensors writes 0600
        _sync(path)
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)
    _sync(folder)
    return place


def prune(folder: Path, best_step: int | None) -> None:
    """Delete all but the last two checkpoints and the best one."""
    kept = {step for step, _ in found(folder)[-KEPT:]} | {best_step}
    for step, path in found(folder):
        if step not in kept:
            shutil.rmtree(path)


def found(folder: Path) -> list[tuple[int, Path]]:
    """Return the complete checkpoints under `folder`, oldest first."""
    if not folder.is_dir():
        return []
    matches = ((_NAME.fullmatch(path.name), path) for path in folder.iterdir() if path.is_dir())
    return sorted((int(match[1]), path) for match, path in matches if match)


def load(folder: Path, identity: str) -> tuple[RunState, dict[str, Tensor]]:
    """Return the checkpoint whose two files lie in `folder`.

    Raises:
        CheckpointUnusable: it cannot be read, or belongs to another run.
    """
    try:
        (state_file,) = folder.glob(f"checkpoint-*{STATE}")
        state = RunState.model_validate_json(gzip.decompress(state_file.read_bytes()))
        tensors = load_file(folder / f"{state_file.name.removesuffix(STATE)}.safetensors")
    except (OSError, EOFError, zlib.error, ValueError, SafetensorError) as error:
        raise CheckpointUnusable(
            FailureCode.TRAINER_CRASHED, f"the checkpoint cannot be read: {error}"
        ) from error
    if state.identity != identity:
        raise CheckpointUnusable(
            FailureCode.BAD_CONFIGURATION,
            "the checkpoint was made with other data or other hyperparameters",
        )
    return state, tensors


def _sync(path: Path) -> None:
    """Force a file, or a folder's entries, to disk: a rename alone survives no power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
