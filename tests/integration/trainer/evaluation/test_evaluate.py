"""From rows to a verdict, and from saved files back to the same numbers."""

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from tests.support.trainer.evaluated import CPU, TINY, learner_on, questions
from tests.support.trainer.rows import a_learner, tuned
from trainer_image.data.batches import TokenRow
from trainer_image.data.dataset import Rows
from trainer_image.evaluation import evaluate
from trainer_image.evaluation.evaluate import Scores, drawn
from trainer_image.evaluation.generation import answer_samples
from trainer_image.export.manifest import write_manifest
from trainer_image.model import base_model, weights
from trainer_image.training import checkpoint
from trainer_image.training.checkpoint import RunState
from trainer_image.training.losses import row_losses


@pytest.fixture
def folder(models_dir: Path) -> Path:
    return weights.local_folder(models_dir, TINY)


def trained_scores(rows: tuple[TokenRow, ...], weights_folder: Path) -> Scores:
    """Train on all but 40 rows for a while, and score those 40."""
    tune = tuned(batch_size=16, epochs=8, rank=16)
    learner = a_learner(rows[40:], tune)
    for number in range(learner.plan.total_steps):
        learner.gradients(learner.plan.step(number))
        learner.apply(0.005)
    held_out = Rows(train=rows[40:], held_out=rows[:40], left_out={})
    scores = evaluate.score(learner, held_out, CPU, weights_folder)
    assert scores is not None
    return scores


@pytest.mark.slow
def test_answers_that_follow_from_their_questions_are_learned(folder: Path) -> None:
    scores = trained_scores(questions(240), folder)

    assert scores.comparison
    assert scores.comparison.verdict == "better"
    assert scores.comparison.difference_high < -0.5


@pytest.mark.slow
def test_shuffled_answers_are_not_called_better(folder: Path) -> None:
    """The loss falls, because the adapter learns which words are answers, and no more than that."""
    scores = trained_scores(questions(240, shuffled=True), folder)

    assert scores.comparison
    assert scores.comparison.difference_high < -0.5
    assert scores.comparison.verdict == "not_shown_better"


def a_row(number: int, *, conversation: str) -> TokenRow:
    ids = np.array([10, 100 + number, 2], dtype=np.int32)
    return TokenRow(ids, ids, conversation)


def test_what_is_scored_is_drawn_by_the_seed_and_not_by_the_order_of_the_file() -> None:
    """2,100 conversations of two rows: 1,000 of them are scored, whole, from all over the file."""
    rows = [a_row(n % 2, conversation=f"{n // 2:04}") for n in range(4200)]
    shuffled = [rows[place] for place in np.random.default_rng(0).permutation(4200)]

    first, again, other = drawn(rows, 1), drawn(shuffled, 1), drawn(rows, 2)

    def places(found: tuple[TokenRow, ...]) -> list[tuple[str, int]]:
        return [(row.conversation, int(row.ids[1])) for row in found]

    assert places(first) == places(again)
    assert places(first) != places(other)
    names = [row.conversation for row in first]
    assert len(first) == 2000
    assert names[::2] == names[1::2]
    assert len(set(names)) == 1000
    assert 400 < sum(int(name) < 1050 for name in names[::2]) < 600
    assert names[::2] != sorted(names[::2])


def test_a_conversation_is_never_cut_even_if_it_is_all_there_is() -> None:
    rows = [a_row(n, conversation="one") for n in range(2500)]

    assert len(drawn(rows, 1)) == 2500
    assert drawn((), 1) == ()


def test_perplexity_is_the_exponential_of_the_loss(folder: Path) -> None:
    scores = evaluate.score(
        learner_on(folder, CPU, effect=0.05), Rows(questions(20), questions(12), {}), CPU, folder
    )
    assert scores
    assert scores.comparison
    losses = {"base_loss": log(8), "adapter_loss": 800.0}
    told = replace(scores, comparison=scores.comparison.model_copy(update=losses)).as_json(())

    assert told["base_perplexity"] == pytest.approx(8)
    assert told["adapter_perplexity"] is None  # more than a double holds
    assert replace(scores, comparison=None).as_json(())["base_perplexity"] is None


def test_the_worst_rows_are_those_the_adapter_finds_least_likely(folder: Path) -> None:
    learner = learner_on(folder, CPU, effect=0.05)
    rows = questions(30)

    scores = evaluate.score(learner, Rows(rows, rows, {}), CPU, folder)

    assert scores
    found = {
        row.conversation: row_losses(learner.model, [row], device=CPU.device, budget_tokens=64).mean
        for row in rows
    }
    assert len(scores.worst) == 5
    assert [row["loss"] for row in scores.worst] == pytest.approx(
        sorted(found.values(), reverse=True)[:5], rel=1e-5
    )
    worst = scores.worst[0]
    (row,) = (row for row in rows if row.conversation == worst["conversation"])
    assert found[row.conversation] == pytest.approx(worst["loss"], rel=1e-5)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert worst["text"] == tokenizer.decode(row.ids.tolist())


def test_the_base_model_answers_without_the_adapter_and_the_adapter_with_it(folder: Path) -> None:
    model = learner_on(folder, CPU, effect=0.3).model
    plain = base_model.load(folder, CPU)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rows = (*questions(3), *questions(3))

    samples = answer_samples(model, rows, tokenizer, ends=frozenset(), device=CPU.device)

    assert len(samples) == 3  # one of each conversation
    for row, sample in zip(rows[:3], samples, strict=True):
        prompt = torch.tensor([row.ids[:3].tolist()])
        base = plain.generate(prompt, max_new_tokens=96, do_sample=False, eos_token_id=None)
        assert sample.base_answer == tokenizer.decode(base[0, 3:].tolist())
        assert sample.adapter_answer != sample.base_answer
        assert sample.prompt == tokenizer.decode(row.ids[:3].tolist())
        assert sample.reference == tokenizer.decode(row.ids[3:].tolist())


def test_each_kept_checkpoint_is_scored_with_its_own_weights(folder: Path, tmp_path: Path) -> None:
    learner = learner_on(folder, CPU, effect=0.05)
    rows = questions(12)
    weights_of = {3: learner.adapter.copy(), 9: learner.adapter.copy() * 4}
    wanted = []
    for step, values in weights_of.items():
        state = RunState(step=step, identity="r", training_seconds=0, trained_tokens=0)
        checkpoint.save(tmp_path, state, {"adapter": values})
        learner.adapter.load(values)
        wanted.append(row_losses(learner.model, rows, device=CPU.device, budget_tokens=64).mean)

    scored = evaluate.score_checkpoints(learner, tmp_path, rows)

    assert [each["step"] for each in scored] == [3.0, 9.0]
    assert [each["loss"] for each in scored] == pytest.approx(wanted, rel=1e-6)
    assert wanted[0] != pytest.approx(wanted[1], rel=1e-3)
    assert evaluate.score_checkpoints(learner, tmp_path, ()) == ()


def test_the_manifest_lists_every_file_but_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    (tmp_path / "b.txt").write_bytes(b"")

    listed = write_manifest(tmp_path)

    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (listed[0].name, listed[0].size_bytes, listed[0].sha256) == ("a.txt", 3, digest)
    assert [file.name for file in listed] == ["a.txt", "b.txt", "manifest.json"]
