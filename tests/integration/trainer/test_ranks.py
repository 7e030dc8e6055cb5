"""Two processes, as torchrun starts them on two GPUs; here over gloo on the CPU."""

import os
import subprocess
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef, FailureCode, TrainingSpec
from tests.integration.trainer.fake_platform import chat_rows
from tests.tiny_model import MODEL_ID, REVISION
from trainer_image.child import command, scrubbed
from trainer_image.events import Event, RunBroken, RunFinished, StepTaken, parse_event
from trainer_image.order import ARTIFACTS, CHECKPOINTS, DATASET, RunOrder, write_order

pytestmark = pytest.mark.slow


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


def events_of(line: list[str]) -> list[Event]:
    environment = {**scrubbed(os.environ), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(  # noqa: S603 - our own module
        line, env=environment, capture_output=True, timeout=240, check=False
    )
    # every line must be one: what libraries print goes to the error stream
    return [parse_event(text) for text in done.stdout.splitlines()]


def test_two_processes_train_the_weights_of_one(tmp_path: Path, models_dir: Path) -> None:
    for name, gpus in (("one", 1), ("two", 2)):
        events = events_of(command(an_order(tmp_path / name, models_dir), gpus))
        assert isinstance(events[-1], RunFinished)
        losses = [e.point.training_loss for e in events if isinstance(e, StepTaken)]
        assert len(losses) == 18

    one, two = (
        load_file(tmp_path / name / ARTIFACTS / "adapter_model.safetensors")
        for name in ("one", "two")
    )
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=1e-5, atol=1e-5)


def test_a_failing_rank_fails_the_run_with_its_own_words(tmp_path: Path, models_dir: Path) -> None:
    line = command(an_order(tmp_path / "broken", models_dir), 2)
    line[line.index("trainer_image.train")] = "tests.integration.trainer.broken_rank"

    broken = [event for event in events_of(line) if isinstance(event, RunBroken)]

    assert broken[0].failure.code is FailureCode.TRAINER_CRASHED
    assert "the second rank broke" in broken[0].failure.message
