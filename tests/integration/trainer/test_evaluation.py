"""From rows to a verdict, and from saved files back to the same numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef, FailureCode
from tests.integration.trainer.rows import a_learner, tuned
from tests.tiny_model import MODEL_ID, REVISION
from trainer_image import adapter, base_model, delivery, evaluation, weights
from trainer_image.base_model import Placement
from trainer_image.data import Rows
from trainer_image.evaluation import Scores
from trainer_image.failures import RunFailed
from trainer_image.manifest import write_manifest
from trainer_image.packed import NO_LOSS, TokenRow
from trainer_image.scoring import row_losses

TINY = BaseModelRef(id=MODEL_ID, revision=REVISION)
CPU = Placement(torch.device("cpu"), torch.float32, quantised=False)


def questions(count: int, *, shuffled: bool = False) -> tuple[TokenRow, ...]:
    """Return rows whose answer is one of eight words, each the answer to one question.

    Shuffled, the answers are the same words in another order: nothing in a question tells which.
    """
    generator = np.random.default_rng(1)
    asked = generator.integers(0, 8, count)
    answered = generator.permutation(asked) if shuffled else asked
    rows = []
    for number, (question, answer) in enumerate(zip(asked, answered, strict=True)):
        ids = np.array([10, 20 + question, 11, 40 + answer, 50 + answer, 2], dtype=np.int32)
        labels = ids.copy()
        labels[:3] = NO_LOSS
        rows.append(TokenRow(ids, labels, f"conversation-{number}"))
    return tuple(rows)


def trained_scores(rows: tuple[TokenRow, ...], weights_folder: Path) -> Scores:
    """Train on all but 40 rows for a while, and score those 40."""
    tune = tuned(batch_size=16, epochs=8, rank=16)
    learner = a_learner(rows[40:], tune)
    for number in range(learner.plan.total_steps):
        learner.gradients(learner.plan.step(number))
        learner.apply(0.005)
    held_out = Rows(train=rows[40:], held_out=rows[:40], left_out={})
    model = learner.model
    scores = evaluation.score(model, held_out, tune, CPU, weights_folder)
    assert scores is not None
    return scores


@pytest.mark.slow
def test_answers_that_follow_from_their_questions_are_learned(models_dir: Path) -> None:
    scores = trained_scores(questions(240), weights.local_folder(models_dir, TINY))

    assert scores.comparison
    assert scores.comparison.verdict == "better"
    assert scores.comparison.difference_high < -0.5


@pytest.mark.slow
def test_shuffled_answers_are_not_called_better(models_dir: Path) -> None:
    """The loss falls, because the adapter learns which words are answers, and no more than that."""
    scores = trained_scores(questions(240, shuffled=True), weights.local_folder(models_dir, TINY))

    assert scores.comparison
    assert scores.comparison.difference_high < -0.5
    assert scores.comparison.verdict == "not_shown_better"


def test_losses_of_packed_rows_are_those_of_each_row_alone() -> None:
    rows = questions(30)
    model = a_learner(rows, tuned()).model
    together = row_losses(model, rows, device=torch.device("cpu"), budget_tokens=64)
    alone = [row_losses(model, [row], device=torch.device("cpu"), budget_tokens=64) for row in rows]

    assert together.sums == pytest.approx([float(one.sums[0]) for one in alone], rel=1e-5)
    assert together.tokens.tolist() == [3.0] * 30


@pytest.fixture
def delivered(models_dir: Path, tmp_path: Path) -> tuple[Scores, Path]:
    """Return the scores of a small adapter, and the folder it was saved to."""
    folder = weights.local_folder(models_dir, TINY)
    tune = Hyperparameters(rank=4)
    model = adapter.attach(base_model.load(folder, CPU), tune, TINY)
    for name, parameter in model.named_parameters():
        if ".lora_B." in name:
            torch.nn.init.normal_(parameter, std=0.05)
    rows = questions(20)
    scores = evaluation.score(model, Rows(rows, rows[:1], {}), tune, CPU, folder)
    assert scores is not None
    delivery.save_adapter(model, tmp_path, CPU.compute)
    return scores, tmp_path


def test_the_saved_adapter_gives_its_logits_again(
    delivered: tuple[Scores, Path], models_dir: Path
) -> None:
    scores, folder = delivered

    difference = evaluation.verify(scores, weights.local_folder(models_dir, TINY), folder, CPU)

    assert difference < 1e-5
    (probe, *_) = scores.probes.probes
    assert max(abs(a - b) for a, b in zip(probe.logits, probe.base_logits, strict=True)) > 0.01


@pytest.mark.parametrize("part", ["lora_A", "lora_B"])
def test_an_adapter_that_was_saved_wrongly_is_not_delivered(
    delivered: tuple[Scores, Path], models_dir: Path, part: str
) -> None:
    scores, folder = delivered
    file = folder / "adapter_model.safetensors"
    tensors = load_file(file)
    name = next(name for name in tensors if part in name)
    save_file({**tensors, name: tensors[name] * 0}, file)

    with pytest.raises(RunFailed) as failure:
        evaluation.verify(scores, weights.local_folder(models_dir, TINY), folder, CPU)

    assert failure.value.failure.code is FailureCode.VERIFICATION_FAILED


def test_logits_that_are_no_numbers_are_never_equal(
    delivered: tuple[Scores, Path], models_dir: Path
) -> None:
    scores, folder = delivered
    broken = replace(scores, logits=scores.logits * float("nan"))

    with pytest.raises(RunFailed):
        evaluation.verify(broken, weights.local_folder(models_dir, TINY), folder, CPU)


def test_equal_adapters_are_equal_files(delivered: tuple[Scores, Path], tmp_path: Path) -> None:
    """PEFT writes the targets as a set, in another order in each process."""
    text = (delivered[1] / "adapter_config.json").read_text()

    targets = text[text.index('"target_modules"') :].split("]")[0]
    names = [part for part in targets.split('"') if part.endswith("_proj")]
    assert names == sorted(names)
    assert len(names) == 7
    assert {path.stat().st_mode & 0o777 for path in delivered[1].iterdir()} == {0o644}


def test_the_manifest_lists_every_file_but_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    (tmp_path / "b.txt").write_bytes(b"")

    listed = write_manifest(tmp_path)

    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (listed[0].name, listed[0].size_bytes, listed[0].sha256) == ("a.txt", 3, digest)
    assert [file.name for file in listed] == ["a.txt", "b.txt", "manifest.json"]
