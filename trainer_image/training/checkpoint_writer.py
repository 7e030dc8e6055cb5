"""Checkpoints written beside the training: the GPU does not wait for the disk."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from torch import Tensor

from trainer_image.ipc.events import CheckpointSaved, Event
from trainer_image.training import checkpoint
from trainer_image.training.checkpoint import RunState


class CheckpointWriter:
    """Writes one checkpoint at a time, from copies that training does not touch."""

    def __init__(self, folder: Path, emit: Callable[[Event], None]) -> None:
        self._folder, self._emit = folder, emit
        self._thread = ThreadPoolExecutor(1, "checkpoints")
        self._writing: Future[None] | None = None

    def begin(self, state: RunState, tensors: Mapping[str, Tensor], *, told: bool = True) -> None:
        """Write `state` and `tensors`; once they are on disk they are told of, and old ones go."""
        self.finish()
        self._writing = self._thread.submit(self._write, state, tensors, told)

    def finish(self) -> None:
        """Wait for what is being written.

        Raises:
            OSError: it could not be.
        """
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def _write(self, state: RunState, tensors: Mapping[str, Tensor], told: bool) -> None:  # noqa: FBT001 - a thread's arguments have no names
        place = checkpoint.save(self._folder, state, tensors)
        if told:
            checkpoint.prune(self._folder, state.best_step)
            self._emit(CheckpointSaved(step=state.step, directory=str(place)))
