"""What the order says reaches the run, and every refusal comes before the first step."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from brightrun.training.configuration import OverLength
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.rows import a_learner, relative_error, tuned
from tests.support.trainer.tiny_model import MODEL_ID, REVISION
from tests.support.trainer.whole_runs import an_order
from trainer_image.data.sampling import Plan, RowSize
from trainer_image.ipc.events import Event, LineWritten
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import DATASET, read_order, write_order
from trainer_image.model import weights
from trainer_image.training import setup
from trainer_image.training.distributed import Ranks
from trainer_image.training.setup import Run

TINY = BaseModelRef(id=MODEL_ID, revision=REVISION)


def prepared(folder: Path, models: Path, **changes: object) -> tuple[Run, list[Event]]:
    told: list[Event] = []
    return setup.prepare(an_order(folder, models, **changes), Ranks(), told.append), told


@pytest.fixture
def damaged(models_dir: Path, tmp_path: Path) -> Path:
    """Return a copy of the models, to be damaged."""
    return shutil.copytree(models_dir, tmp_path / "models")


def test_weights_that_cannot_fit_are_refused(damaged: Path, tmp_path: Path) -> None:
    with (weights.local_folder(damaged, TINY) / "model.safetensors").open("r+b") as file:
        file.truncate(4 * 10**12)  # sparse: takes no disk

    with pytest.raises(RunFailed, match="the base model needs") as failure:
        prepared(tmp_path / "run", damaged)

    assert failure.value.failure.code is FailureCode.OUT_OF_MEMORY


def test_checkpoints_that_cannot_fit_are_refused(damaged: Path, tmp_path: Path) -> None:
    path = weights.local_folder(damaged, TINY) / "config.json"
    config = json.loads(path.read_bytes())
    path.write_text(json.dumps(config | {"intermediate_size": 10**13}))

    with pytest.raises(RunFailed, match="checkpoints and the adapter need") as failure:
        prepared(tmp_path / "run", damaged)

    assert failure.value.failure.code is FailureCode.DISK_TOO_SMALL


def test_steps_share_an_epochs_rows_evenly_up_to_all_accumulated_batches(
    models_dir: Path, tmp_path: Path
) -> None:
    run, _ = prepared(
        tmp_path / "run", models_dir, batch_size=3, gradient_accumulation_steps=4, epochs=2
    )

    assert (len(run.rows.train), len(run.rows.held_out)) == (28, 12)
    assert run.plan.total_steps == 6
    assert [len(run.plan.step(number).rows) for number in range(6)] == [9, 9, 10] * 2


@pytest.mark.parametrize(
    ("over_length", "rows", "left_out", "truncated"),
    [(OverLength.TRUNCATE, 41, {}, 1), (OverLength.REJECT, 40, {"too_long": 1}, 0)],
)
def test_what_the_owner_chose_for_long_rows_reaches_the_rows(
    over_length: OverLength,
    rows: int,
    left_out: dict[str, int],
    truncated: int,
    models_dir: Path,
    tmp_path: Path,
) -> None:
    folder = an_order(tmp_path / "run", models_dir, max_sequence_tokens=100)
    order = read_order(folder)
    spec = order.spec.model_copy(update={"over_length": over_length})
    write_order(folder, order.model_copy(update={"spec": spec}))
    turns = [("user", "a " * 100), ("assistant", "b"), ("user", "c"), ("assistant", "d")]
    long = {"messages": [{"role": role, "content": text} for role, text in turns]}
    with (folder / DATASET).open("ab") as file:
        file.write(b"\n" + json.dumps(long).encode())

    run = setup.prepare(folder, Ranks(), lambda _event: None)

    assert len(run.rows.train) + len(run.rows.held_out) == rows
    assert (run.rows.left_out, run.rows.truncated) == (left_out, truncated)


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({"early_stopping_patience": 2, "validation_fraction": 0.0}, True),
        ({"early_stopping_patience": 2}, False),
        ({"validation_fraction": 0.0}, False),
    ],
)
def test_early_stopping_that_nothing_can_trigger_is_said(
    changes: dict[str, Any], *, warned: bool, models_dir: Path, tmp_path: Path
) -> None:
    _, told = prepared(tmp_path / "run", models_dir, **changes)

    warnings = [
        event.message
        for event in told
        if isinstance(event, LineWritten) and event.level == "warning"
    ]
    assert [text.partition(" ")[0] for text in warnings] == ["early_stopping_patience"] * warned


@pytest.mark.parametrize(
    ("tokens", "gpus", "warned"), [(400, 2, True), (400, 1, False), (1600, 2, False)]
)
def test_gpus_that_a_step_is_too_small_for_are_said(
    tokens: int, gpus: int, *, warned: bool
) -> None:
    """Four rows of 400 tokens are 800 for each of two GPUs."""
    plan = Plan((RowSize(tokens, tokens),) * 8, rows_per_step=4, epochs=1, seed=1)

    words = setup.idle_gpu_words(plan, gpus)

    assert (words is not None) is warned
    assert words is None or words.startswith("each of 2 GPUs gets about 800 tokens of a step")


def test_a_run_on_two_gpus_says_that_one_would_do(models_dir: Path, tmp_path: Path) -> None:
    told: list[Event] = []

    setup.prepare(an_order(tmp_path / "run", models_dir), Ranks(0, 2, 0), told.append)

    lines = [event.message for event in told if isinstance(event, LineWritten)]
    assert any("one GPU would take about as long" in line for line in lines)


def test_without_packing_each_row_has_a_forward_pass_of_its_own(
    models_dir: Path, tmp_path: Path
) -> None:
    packed, _ = prepared(tmp_path / "packed", models_dir, batch_size=7)
    alone, _ = prepared(tmp_path / "alone", models_dir, batch_size=7, packing=False)

    def passes(run: Run) -> list[int]:
        budget = run.layout.setting.micro_step_tokens
        groups = run.plan.micro_steps(run.plan.step(0), budget_tokens=budget)
        return sorted(len(group) for group in groups)

    assert passes(packed) == [7]
    assert passes(alone) == [1] * 7


def test_without_packing_a_step_is_the_same_step(models_dir: Path, tmp_path: Path) -> None:
    run, _ = prepared(tmp_path / "run", models_dir, batch_size=8, packing=False)
    gradients = []
    for budget_tokens in (run.layout.setting.micro_step_tokens, 4096):
        learner = a_learner(run.rows.train, tuned(batch_size=8), budget_tokens=budget_tokens)
        learner.gradients(learner.plan.step(0))
        gradients.append(learner.adapter.gradients.clone())

    assert torch.count_nonzero(gradients[0]) > 0
    assert relative_error(gradients[0], gradients[1]) < 1e-5
