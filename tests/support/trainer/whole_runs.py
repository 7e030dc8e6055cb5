"""Whole runs of the training process, started as the worker starts them."""

import os
import subprocess
from pathlib import Path

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef, TrainingSpec
from tests.support.trainer.fake_platform import chat_rows
from tests.support.trainer.tiny_model import MODEL_ID, REVISION
from trainer_image.ipc.events import Event, parse_event
from trainer_image.ipc.run_spec import CHECKPOINTS, DATASET, RunOrder, write_order
from trainer_image.worker.training_process import scrubbed


def an_order(folder: Path, models_dir: Path, **changes: object) -> Path:
    folder.mkdir()
    (folder / CHECKPOINTS).mkdir()
    (folder / DATASET).write_bytes(chat_rows(40))
    hyperparameters = {"epochs": 2, "learning_rate": 0.001, "rank": 4, "dropout": 0.0, **changes}
    spec = TrainingSpec(
        job_id="job-1",
        base_model=BaseModelRef(id=MODEL_ID, revision=REVISION),
        hyperparameters=Hyperparameters.model_validate(hyperparameters),
    )
    order = RunOrder(spec=spec, models_dir=str(models_dir), cache_dir=str(folder / "cache"))
    write_order(folder, order)
    return folder


def events_of(line: list[str], **variables: str) -> list[Event]:
    """Return what the process of that command line says, with `variables` in its environment."""
    environment = {**scrubbed(os.environ), "OMP_NUM_THREADS": "1", **variables}
    done = subprocess.run(  # noqa: S603 - our own module
        line, env=environment, capture_output=True, check=False
    )
    # every line must be one: what libraries print goes to the error stream
    return [parse_event(text) for text in done.stdout.splitlines()]
