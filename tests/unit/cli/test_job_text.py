"""Jobs and prices in words: durations, curves, and what is left out."""

from datetime import timedelta
from decimal import Decimal

import pytest

from brightrun.cli.job_text import duration, progress_facts, sparkline
from brightrun.jobs.record import JobStatus
from brightrun.jobs.view import job_view
from brightrun.training.protocol import Point, Stage
from tests.support.factories import NOON, a_job


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (599, "9 min 59 s"), (1980, "33 min"),
        (3600, "1 h 00 min"), (90_000, "25 h 00 min"),
    ],
)  # fmt: skip
def test_a_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([], 5, ""),
        ([1.0], 5, "▁"),
        ([2.0, 2.0], 5, "▁▁"),
        ([8, 7, 6, 5, 4, 3, 2, 1], 8, "█▇▆▅▄▃▂▁"),
        ([8, 8, 1, 1], 2, "█▁"),
        ([3, 3, 3, 0, 0, 0, 0], 3, "█▂▁"),
    ],
)
def test_a_curve_is_one_line_of_at_most_so_many_characters(
    values: list[float], width: int, line: str
) -> None:
    found = sparkline(values, width)

    assert len(found) <= width
    assert found[0:1] + found[-1:] == line[0:1] + line[-1:]
    assert len(found) == len(line)


def test_a_terminal_without_blocks_gets_ascii() -> None:
    assert sparkline([3, 2, 1], 3, ascii_only=True).isascii()


def test_of_a_new_job_only_the_cost_is_known() -> None:
    assert progress_facts(job_view(a_job()), NOON) == ["$0.00 (no limit)"]


def test_while_training_step_losses_time_left_and_cost_are_shown() -> None:
    job = job_view(
        a_job(
            status=JobStatus.RUNNING,
            current_stage=Stage.TRAINING,
            current_step=80,
            total_steps=222,
            current_metrics=Point(
                step=80, epoch=1, timestamp=NOON, training_loss=5.2345, validation_loss=5.1
            ),
            estimated_completion_at=NOON + timedelta(seconds=80),
            current_cost=Decimal("0.1234"),
            max_cost=Decimal(5),
        )
    )

    assert progress_facts(job, NOON) == [
        "step 80/222", "loss 5.234", "held-out loss 5.100", "1 min 20 s left",
        "$0.12 (at most $5.00)",
    ]  # fmt: skip


def test_a_late_job_has_no_negative_time_left_and_an_ended_one_its_final_cost() -> None:
    training = {"status": JobStatus.RUNNING, "current_stage": Stage.TRAINING}
    late = a_job(**training, estimated_completion_at=NOON - timedelta(minutes=1))
    ended = a_job(status=JobStatus.COMPLETED, final_cost=Decimal("0.5"))

    assert progress_facts(job_view(late), NOON) == ["0 s left", "$0.00 (no limit)"]
    assert progress_facts(job_view(ended), NOON) == ["cost $0.50"]
