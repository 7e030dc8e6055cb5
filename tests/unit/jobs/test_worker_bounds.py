"""A worker is a stranger with a ticket: what it says is bounded by the plan and by our clock.

Covers: training.bounds.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from brightrun.errors import InvalidRequest, RateLimited, TooLarge
from brightrun.jobs import worker_bounds
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.execution import worker_files, worker_messages
from brightrun.jobs.termination import settle_attempt
from brightrun.multipart import GIB
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import (
    CheckpointRequest,
    FinishRequest,
    Point,
    ReportRequest,
    RunFailure,
    StartRequest,
)
from brightrun.training.uploading import UploadFile
from tests.support.factories import NOON, SHA256
from tests.support.job_states import LIMITS, clock, training


def reported(state: JobState, seconds: float = 100.0, **said: Any) -> Change:
    known = {"sequence": 1, "stage": "training"} | said
    report = ReportRequest.model_validate(known)
    return worker_messages.reported(state, clock(seconds), LIMITS, number=1, message=report)


def a_point(step: int = 1, **facts: Any) -> dict[str, Any]:
    return {"step": step, "epoch": 1.0, "timestamp": NOON, **facts}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", 1e300, -1])
@pytest.mark.parametrize("field", ["epoch", "execution_seconds", "progress_percent"])
def test_a_number_that_must_be_one_is_refused_when_it_is_none(field: str, number: object) -> None:
    with pytest.raises(ValidationError):
        ReportRequest.model_validate({"sequence": 1, "stage": "training", field: number})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", 1e300, -1e18])
@pytest.mark.parametrize("field", ["training_loss", "learning_rate", "gpu_memory_gb"])
def test_a_measurement_that_is_no_number_was_not_measured(field: str, number: object) -> None:
    """A training that diverges is no reason to lose its report."""
    point = Point.model_validate(a_point() | {field: number})

    assert getattr(point, field) is None


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", 1e18, -1e12])
def test_an_absurd_time_left_is_no_absurd_date(seconds: object) -> None:
    job = reported(training(), eta_seconds=seconds).after.job

    ends_at = job.estimated_completion_at
    assert ends_at is None or clock(100).at <= ends_at <= clock(100).at + timedelta(days=30)


@pytest.mark.parametrize("year", [1, 1970, 2999, 9999])
def test_a_clock_that_is_years_wrong_is_replaced_by_ours(year: int) -> None:
    when = datetime(year, 1, 2, tzinfo=UTC)
    line = {"time": when, "message": "hello"}
    change = reported(training(), points=[a_point(timestamp=when)], lines=[line])

    assert change.points[0].timestamp == clock(100).at
    assert {event.time for event in change.events} == {clock(100).at}


def test_a_clock_that_is_a_little_wrong_is_left_alone() -> None:
    when = NOON - timedelta(hours=3)

    assert reported(training(), points=[a_point(timestamp=when)]).points[0].timestamp == when


@pytest.mark.parametrize("said", [{"step": 3001}, {"total_steps": 10**7}])
def test_a_step_beyond_the_plan_is_refused(said: dict[str, int]) -> None:
    """1,000 pairs in three epochs are 3,000 steps at the most, if each takes one."""
    with pytest.raises(InvalidRequest, match="3000 steps"):
        reported(training(), **said)
    with pytest.raises(InvalidRequest, match="3000 steps"):
        reported(training(), points=[a_point(3001)])
    file = {"name": "state.safetensors", "size_bytes": 1, "sha256": SHA256}
    kept = CheckpointRequest.model_validate({"step": 3001, "files": [file]})
    with pytest.raises(InvalidRequest, match="beyond"):
        worker_files.checkpointed(training(), clock(), number=1, message=kept)


def test_of_two_points_of_one_step_the_last_counts() -> None:
    points = [a_point(4, training_loss=2.0), a_point(4, training_loss=1.0)]

    change = reported(training(), points=points)

    assert [point.training_loss for point in change.points] == [1.0]


def test_shown_cost_goes_no_faster_than_the_clock() -> None:
    """200,000 s were said after 100: 100 s on 2 GPUs at 3.50 an hour are 0.194444 USD."""
    change = reported(training(max_cost=Decimal(5)), execution_seconds=200_000.0)

    assert change.after.job.current_cost == Decimal("0.194444")
    assert change.after.job.stop is None


def test_where_the_provider_has_forgotten_a_run_its_worker_bills_no_more_than_the_clock() -> None:
    said = FinishRequest(outcome="succeeded", execution_seconds=1e9)
    finished = worker_messages.finished(training(), clock(60), number=1, message=said)
    settled = settle_attempt(finished, clock(60), reason="gone", gpu_seconds=None)

    assert settled.after.job.spent_gpu_seconds == 60.0


def test_reports_come_no_faster_than_a_third_of_the_interval_but_for_a_burst() -> None:
    """The audit's worker sent 88 reports within 8 s: 20 at once, and one each 5 s."""
    state, waits = training(), []
    for number in range(88):
        try:
            state = reported(state, 100 + number / 11, sequence=number).after
        except RateLimited as refusal:
            waits.append(refusal.retry_after_seconds)

    assert 88 - len(waits) == 21
    assert set(waits) <= {1, 2, 3, 4, 5}
    assert reported(state, 100 + 88 / 11 + 5, sequence=99).after.attempt is not None


def test_a_worker_at_its_own_pace_is_heard_all_day() -> None:
    state = training()
    for number in range(2000):
        state = reported(state, number * 5.0, sequence=number).after

    assert state.attempt is not None
    assert state.attempt.sequence == 1999


def test_lines_and_points_beyond_what_an_attempt_may_say_are_not_kept() -> None:
    told = {
        "lines_reported": worker_bounds.MAX_LINES - 1,
        "points_reported": worker_bounds.MAX_POINTS - 1,
    }
    lines = [{"time": NOON, "message": f"line {n}"} for n in range(3)]

    change = reported(training(told), points=[a_point(1), a_point(2)], lines=lines)

    kept = [event.message for event in change.events if event.type == "trainer.log"]
    assert (kept, [point.step for point in change.points]) == (["line 0"], [1])
    assert change.after.attempt is not None
    assert change.after.attempt.lines_reported == worker_bounds.MAX_LINES


@pytest.mark.parametrize(
    "run_id", ["x/../../purge-queue?", "x/../../../other/cancel/run#", "", "..", "a b", "é", "a\n"]
)
def test_a_run_id_that_could_lead_elsewhere_is_refused(run_id: str) -> None:
    with pytest.raises(ValidationError):
        StartRequest(external_job_id=run_id, worker_id="worker-1")


@pytest.mark.parametrize("run_id", ["run-1", "5f6bb0a3-7a1c-4a9b-8a8d-6f8f9f8b1c2d-e1", "sync-1_a"])
def test_a_run_id_of_the_provider_is_let_in(run_id: str) -> None:
    assert StartRequest(external_job_id=run_id, worker_id="w").external_job_id == run_id


def test_a_workers_words_stand_on_their_own_line() -> None:
    said = StartRequest(external_job_id="r", worker_id="w\nERROR system\x1b[2J\u202e")

    assert said.worker_id == "w ERROR system [2J "
    assert (
        RunFailure(code=FailureCode.TRAINER_CRASHED, message="a\x1b[2J\nb\u202e").message
        == "a [2J\nb "
    )


# ---- files


def a_file(name: str, size_bytes: int = 1, **facts: Any) -> UploadFile:
    known = {"name": name, "size_bytes": size_bytes, "sha256": SHA256, "kind": "artifact"}
    return UploadFile.model_validate(known | facts)


@pytest.mark.parametrize("name", ["adapter_model.bin", "x.pkl", "evil.exe", "model.pt", "a.py"])
def test_a_file_that_no_model_holds_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidRequest, match=name):
        worker_files.allowed(training(), number=1, files=(a_file(name),))
    kept = a_file(name, kind="checkpoint", step=1)
    with pytest.raises(InvalidRequest, match=name):
        worker_files.allowed(training(), number=1, files=(kept,))


@pytest.mark.parametrize("name", sorted(worker_bounds.MODEL_FILES))
def test_a_file_that_a_model_holds_is_granted_and_counted(name: str) -> None:
    change = worker_files.allowed(training(), number=1, files=(a_file(name, 7),))

    assert change.after.attempt is not None
    assert change.after.attempt.granted_bytes == 7


def test_an_attempt_is_granted_no_more_than_a_tebibyte() -> None:
    """50 uploads of 60 GB were granted in one call, as often as was asked."""
    checkpoints = tuple(
        a_file(f"c{n}.safetensors", 60 * GIB, kind="checkpoint", step=n) for n in range(17)
    )
    state = worker_files.allowed(training(), number=1, files=checkpoints).after

    with pytest.raises(TooLarge):
        worker_files.allowed(state, number=1, files=checkpoints[:1])


def test_a_verdict_that_no_item_can_hold_is_refused() -> None:
    files = [{"name": "a" * 128, "size_bytes": 1, "sha256": SHA256}] * 50
    sample = dict.fromkeys(("prompt", "reference", "base_answer", "adapter_answer"), "ä" * 10**6)
    summary = {
        "epochs_completed": 1, "total_steps": 1, "trained_rows": 1, "validation_rows": 0,
        "trained_tokens": 5, "final_training_loss": 1.0, "final_validation_loss": None,
        "training_seconds": 1.0, "probe_max_difference": 0.0,
    }  # fmt: skip
    known = {"outcome": "succeeded", "execution_seconds": 9, "manifest": files}
    heard = FinishRequest.model_validate(known | {"summary": summary | {"samples": [sample] * 4}})

    assert heard.summary is not None
    assert len(heard.summary.samples[0].prompt) == 4000
    with pytest.raises(ValidationError, match="bytes"):
        FinishRequest.model_validate(known | {"summary": summary | {"samples": [sample] * 50}})
