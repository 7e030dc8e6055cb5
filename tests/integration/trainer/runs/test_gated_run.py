"""A whole run of a gated model: one document per row, experts, both kinds of layers."""

import csv
import json
from pathlib import Path

import pytest

from brightrun.training.configuration import Hyperparameters
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef, TrainingSpec
from tests.support.trainer.fake_platform import chat_rows
from tests.support.trainer.families import CHANGES, SMALL
from tests.support.trainer.tiny_model import MODEL_ID, REVISION, build_tiny_model
from trainer_image import train
from trainer_image.ipc.events import Event, RunFinished
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import ARTIFACTS, CHECKPOINTS, DATASET, RunOrder, write_order
from trainer_image.training.distributed import Ranks
from trainer_image.worker.settings import WorkerSettings


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a models folder whose tiny model is a Qwen3-Next, with tokenizer and template."""
    from transformers import Qwen3NextConfig, Qwen3NextForCausalLM  # noqa: PLC0415 - heavy

    folder = build_tiny_model(tmp_path / "models")
    config = Qwen3NextConfig(**{**SMALL, **CHANGES["qwen3_next"]})
    Qwen3NextForCausalLM(config).save_pretrained(folder)
    return tmp_path / "models"


def started(folder: Path, models: Path, gate: tuple[str, ...], *targets: str) -> list[Event]:
    (folder / CHECKPOINTS).mkdir(parents=True)
    (folder / DATASET).write_bytes(chat_rows(40))
    spec = TrainingSpec(
        job_id="job-1",
        base_model=BaseModelRef(id=MODEL_ID, revision=REVISION),
        hyperparameters=Hyperparameters(
            epochs=1, batch_size=8, rank=4, learning_rate=0.001, target_modules=targets
        ),
    )
    order = RunOrder(
        spec=spec,
        models_dir=str(models),
        cache_dir=str(folder / "cache"),
        gated_model_types=gate,
    )
    write_order(folder, order)
    events: list[Event] = []
    train.run(folder, Ranks(), events.append, lambda: False)
    return events


def test_an_opened_model_trains_answers_and_is_proved(tmp_path: Path, models: Path) -> None:
    events = started(tmp_path / "run", models, ("qwen3_next",), "q_proj", "o_proj")

    finished = events[-1]
    assert isinstance(finished, RunFinished)
    assert finished.summary.probe_max_difference < 1e-3
    assert finished.summary.comparison
    assert finished.summary.samples
    folder = tmp_path / "run" / ARTIFACTS
    config = json.loads((folder / "adapter_config.json").read_bytes())
    assert sorted(config["target_modules"]) == [
        "in_proj_ba",
        "in_proj_qkvz",
        "o_proj",
        "out_proj",
        "q_proj",
    ]
    with (folder / "metrics.csv").open() as file:
        steps = list(csv.DictReader(file))
    assert sum(int(step["total_tokens"]) for step in steps) == finished.summary.trained_tokens
    assert all(int(step["padding_tokens"]) >= 0 for step in steps)
    assert sum(int(step["padding_tokens"]) for step in steps) > 0


@pytest.mark.parametrize(
    ("gate", "target", "code"),
    [
        ((), "q_proj", FailureCode.BASE_MODEL_UNSUPPORTED),
        (("qwen3_moe",), "q_proj", FailureCode.BASE_MODEL_UNSUPPORTED),
        (("qwen3_next",), "up_proj", FailureCode.BAD_CONFIGURATION),
    ],
)
def test_what_is_closed_or_would_train_nothing_is_refused_before_the_weights_are_read(
    gate: tuple[str, ...], target: str, code: FailureCode, tmp_path: Path, models: Path
) -> None:
    next(models.rglob("model.safetensors")).unlink()

    with pytest.raises(RunFailed) as failure:
        started(tmp_path / "run", models, gate, target)

    assert failure.value.failure.code is code


def test_the_workers_environment_names_types_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIGHTRUN_GATED_MODEL_TYPES", "qwen3_next, qwen3_moe")

    assert WorkerSettings().gated_model_types == ("qwen3_next", "qwen3_moe")
    monkeypatch.delenv("BRIGHTRUN_GATED_MODEL_TYPES")
    assert WorkerSettings().gated_model_types == ()
