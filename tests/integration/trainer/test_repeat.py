"""A delivered folder says everything that is needed to make it again."""

import json
import os
from pathlib import Path

import pytest

from brightrun.training.protocol import TrainingSpec
from tests.integration.trainer.fake_platform import chat_rows
from tests.integration.trainer.whole_runs import an_order, events_of
from trainer_image.child import command
from trainer_image.events import RunFinished
from trainer_image.manifest import describe
from trainer_image.order import ARTIFACTS, CHECKPOINTS, DATASET, RunOrder, write_order

pytestmark = pytest.mark.slow


def test_training_args_and_the_dataset_make_the_same_adapter_again(
    tmp_path: Path, models_dir: Path
) -> None:
    first = an_order(tmp_path / "first", models_dir, dropout=0.1, seed=11)
    assert isinstance(events_of(command(first, 1))[-1], RunFinished)
    said = json.loads((first / ARTIFACTS / "training_args.json").read_bytes())

    second = tmp_path / "second"
    (second / CHECKPOINTS).mkdir(parents=True)
    (second / DATASET).write_bytes(chat_rows(40))
    assert describe(second / DATASET).sha256 == said["dataset_sha256"]
    spec = {name: said[name] for name in ("base_model", "hyperparameters", "over_length")}
    write_order(
        second,
        RunOrder(
            spec=TrainingSpec.model_validate({"job_id": "another", **spec}),
            models_dir=str(models_dir),
            cache_dir=os.devnull,
            micro_step_tokens=said["micro_step_tokens"],
        ),
    )
    assert isinstance(events_of(command(second, said["processes"]))[-1], RunFinished)

    adapters = [
        describe(folder / ARTIFACTS / "adapter_model.safetensors") for folder in (first, second)
    ]
    assert adapters[0] == adapters[1]
