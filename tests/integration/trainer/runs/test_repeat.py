"""A delivered folder says everything that is needed to make it again."""

import gc
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from brightrun.training.protocol import Stage, TrainingSpec
from tests.support.trainer.fake_platform import chat_rows
from tests.support.trainer.whole_runs import an_order, events_of
from trainer_image import train
from trainer_image.export.manifest import describe
from trainer_image.ipc.events import Beat, Event, RunFinished
from trainer_image.ipc.heartbeat import Heartbeat
from trainer_image.ipc.run_spec import ARTIFACTS, CHECKPOINTS, DATASET, RunOrder, write_order
from trainer_image.training.distributed import Ranks
from trainer_image.training.setup import prepare
from trainer_image.worker.training_process import command

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


def gates() -> int:
    """Return how many gate projections of the base there are; each may live on by itself."""
    every = (each for each in gc.get_objects() if issubclass(type(each), nn.Linear))
    return sum((each.in_features, each.out_features) == (64, 160) for each in every)


def test_the_base_is_loaded_once(tmp_path: Path, models_dir: Path) -> None:
    """Loaded again for the proof it took minutes, and two of 70B would not fit on a GPU."""
    folder = an_order(tmp_path / "run", models_dir, epochs=1)
    alive: list[int] = []

    def count_layers(event: Event) -> None:
        if isinstance(event, RunFinished) or getattr(event, "stage", None) is Stage.SAVING:
            alive.append(gates())

    gc.collect()
    before = gates()
    gc.disable()
    try:
        train.run(folder, Ranks(), count_layers, lambda: False)
    finally:
        gc.enable()

    assert alive == [before + 2 * 2] * 2  # gate and up of two layers


def test_every_pass_of_a_run_is_a_sign_of_progress(tmp_path: Path, models_dir: Path) -> None:
    """Micro-steps, scored batches and tokens of answers; a run that hangs in one says nothing."""
    order = an_order(tmp_path / "run", models_dir, epochs=1)
    said: list[Event] = []
    beat = Heartbeat(said.append, apart_seconds=0)

    prepared = replace(prepare(order, Ranks(), lambda _event: None), beat=beat)
    train.train_and_score(prepared, lambda: False)

    assert len(said) > 7 + 2 * 8  # steps, and the first tokens of both answers
    assert set(map(type, said)) == {Beat}


def test_the_best_weights_are_delivered_when_stopping_early(
    tmp_path: Path, models_dir: Path
) -> None:
    folder = an_order(
        tmp_path / "run",
        models_dir,
        epochs=20,
        batch_size=2,
        rank=32,
        scheduler="constant",
        early_stopping_patience=1,
        validation_fraction=0.3,
    )

    said_of_itself: list[Event] = []

    train.run(folder, Ranks(), said_of_itself.append, lambda: False)

    said = json.loads((folder / ARTIFACTS / "training_args.json").read_bytes())
    judged = json.loads((folder / ARTIFACTS / "evaluation.json").read_bytes())
    losses = {each["step"]: each["loss"] for each in judged["checkpoints"]}
    best, last = said["delivered_step"], said["steps_taken"]
    assert best == last - 14  # an epoch of 28 rows
    (finished,) = [event for event in said_of_itself if isinstance(event, RunFinished)]
    assert (finished.summary.delivered_step, finished.summary.total_steps) == (best, last)
    assert losses[best] < losses[last]
    assert judged["comparison"]["adapter_loss"] == pytest.approx(losses[best], rel=1e-6)
