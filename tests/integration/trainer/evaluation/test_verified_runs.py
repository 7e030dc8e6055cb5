"""Whole runs: what is saved is verified, what was scored is delivered, and by which libraries."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import Stage
from tests.support.trainer.evaluated import BF16, zeroed
from tests.support.trainer.whole_runs import an_order
from trainer_image import train
from trainer_image.evaluation import evaluate
from trainer_image.export.adapter_folder import ADAPTER
from trainer_image.ipc.events import Event, StageReached
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import ARTIFACTS
from trainer_image.machine.versions import installed_versions
from trainer_image.training.distributed import Ranks
from trainer_image.training.setup import prepare


def train_in(
    folder: Path, models_dir: Path, at_saving: Callable[[Path], None], **changes: object
) -> None:
    """Train in this process and do something to the files when they are to be verified."""
    order = an_order(folder, models_dir, epochs=1, **changes)

    def emit(event: Event) -> None:
        if isinstance(event, StageReached) and event.stage is Stage.SAVING:
            at_saving(order / ARTIFACTS)

    train.run(order, Ranks(), emit, lambda: False)


@pytest.mark.slow
def test_a_run_whose_adapter_is_damaged_on_disk_fails(tmp_path: Path, models_dir: Path) -> None:
    def damage(artifacts: Path) -> None:
        tensors = load_file(artifacts / ADAPTER)
        save_file(zeroed(tensors), artifacts / ADAPTER)

    with pytest.raises(RunFailed) as failure:
        train_in(tmp_path / "run", models_dir, damage, learning_rate=1e-5)

    assert failure.value.failure.code is FailureCode.VERIFICATION_FAILED
    assert not (tmp_path / "run" / ARTIFACTS / "manifest.json").exists()


@pytest.mark.slow
def test_a_run_says_with_which_libraries_it_was_made(tmp_path: Path, models_dir: Path) -> None:
    train_in(tmp_path / "run", models_dir, lambda _artifacts: None)

    said = json.loads((tmp_path / "run" / ARTIFACTS / "training_args.json").read_bytes())
    assert said["versions"] == installed_versions()
    assert said["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert {"python", "transformers", "peft", "bitsandbytes"} <= said["versions"].keys()


@pytest.mark.slow
def test_a_run_in_bf16_delivers_what_it_scored(tmp_path: Path, models_dir: Path) -> None:
    """As on a GPU: fp32 weights are rounded to what is delivered before they are scored."""
    order = an_order(tmp_path / "run", models_dir, epochs=1)
    prepared = replace(prepare(order, Ranks(), lambda _event: None), where=BF16)

    model, _, scores = train.train_and_score(prepared, lambda: False)

    assert scores
    assert {tensor.dtype for tensor in scores.tensors.values()} == {torch.float32}
    saved = load_file(order / ARTIFACTS / ADAPTER)
    assert {tensor.dtype for tensor in saved.values()} == {torch.bfloat16}
    evaluate.verify(scores, model, order / ARTIFACTS, BF16)
