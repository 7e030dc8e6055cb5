"""Where the frozen weights come from: a prepared folder, a cache that is there, or the Hub.

They are located before anything is paid for, so that a refusal needs no gigabyte; what is missing
then travels while the rows are read, and what is here is read ahead of the loader.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.heartbeat import Heartbeat
from trainer_image.ipc.run_spec import RunOrder
from trainer_image.machine.host_memory import available_bytes
from trainer_image.model.hub import Hub, is_weights
from trainer_image.model.snapshots import find_snapshot

READ_AHEAD_BYTES = 16 * 2**20
READERS = 4
"""Files read at once; a network volume answers several readers faster than one."""
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_ID = re.compile(rf"{_PART}(/{_PART})?")
_REVISION = re.compile(_PART)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where weights are looked for, in this order.

    Attributes:
        models_dir: prepared folders.
        caches: the Hub's layout, read and never written to.
        hub: the Hub, and the cache that its files go to.
        may_evict: other models in that cache may be deleted for room: it is this worker's own.
    """

    models_dir: Path | None
    caches: tuple[Path, ...]
    hub: Hub
    may_evict: bool = False

    @classmethod
    def of(cls, order: RunOrder) -> "Sources":
        """Return the sources that an order names."""
        return cls(
            models_dir=Path(order.models_dir) if order.models_dir else None,
            caches=tuple(map(Path, order.hub_caches)),
            hub=Hub(Path(order.cache_dir)),
            may_evict=order.may_evict,
        )


@dataclass(frozen=True, slots=True)
class Located:
    """The weights of exactly one revision.

    Attributes:
        folder: with configuration and tokenizer; with all weights once nothing is missing.
        stored_bytes: of all weights; `missing_bytes` of them are still on the Hub.
    """

    folder: Path
    stored_bytes: int
    missing_bytes: int = 0


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


def locate(model: BaseModelRef, sources: Sources) -> Located:
    """Return the weights of exactly this revision, and what of them has to be fetched.

    Raises:
        RunFailed: they cannot be had, and why; see `FailureCode.BASE_MODEL_*`.
    """
    prepared = local_folder(sources.models_dir or Path(), model)
    if sources.models_dir is not None and _may_be_read(prepared / "config.json"):
        return Located(prepared, stored_bytes(prepared))
    for cache in (*sources.caches, sources.hub.cache):
        if (found := find_snapshot(cache, model)) is not None:
            sources.hub.touch(model)
            return Located(found, stored_bytes(found))
    if (found := sources.hub.find(model)) is not None:
        return Located(found, stored_bytes(found))
    listed = sources.hub.look(model)
    return Located(listed.folder, listed.stored_bytes, listed.missing_bytes)


def _may_be_read(path: Path) -> bool:
    """Whether it is a file of ours to read; a volume may hold what is root's alone."""
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False


def stored_bytes(folder: Path) -> int:
    """Return the size of the weights in `folder`."""
    return sum(path.stat().st_size for path in weight_files(folder))


def weight_files(folder: Path) -> list[Path]:
    """Return the files with weights in `folder`, in the order in which they are loaded."""
    return sorted(path for path in folder.iterdir() if is_weights(path.name))


def bring(
    model: BaseModelRef, located: Located, sources: Sources, beat: Heartbeat
) -> "Future[Path]":
    """Have the weights complete, in a thread of their own; the future is their folder.

    Raises (from the future):
        RunFailed: they cannot be had after all.
    """
    if not located.missing_bytes:
        done: Future[Path] = Future()
        done.set_result(located.folder)
        return done
    hub = sources.hub

    def fetch() -> Path:
        with beat.while_changing(lambda: hub.arrived_bytes(model)):
            return hub.fetch(model)

    return _in_background(fetch)


def read_ahead(
    folder: Path, beat: Callable[[], None], *, rank: int = 0, ranks: int = 1
) -> list[threading.Thread]:
    """Begin to read the weights, so that the loader finds them in the host's memory.

    The loader pages one tensor after another with one thread; over a network that takes minutes
    where whole blocks take seconds. Ranks share the files. Nothing is read when the host could not
    hold all of it: the last block would push out the first.
    """
    files = weight_files(folder)
    if sum(path.stat().st_size for path in files) > available_bytes():
        return []
    mine = files[rank::ranks]

    def read(paths: list[Path]) -> None:
        block = bytearray(READ_AHEAD_BYTES)
        for path in paths:
            try:
                with path.open("rb", buffering=0) as file:
                    while file.readinto(block):
                        beat()
            except OSError:
                return  # the loader will say it better

    readers = [
        threading.Thread(target=read, args=(mine[first::READERS],), daemon=True)
        for first in range(min(READERS, len(mine)))
    ]
    for reader in readers:
        reader.start()
    return readers


def _in_background(work: Callable[[], Path]) -> "Future[Path]":
    """Run `work` in a thread that a run which is refused meanwhile does not wait for."""
    future: Future[Path] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
