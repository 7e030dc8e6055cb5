"""A watched job: a live view in a terminal, a line for each change elsewhere."""

import io
from decimal import Decimal

import pytest
from rich.console import Console

from brightrun.cli.live_job import LiveJob, ending
from brightrun.client.answers import WatchedJob
from brightrun.jobs.metrics_view import metrics_point
from brightrun.jobs.record import JobStatus, StopReason
from brightrun.jobs.view import PhaseView, job_view
from brightrun.training.protocol import Point, Stage
from tests.support.factories import NOON, a_job


def seen(progress: float, losses: tuple[float, ...] = (), **facts: object) -> WatchedJob:
    job = a_job(
        status=JobStatus.RUNNING, current_stage=Stage.TRAINING, progress=progress,
        current_step=len(losses), total_steps=40, max_cost=Decimal(5), **facts,
    )  # fmt: skip
    points = tuple(
        metrics_point(Point(step=at, epoch=0, timestamp=NOON, training_loss=loss))
        for at, loss in enumerate(losses, start=1)
    )
    phase = PhaseView(
        stage=Stage.LOADING_MODEL, attempt=1, started_at=NOON, ended_at=NOON, seconds=75, cost=None
    )
    return WatchedJob(
        job=job_view(job), phases=(phase,), metrics=points, cost_records=(), attempts=(), events=()
    )


def shown(console: Console, *looks: WatchedJob) -> str:
    with LiveJob(console, lambda: NOON) as view:
        for look in looks:
            view.show(look)
    file = console.file
    assert isinstance(file, io.StringIO | io.TextIOWrapper)
    file.flush()
    return file.getvalue() if isinstance(file, io.StringIO) else ""


def test_in_a_terminal_there_is_a_curve_with_phases_and_the_cost_of_at_most() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=20)
    text = shown(console, seen(50, (4.0, 3.0, 2.0, 1.0)))

    assert "loss 4.00 █▆▃▁ 1.00" in text
    assert "loading the base model 1 min 15 s" in text
    assert "step 4/40" in text
    assert "$0.00 (at most $5.00)" in text
    assert " 50 %" in text


def test_elsewhere_there_is_a_line_for_each_tenth_and_not_for_each_look() -> None:
    console = Console(file=io.StringIO(), width=80)
    looks = [seen(float(percent), (4.0,)) for percent in range(30)]

    assert [line.partition(" %")[0] for line in shown(console, *looks).splitlines()] == [
        "training 0", "training 10", "training 20",
    ]  # fmt: skip


def test_a_terminal_without_blocks_gets_ascii() -> None:
    bytes_ = io.BytesIO()
    file = io.TextIOWrapper(bytes_, encoding="ascii", errors="replace")
    shown(Console(file=file, force_terminal=True, width=80, height=20), seen(50, (4.0, 1.0)))

    assert b"loss 4.00 @_ 1.00" in bytes_.getvalue()


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"status": JobStatus.PAUSED, "pause_reason": StopReason.BUDGET}, "Paused by its budget"),
        ({"status": JobStatus.PAUSED, "pause_reason": StopReason.PAUSED_BY_USER}, "by its owner"),
        ({"status": JobStatus.CANCELLED}, "Cancelled"),
        ({"status": JobStatus.FAILED, "error_code": "out_of_memory", "error_message": "No."},
         "GPU with more memory"),
        ({"status": JobStatus.COMPLETED, "artifact_id": "m1"}, "Model: m1"),
    ],
)  # fmt: skip
def test_an_ending_says_why_and_what_can_be_done(facts: dict[str, object], told: str) -> None:
    assert told in "\n".join(ending(job_view(a_job(**facts))))
