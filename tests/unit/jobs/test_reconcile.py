"""What a provider's and a worker's word mean together: each row of the table.

Covers: jobs.change, jobs.execution.next_attempt, jobs.execution.observation,
jobs.limits.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from brightrun.jobs.change import Change, JobState
from brightrun.jobs.execution import outages, reconcile
from brightrun.jobs.execution.observation import Observation
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.record import (
    AttemptState,
    JobStatus,
    StopReason,
    StopRequest,
    StoredCheckpoint,
)
from brightrun.jobs.stopping import request_cancel
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import FinishRequest
from brightrun.work import Work, work_of
from tests.support.factories import JOB_ID, NOON, an_attempt
from tests.support.job_states import LIMITS, clock, failure, queued, submitted, success, training

OVER = [
    RunState.COMPLETED,
    RunState.FAILED,
    RunState.TIMED_OUT,
    RunState.CANCELLED,
    RunState.GONE,
]  # typed out: the oracle
CANCELLED_BY_ADA = StopRequest(
    reason=StopReason.CANCELLED_BY_USER, requested_by="ada", requested_at=NOON
)


def observe(state: JobState, looked: Observation, seconds: float = 60) -> Change:
    return reconcile.observe(state, clock(seconds), LIMITS, looked)


def seen(state: RunState, gpu_seconds: float | None = None) -> Observation:
    return Observation(ProviderRun(state, gpu_seconds))


def said(finish: FinishRequest) -> dict[str, object]:
    return {"state": AttemptState.FINISHED, "finish": finish, "finished_at": NOON}


def work(change: Change) -> str:
    place = change.after.job.work
    return place.kind if place else "none"


def test_waiting_in_runpods_queue_costs_nothing() -> None:
    job = observe(submitted(), seen(RunState.QUEUED)).after.job

    assert (job.status, job.current_stage, job.current_cost) == (
        "initializing",
        "queued_on_gpu",
        Decimal(0),
    )


def test_waiting_too_long_is_stopped_and_then_failed_with_the_reason() -> None:
    late = LIMITS.max_queue_seconds + 1
    change = observe(submitted(), seen(RunState.QUEUED), late)

    assert reconcile.must_stop_provider(change.after, clock(late), LIMITS)
    job = observe(change.after, seen(RunState.CANCELLED, 0.0), late).after.job
    assert (job.status, job.error_code, job.final_cost) == ("failed", "queue_timeout", Decimal(0))


@pytest.mark.parametrize("state", OVER)
def test_a_success_is_collected_whatever_runpod_calls_it(state: RunState) -> None:
    """The worker's verdict and the files decide; RunPod's queue may have lost the result."""
    change = observe(training(attempt=said(success())), seen(state, 80.0))

    assert work(change) == "collect"
    assert change.after.job.status == "running"
    assert change.after.job.spent_gpu_seconds == 80


@pytest.mark.parametrize("state", OVER)
def test_a_verdict_left_in_storage_counts_like_one_that_was_heard(state: RunState) -> None:
    change = observe(training(), Observation(ProviderRun(state, 80.0), terminal=success()))

    assert work(change) == "collect"


def test_completed_without_a_verdict_is_not_success() -> None:
    """Lesson 3: RunPod's COMPLETED was believed."""
    change = observe(training(), seen(RunState.COMPLETED, 80.0))

    assert (change.after.job.status, work(change)) == ("queued", "dispatch")


def test_the_answer_of_a_superseded_delivery_does_not_end_a_worker_that_reports() -> None:
    change = observe(training(), seen(RunState.COMPLETED, 2.0), seconds=59)

    assert (change.after.job.status, work(change)) == ("running", "watch")
    assert change.after.job.due_at == NOON + timedelta(seconds=59 + 30)


def test_a_worker_told_to_stop_is_not_waited_for_once_its_run_is_over() -> None:
    change = observe(training(stop=CANCELLED_BY_ADA), seen(RunState.COMPLETED, 36.0), seconds=1)

    assert change.after.job.status == "cancelled"


@pytest.mark.parametrize("state", OVER)
def test_a_failed_verdict_fails_the_job_with_the_workers_reason(state: RunState) -> None:
    change = observe(training(attempt=said(failure(FailureCode.BAD_DATASET))), seen(state, 36.0))

    job = change.after.job
    assert (job.status, job.error_code) == ("failed", "bad_dataset")
    assert job.final_cost == Decimal("0.070000")
    assert change.cost is not None
    assert change.cost.amount == Decimal("0.070000")


def test_a_crash_of_the_trainer_is_tried_again() -> None:
    change = observe(
        training(attempt=said(failure(FailureCode.TRAINER_CRASHED))), seen(RunState.COMPLETED)
    )

    assert work(change) == "dispatch"
    assert change.after.job.retry_count == 1


def attempts_used(count: int, attempt: dict[str, object], **job: object) -> JobState:
    """Return a job in its attempt of that number."""
    state = training(attempt={**attempt, "number": count}, **job)
    return replace(state, job=state.job.model_copy(update={"attempt": count}))


UNFIT = pytest.mark.parametrize("code", [FailureCode.GPUS_MISSING, FailureCode.GPU_MEMORY_TAKEN])


@UNFIT
def test_a_machine_that_cannot_train_costs_a_job_no_attempt(code: FailureCode) -> None:
    """Three of three attempts are used, and it goes on: the machine was to blame."""
    change = observe(attempts_used(3, said(failure(code))), seen(RunState.FAILED, 4.0))

    job = change.after.job
    assert (job.status, work(change), job.spared_attempts) == ("queued", "dispatch", 1)
    assert job.spent_gpu_seconds == 4.0


@UNFIT
def test_machines_that_cannot_train_are_not_tried_for_ever(code: FailureCode) -> None:
    state = attempts_used(9, said(failure(code)), spared_attempts=6)
    change = observe(state, seen(RunState.FAILED, 4.0))

    assert (change.after.job.status, change.after.job.error_code) == ("failed", code)


@pytest.mark.parametrize(
    "state", [RunState.FAILED, RunState.TIMED_OUT, RunState.CANCELLED, RunState.GONE]
)
def test_a_lost_worker_means_the_next_attempt_from_the_last_checkpoint(state: RunState) -> None:
    kept = StoredCheckpoint(job_id=JOB_ID, attempt=1, step=20, files=())
    change = observe(training(checkpoint=kept), seen(state, 50.0))

    assert (change.after.job.status, work(change)) == ("queued", "dispatch")
    assert "after step 20" in change.events[-1].message
    assert change.cost is None


def test_the_last_attempt_lost_fails_the_job_and_bills_all_of_them() -> None:
    state = training(attempt={"number": 3}, spent_gpu_seconds=100.0)
    third = JobState(state.job.model_copy(update={"attempt": 3}), state.attempt)

    change = observe(third, seen(RunState.FAILED, 80.0))

    assert change.after.job.error_code == "attempts_exhausted"
    assert change.after.job.final_cost == Decimal("0.350000")


def test_silence_longer_than_the_lease_stops_the_run() -> None:
    late = LIMITS.heartbeat_lease_seconds + 1

    assert not reconcile.must_stop_provider(training(), clock(late - 2), LIMITS)
    assert reconcile.must_stop_provider(training(), clock(late), LIMITS)


def test_a_gpu_on_which_no_worker_starts_is_given_up() -> None:
    state = observe(submitted(), seen(RunState.RUNNING), 0).after
    late = LIMITS.start_lease_seconds + 1

    assert reconcile.must_stop_provider(state, clock(late), LIMITS)


def test_a_worker_that_has_finished_but_stays_is_stopped() -> None:
    state = training(attempt=said(success()))
    late = LIMITS.finish_grace_seconds + 1

    assert not reconcile.must_stop_provider(state, clock(late - 2), LIMITS)
    assert reconcile.must_stop_provider(state, clock(late), LIMITS)


def test_a_submission_nobody_confirmed_is_given_up_when_its_lease_ends() -> None:
    state = JobState(submitted().job, an_attempt())
    lease = LIMITS.submit_lease_seconds

    assert observe(state, Observation(None), lease - 1).is_empty
    assert work(observe(state, Observation(None), lease)) == "dispatch"


def test_a_cancelled_job_is_cancelled_only_when_the_gpu_has_stopped() -> None:
    state = training(stop=CANCELLED_BY_ADA)

    assert observe(state, seen(RunState.RUNNING)).after.job.status == "running"
    change = observe(state, seen(RunState.CANCELLED, 36.0))

    assert change.after.job.status == "cancelled"
    assert change.after.job.final_cost == Decimal("0.070000")
    assert [note.type for note in change.notifications] == ["job_cancelled"]


def test_a_late_cancel_does_not_undo_a_success() -> None:
    state = training(attempt=said(success()), stop=CANCELLED_BY_ADA)

    assert work(observe(state, seen(RunState.COMPLETED))) == "collect"


def test_a_cancel_in_our_own_queue_is_immediate_and_free() -> None:
    change = request_cancel(queued(), clock(), by="ada")

    assert (change.after.job.status, change.after.job.final_cost) == ("cancelled", Decimal(0))
    assert change.cost is not None
    assert request_cancel(change.after, clock(), by="ada").is_empty


def test_a_user_cancel_does_not_wait_but_money_lets_the_checkpoint_be_kept() -> None:
    budget = CANCELLED_BY_ADA.model_copy(update={"reason": StopReason.BUDGET})

    assert reconcile.must_stop_provider(training(stop=CANCELLED_BY_ADA), clock(), LIMITS)
    assert not reconcile.must_stop_provider(training(stop=budget), clock(89), LIMITS)
    assert reconcile.must_stop_provider(training(stop=budget), clock(90), LIMITS)


def test_a_job_over_budget_rests_and_is_told_once() -> None:
    budget = CANCELLED_BY_ADA.model_copy(update={"reason": StopReason.BUDGET})
    change = observe(
        training(stop=budget, max_cost=Decimal("1.00")), seen(RunState.COMPLETED, 36.0)
    )

    assert (change.after.job.status, change.after.job.error_code) == ("paused", None)
    assert [note.type for note in change.notifications] == ["budget_exceeded"]


def test_without_a_word_from_runpod_a_run_is_gone_when_its_time_to_live_is_over() -> None:
    after = LIMITS.run_ttl_seconds + 1
    early = outages.provider_failed(training(), clock(60), LIMITS, message="no answer")
    late = outages.provider_failed(training(), clock(after), LIMITS, message="no answer")

    assert early.after.job.due_at == NOON + timedelta(seconds=75)
    assert work(late) == "dispatch"


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
@pytest.mark.parametrize("state", RunState)
def test_an_ended_job_is_not_moved_by_anything_seen(status: JobStatus, state: RunState) -> None:
    assert observe(training(status=status), seen(state, 5.0)).is_empty


def test_a_run_that_is_queued_again_after_hours_of_training_has_not_waited_for_them() -> None:
    """RunPod hands a run out once more when its worker has died."""
    looked = Observation(ProviderRun(RunState.QUEUED), crash_loop=True)
    change = reconcile.observe(training(), clock(3 * 3600), LIMITS, looked)

    assert change.after.job.stop is None


@pytest.mark.parametrize(
    ("status", "work"),
    [
        (JobStatus.RUNNING, Work.COLLECT),
        (JobStatus.PAUSED, Work.REMIND),
        (JobStatus.PAUSED, None),
        (JobStatus.QUEUED, Work.DISPATCH),
    ],
)
def test_whoever_looks_second_does_not_send_a_job_to_a_gpu_once_more(
    status: JobStatus, work: Work | None
) -> None:
    """Two looks at once: the first saw the run over, and what follows is written already."""
    waits = None if work is None else work_of(work, JOB_ID)
    state = training({"state": AttemptState.ENDED}, status=status, work=waits, due_at=clock().at)
    gone = Observation(ProviderRun(RunState.COMPLETED, gpu_seconds=60.0))

    assert reconcile.observe(state, clock(), LIMITS, gone).is_empty
