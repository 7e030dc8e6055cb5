"""Only one worker is heard, and a repeated word changes nothing.

Covers: jobs.events, jobs.execution.worker_files, jobs.record.
"""

from decimal import Decimal

import pytest

from brightrun.errors import Superseded
from brightrun.jobs.change import JobState
from brightrun.jobs.execution import worker_files, worker_messages
from brightrun.jobs.record import AttemptState, JobStatus, StopReason, StopRequest
from brightrun.training.protocol import (
    CheckpointRequest,
    Point,
    ReportRequest,
    Stage,
    StartRequest,
    StoredFile,
)
from tests.support.factories import NOON, SHA256, a_job, an_attempt
from tests.support.job_states import HELLO, LIMITS, clock, submitted, success, training

A_FILE = StoredFile(name="state.safetensors", size_bytes=1, sha256=SHA256)


def a_report(sequence: int = 0, **said: object) -> ReportRequest:
    return ReportRequest.model_validate({"sequence": sequence, "stage": Stage.TRAINING, **said})


def test_the_first_worker_is_let_in() -> None:
    change = worker_messages.started(submitted(), clock(), LIMITS, number=1, message=HELLO)

    assert change.after.job.status == "running"
    assert change.after.attempt is not None
    assert change.after.attempt.worker_id == "worker-1"
    assert [note.type for note in change.notifications] == ["job_started"]


def test_the_same_worker_asking_again_is_let_in_again() -> None:
    """Its first answer was lost on the way."""
    state = training()

    assert worker_messages.started(state, clock(), LIMITS, number=1, message=HELLO).is_empty


def test_a_worker_that_comes_before_runpods_answer_is_let_in() -> None:
    state = JobState(submitted().job, an_attempt())

    change = worker_messages.started(state, clock(), LIMITS, number=1, message=HELLO)

    assert change.after.attempt is not None
    assert change.after.attempt.external_job_id == "run-1"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (StartRequest(external_job_id="run-2", worker_id="worker-1"), "belongs to run run-1"),
        (StartRequest(external_job_id="run-1", worker_id="worker-2"), "already started by"),
    ],
)
def test_a_second_worker_is_superseded(said: StartRequest, why: str) -> None:
    """The same run delivered twice, and another run of the same attempt."""
    with pytest.raises(Superseded, match=why):
        worker_messages.started(training(), clock(), LIMITS, number=1, message=said)


def test_a_worker_of_an_older_attempt_is_superseded_in_every_word() -> None:
    state = _second_attempt()

    with pytest.raises(Superseded):
        worker_messages.started(state, clock(), LIMITS, number=1, message=HELLO)
    with pytest.raises(Superseded):
        worker_messages.reported(state, clock(), LIMITS, number=1, message=a_report())
    with pytest.raises(Superseded):
        worker_messages.finished(state, clock(), number=1, message=success())
    said = CheckpointRequest(step=1, files=(A_FILE,))
    with pytest.raises(Superseded):
        worker_files.checkpointed(state, clock(), number=1, message=said)


def _second_attempt() -> JobState:
    state = training(attempt={"number": 2})
    return JobState(state.job.model_copy(update={"attempt": 2}), state.attempt)


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_worker_of_an_ended_job_is_superseded(status: JobStatus) -> None:
    state = training(status=status)

    with pytest.raises(Superseded, match="no longer owns"):
        worker_messages.reported(state, clock(), LIMITS, number=1, message=a_report())


def test_nobody_starts_a_job_that_is_being_stopped() -> None:
    stop = StopRequest(reason=StopReason.CANCELLED_BY_USER, requested_by="ada", requested_at=NOON)

    with pytest.raises(Superseded, match="being stopped"):
        worker_messages.started(submitted(stop=stop), clock(), LIMITS, number=1, message=HELLO)


def test_a_report_moves_progress_and_costs_what_the_worker_has_used() -> None:
    """100 s on 2 GPUs at 3.50 USD an hour are 0.194444 USD."""
    said = a_report(
        step=10, total_steps=40, progress_percent=25, execution_seconds=100, eta_seconds=300
    )

    job = worker_messages.reported(training(), clock(100), LIMITS, number=1, message=said).after.job

    assert (job.current_step, job.total_steps, job.progress) == (10, 40, 25)
    assert job.current_cost == Decimal("0.194444")
    assert job.estimated_completion_at == clock(400).at


def test_an_older_report_changes_nothing() -> None:
    state = training(attempt={"sequence": 7})

    assert worker_messages.reported(state, clock(), LIMITS, number=1, message=a_report(7)).is_empty


def test_progress_never_falls_within_an_attempt() -> None:
    state = training(progress=50.0)

    change = worker_messages.reported(
        state, clock(), LIMITS, number=1, message=a_report(progress_percent=10)
    )

    assert change.after.job.progress == 50


def test_points_travel_with_the_report_that_brought_them() -> None:
    point = Point(step=3, epoch=0.1, timestamp=NOON, training_loss=2.5)

    change = worker_messages.reported(
        training(), clock(), LIMITS, number=1, message=a_report(points=[point])
    )

    assert change.points == (point,)
    assert change.after.job.current_metrics == point


def test_the_budget_stops_a_job_before_it_is_exceeded() -> None:
    """105 s of 2 GPUs at 3.50 (report and teardown) cost 0.204167: 0.80 + that passes 1.00."""
    spent = 0.80 / 7.0 * 3600
    below, over = a_report(execution_seconds=spent - 10), a_report(execution_seconds=spent)
    state = training(max_cost=Decimal("1.00"))

    now = clock(spent)

    assert (
        worker_messages.reported(state, now, LIMITS, number=1, message=below).after.job.stop is None
    )
    stopped = worker_messages.reported(state, now, LIMITS, number=1, message=over)

    assert stopped.after.job.stop is not None
    assert stopped.after.job.stop.reason == "budget_exceeded"
    assert worker_messages.answer_to_report(stopped.after).action == "stop"


def test_the_deadline_stops_a_job() -> None:
    state = training(deadline_at=clock(60).at)

    change = worker_messages.reported(state, clock(60), LIMITS, number=1, message=a_report())

    assert worker_messages.answer_to_report(change.after).reason == "deadline_exceeded"


def test_an_older_checkpoint_does_not_replace_a_newer_one() -> None:
    newer = CheckpointRequest(step=20, files=(A_FILE,))
    older = CheckpointRequest(step=10, files=(A_FILE,))
    kept = worker_files.checkpointed(training(), clock(), number=1, message=newer).after

    assert worker_files.checkpointed(kept, clock(), number=1, message=older).is_empty
    assert kept.job.checkpoint is not None
    assert kept.job.checkpoint.step == 20


def test_a_finish_is_recorded_once() -> None:
    change = worker_messages.finished(training(), clock(9), number=1, message=success())

    assert change.after.attempt is not None
    assert change.after.attempt.state is AttemptState.FINISHED
    assert change.after.job.status == "running"
    assert change.after.job.due_at == clock(9).at
    assert worker_messages.finished(change.after, clock(10), number=1, message=success()).is_empty


def test_a_job_without_an_attempt_hears_nobody() -> None:
    with pytest.raises(Superseded):
        worker_messages.current_attempt(JobState(a_job()), 1)


def test_who_was_never_let_in_has_nothing_to_finish() -> None:
    with pytest.raises(Superseded, match="has not started"):
        worker_messages.finished(submitted(), clock(9), number=1, message=success())


def test_a_report_leaves_the_next_look_where_it_is_while_that_is_far_enough_away() -> None:
    """Another time is another place in the work index, and is paid for twice."""
    state, looks = training(), []
    for sequence, seconds in enumerate((0, 15, 45)):
        message = a_report(sequence)
        state = worker_messages.reported(
            state, clock(seconds), LIMITS, number=1, message=message
        ).after
        looks.append(state.job.due_at)

    assert looks == [clock(60).at, clock(60).at, clock(105).at]
