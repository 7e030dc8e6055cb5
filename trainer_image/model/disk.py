"""Is there room on the disk, for all that a run will put there, before the first of it comes?"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from brightrun.training.failure_codes import FailureCode
from trainer_image.ipc.failures import RunFailed

FreeBytes = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Need:
    """So many bytes under `folder`, and what for."""

    folder: Path
    size_bytes: int
    what: str


def free_bytes(folder: Path) -> int:
    """Return the bytes that are free on the disk under `folder`, which need not exist yet."""
    return shutil.disk_usage(_existing(folder)).free


def require_disk(
    needs: Sequence[Need],
    *,
    evict: Callable[[], bool] = lambda: False,
    free: FreeBytes = free_bytes,
) -> None:
    """Refuse when a disk has less than all that is needed on it.

    Args:
        evict: makes room by deleting something that is not needed; False when nothing is left.

    Raises:
        RunFailed: `DISK_TOO_SMALL`, with both figures.
    """
    disks: dict[int, list[Need]] = {}
    for need in needs:
        if need.size_bytes:
            disks.setdefault(_existing(need.folder).stat().st_dev, []).append(need)
    for together in disks.values():
        size_bytes = sum(need.size_bytes for need in together)
        while free(together[0].folder) < size_bytes and evict():
            pass
        there = free(together[0].folder)
        if there < size_bytes:
            raise RunFailed(
                FailureCode.DISK_TOO_SMALL,
                f"{_words(together)} need {size_bytes / 1e9:.1f} GB of disk and"
                f" {there / 1e9:.1f} GB are free:"
                " give the endpoint a larger disk or a network volume",
            )


def _words(needs: Sequence[Need]) -> str:
    if len(needs) == 1:
        return needs[0].what
    return " and ".join(f"{need.what} ({need.size_bytes / 1e9:.1f} GB)" for need in needs)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
