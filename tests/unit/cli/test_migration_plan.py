"""What of a job at OpenAI carries over, what does not, and what its copy costs."""

import base64
from decimal import Decimal
from typing import Any

import pytest

from brightrun.cli.migration.copies import plain_csv
from brightrun.cli.migration.plan import Target, planned, price, suffix_of
from brightrun.cli.migration.source import TheirJob
from brightrun.datasets.record import Statistics
from brightrun.training.configuration import Preset
from tests.support.catalogs import load_catalog

TARGET = Target("Qwen/Qwen3-8B", "A100-80GB", 2, load_catalog("[]", {"A100-80GB x2": "endpoint"}))
CSV = b"step,train_loss\n1,0.4\n"


def theirs(**facts: Any) -> TheirJob:
    """Return a job as OpenAI tells it; the hyperparameters are those of its method."""
    told = {
        "id": "ftjob-1",
        "status": "succeeded",
        "model": "gpt-4o-mini-2024-07-18",
        "training_file": "file-1",
        "fine_tuned_model": "ft:gpt-4o-mini:org:bakery:abc",
        **facts,
    }
    return TheirJob.model_validate(told)


def trained_with(**numbers: object) -> TheirJob:
    return theirs(method={"type": "supervised", "supervised": {"hyperparameters": numbers}})


def test_their_three_numbers_become_ours() -> None:
    plan = planned(trained_with(n_epochs=5, batch_size=8, learning_rate_multiplier=2.0), TARGET)
    ours = plan.hyperparameters

    assert (ours.epochs, ours.learning_rate) == (5, 0.0001)
    assert ours.batch_size * ours.gradient_accumulation_steps == 8
    assert plan.refused == ""
    assert "n_epochs 5 → epochs 5" in plan.carries
    assert any("learning_rate_multiplier 2.0 → learning_rate 0.0001" in s for s in plan.carries)


def test_what_is_auto_or_not_told_is_the_presets() -> None:
    fast = Target(**{**{name: getattr(TARGET, name) for name in Target.__slots__},
                     "preset": Preset.FAST})  # fmt: skip
    plan = planned(trained_with(n_epochs="auto"), fast)

    assert (plan.hyperparameters.epochs, plan.hyperparameters.batch_size) == (1, 8)
    assert "n_epochs auto → epochs 1 (the preset's)" in plan.carries


def test_the_numbers_of_the_method_go_before_the_deprecated_ones() -> None:
    told = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    plan = planned(theirs(method=told, hyperparameters={"n_epochs": 9}), TARGET)
    older = planned(theirs(hyperparameters={"n_epochs": 9}), TARGET)

    assert plan.hyperparameters.epochs == 2
    assert older.hyperparameters.epochs == 9


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_epochs", 50), ("batch_size", 4097), ("learning_rate_multiplier", 100.0)],
)
def test_a_number_out_of_our_limits_is_named_and_spoils_no_other(name: str, value: object) -> None:
    plan = planned(trained_with(**{"n_epochs": 5, name: value}), TARGET)
    refused = [sentence for sentence in plan.lost if sentence.endswith("; the preset's is taken")]

    assert [sentence.partition(":")[0] for sentence in refused] == [f"{name} {value}"]
    assert plan.refused == ""
    assert plan.hyperparameters.epochs == (3 if name == "n_epochs" else 5)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"validation_file": "file-2"}, "validation_file file-2"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]}, "integrations"),
        ({"metadata": {"k": "v"}}, "metadata"),
        ({"seed": 7}, "seed 7"),
        ({"model": "ft:gpt-4o-mini:org:first:abc"}, "OpenAI hands out no weights"),
        ({}, "base model gpt-4o-mini-2024-07-18 → Qwen/Qwen3-8B"),
    ],
)
def test_what_stays_behind_is_said_and_the_job_is_made_all_the_same(
    facts: dict[str, Any], told: str
) -> None:
    plan = planned(theirs(**facts), TARGET)

    assert any(told in sentence for sentence in plan.lost), plan.lost
    assert plan.refused == ""


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"status": "failed"}, "it failed there"),
        ({"status": "cancelled"}, "it was cancelled there"),
        ({"status": "running"}, "it has not ended there"),
        ({"status": "validating_files"}, "it has not ended there"),
        ({"status": "sleeping"}, "its status there is sleeping"),
        ({"method": {"type": "dpo"}}, "dpo does not train"),
        ({"method": {"type": "reinforcement"}}, "reinforcement does not train"),
        ({"method": {"type": "osmosis"}}, "its method osmosis is not known here"),
    ],
)
def test_a_job_that_is_not_made_again_says_why(facts: dict[str, Any], why: str) -> None:
    assert why in planned(theirs(**facts), TARGET).refused


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"user_provided_suffix": "mine"}, "mine"),
        ({"fine_tuned_model": "ft:gpt-4o-mini:org:bakery:abc"}, "bakery"),
        ({"fine_tuned_model": "ft:gpt-4o-mini:org::abc"}, ""),
        ({"fine_tuned_model": None}, ""),
    ],
)
def test_the_suffix_is_what_was_told_or_stands_in_the_models_name(
    facts: dict[str, Any], name: str
) -> None:
    assert suffix_of(theirs(**facts)) == name
    assert planned(theirs(**facts), TARGET).name == (name or "ftjob-1")


def test_the_price_is_the_documented_formula_on_two_gpus_without_storage() -> None:
    """The specification's worked example: 750 steps, 0.55 hours at 7.00 an hour."""
    counted = Statistics(total_training_pairs=1000, total_tokens=200_000)
    cost = price(planned(trained_with(n_epochs=3), TARGET), counted, TARGET)

    assert round(cost.total, 2) == Decimal("3.82")


@pytest.mark.parametrize("content", [CSV, base64.b64encode(CSV), base64.encodebytes(CSV)])
def test_a_result_file_is_plain_csv_whatever_it_came_as(content: bytes) -> None:
    assert plain_csv(content) == CSV


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(b"something else")])
def test_what_is_no_result_file_is_kept_as_it_is(content: bytes) -> None:
    assert plain_csv(content) == content
