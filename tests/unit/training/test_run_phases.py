"""Where a run's time goes, and which steps the trainer will take; by hand.

Covers: training.planned_run.
"""

import pytest

from brightrun.training.configuration import PRESETS, Hyperparameters, Preset
from brightrun.training.planned_run import PlannedRun, planned_run
from brightrun.training.run_phases import RunPhases, run_phases
from tests.support.catalogs import load_catalog

CATALOG = load_catalog("[]", {})
QWEN = CATALOG.base_model("Qwen/Qwen3-8B")
BALANCED = PRESETS[Preset.BALANCED]


def a_plan(rows: int, conversations: int, *, row_tokens: int = 200, **tuning: float) -> PlannedRun:
    tuned = BALANCED.model_copy(update=tuning)
    found = planned_run(rows, conversations, rows * row_tokens, tuned)
    assert found is not None
    return found


def phases_of(rows: int) -> RunPhases:
    found = run_phases(
        QWEN, CATALOG.gpu("H100"), BALANCED, 1, a_plan(rows, rows), longest_row_tokens=400
    )
    assert found is not None
    return found


def test_the_trainers_steps_leave_out_what_is_held_out() -> None:
    """1,000 rows, 100 of them held out: 900 in steps of 4, three times."""
    plan = a_plan(1000, 1000)

    assert (plan.trained_rows, plan.held_out_rows) == (900, 100)
    assert (plan.steps_per_epoch, plan.total_steps) == (225, 675)
    assert plan.verdict_possible


def test_rows_of_a_conversation_are_held_out_together() -> None:
    """60 conversations of five rows: twelve of them, sixty rows."""
    plan = a_plan(300, 60)

    assert (plan.held_out_conversations, plan.held_out_rows, plan.trained_rows) == (12, 60, 240)


@pytest.mark.parametrize(
    ("conversations", "fraction", "possible"),
    [(30, 0.1, True), (29, 0.1, False), (60, 0.05, False), (60, 0.0, False), (200, 0.05, True)],
)
def test_too_few_conversations_for_a_verdict_are_known_beforehand(
    conversations: int, fraction: float, *, possible: bool
) -> None:
    plan = a_plan(conversations, conversations, validation_fraction=fraction)

    assert plan.verdict_possible is possible


def test_nothing_to_train_on_plans_nothing() -> None:
    assert planned_run(0, 0, 0, BALANCED) is None


def test_training_is_less_than_half_of_a_small_job() -> None:
    """900 rows of 200 tokens, three epochs: 675 steps of 65 ms; 16.4 GB come at 150 MB/s."""
    small = phases_of(1000)

    assert small.train == pytest.approx(675 * 0.065, rel=0.02)
    assert small.download == pytest.approx(109, rel=0.02)
    assert small.train < small.total / 2
    assert small.longest == "download"


def test_training_is_nearly_all_of_a_large_job() -> None:
    large = phases_of(50_000)

    assert large.longest == "train"
    assert large.train > 0.85 * large.total


def test_the_phases_add_up() -> None:
    found = phases_of(1000)
    parts = found.model_dump(exclude={"total", "longest"})

    assert list(parts) == ["boot", "download", "load", "train", "evaluate", "prove", "upload"]
    assert sum(parts.values()) == pytest.approx(found.total, abs=0.5)


def test_gpus_beyond_the_rows_of_a_step_train_no_faster() -> None:
    """Four rows of 4,000 tokens: four GPUs are busy, eight are not."""
    plan = a_plan(1000, 1000, row_tokens=4000)
    one, four, eight = (
        run_phases(QWEN, CATALOG.gpu("H100"), BALANCED, count, plan) for count in (1, 4, 8)
    )

    assert one
    assert four
    assert eight
    assert four.train < 0.3 * one.train
    assert eight.train == four.train


def test_without_held_out_rows_nothing_is_evaluated() -> None:
    tuned = Hyperparameters(validation_fraction=0.0)
    plan = planned_run(1000, 1000, 200_000, tuned)
    assert plan is not None
    found = run_phases(QWEN, CATALOG.gpu("H100"), tuned, 1, plan)

    assert found is not None
    assert found.evaluate == 0.0


def test_of_a_model_whose_shape_is_not_known_nothing_is_reckoned() -> None:
    unknown = QWEN.model_copy(update={"shape": None})

    assert run_phases(unknown, CATALOG.gpu("H100"), BALANCED, 1, a_plan(100, 100)) is None
