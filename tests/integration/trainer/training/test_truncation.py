"""What the validator counts is what the trainer trains on, over-long rows included."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.validation.validator import validate
from brightrun.training.configuration import Hyperparameters, OverLength
from brightrun.training.protocol import BaseModelRef, TrainingSpec
from tests.support.datasets.chat_models import CHATML, REWRITING, encoder
from trainer_image.data.dataset import load_rows
from trainer_image.ipc.failures import RunFailed

TEXTS = st.sampled_from(["hello", "how are you", "fine " * 12, "you " * 40, "café"])
LIMIT_TOKENS = 64


def row(system: str | None, rounds: list[tuple[str, str, int]]) -> dict[str, Any]:
    turns: list[dict[str, Any]] = [] if system is None else [{"role": "system", "content": system}]
    for question, answer, weight in rounds:
        turns.append({"role": "user", "content": question})
        turns.append({"role": "assistant", "content": answer, "weight": weight})
    return {"messages": turns}


@pytest.mark.parametrize("over_length", OverLength)
@pytest.mark.parametrize("template", [CHATML, REWRITING], ids=["chatml", "rewriting"])
def test_the_trainer_takes_the_rows_tokens_and_cuts_that_the_validator_counted(
    template: str, over_length: OverLength, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chat = encoder(template, "<|im_end|>" if template == CHATML else "</s>")
    path = tmp_path_factory.mktemp("rows") / "dataset"
    tune = Hyperparameters(max_sequence_tokens=LIMIT_TOKENS, validation_fraction=0.0)

    # a template that rewrites earlier turns takes no row that ends in an answer with weight 0
    weights = st.integers(0, 1) if template == CHATML else st.just(1)
    rounds = st.lists(st.tuples(TEXTS, TEXTS, weights), min_size=1, max_size=5)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.none() | TEXTS, rounds), min_size=1, max_size=5))
    def compare(rows: list[tuple[str | None, list[tuple[str, str, int]]]]) -> None:
        data = "\n".join(json.dumps(row(*each)) for each in rows).encode()
        path.write_bytes(data)
        outcome = validate(
            [data], encoder=chat, max_sequence_tokens=LIMIT_TOKENS, over_length=over_length
        )
        counted = outcome.verdict.statistics
        if not counted.trained_rows:
            with pytest.raises(RunFailed):
                load_rows(path, chat, tune, 4096, over_length)
            return

        found = load_rows(path, chat, tune, 4096, over_length)
        assert sum(len(each.ids) for each in found.train) == counted.total_tokens
        assert sum(each.size.supervised_tokens for each in found.train) == counted.trained_tokens
        assert found.truncated == counted.truncated_rows
        too_long = outcome.verdict.error_counts.get("too_long", 0)
        assert found.left_out.get("too_long", 0) == too_long
        if template == CHATML:
            assert len(found.train) == counted.trained_rows

    compare()


def test_a_worker_that_knows_no_choice_can_read_what_was_not_chosen() -> None:
    """An earlier image refuses unknown fields, so the default is not sent."""
    facts: dict[str, Any] = {
        "job_id": "job-1",
        "base_model": BaseModelRef(id="a/b", revision="main"),
        "hyperparameters": Hyperparameters(),
    }

    assert "over_length" not in TrainingSpec(**facts).model_dump(mode="json")
    chosen = TrainingSpec(**facts, over_length=OverLength.TRUNCATE).model_dump(mode="json")
    assert chosen["over_length"] == "truncate"
    assert TrainingSpec.model_validate(chosen).over_length is OverLength.TRUNCATE
