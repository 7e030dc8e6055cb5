"""Pausing and going on: no GPU, no bill yet, nothing forgotten."""

from datetime import timedelta
from decimal import Decimal

import pytest

from brightrun.errors import InvalidTransition
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.execution import reconcile
from brightrun.jobs.execution.observation import Observation
from brightrun.jobs.execution.pausing import request_pause, resume
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.execution.submitting import begin_attempt
from brightrun.jobs.record import JobStatus, StopReason, StopRequest, StoredCheckpoint
from brightrun.jobs.stopping import request_cancel
from brightrun.training.failure_codes import FailureCode
from brightrun.work import Work
from tests.support.factories import ADA, JOB_ID, NOON, a_job
from tests.support.job_states import LIMITS, clock, failure, queued, submitted, success, training

PAUSE = StopRequest(reason=StopReason.PAUSED_BY_USER, requested_by=ADA, requested_at=NOON)
KEPT = StoredCheckpoint(job_id=JOB_ID, attempt=1, step=20, files=())


def stopped_by(state: JobState, run: RunState, gpu_seconds: float = 36.0) -> Change:
    return reconcile.observe(state, clock(60), LIMITS, Observation(ProviderRun(run, gpu_seconds)))


def paused(**job: object) -> JobState:
    known = {"status": JobStatus.PAUSED, "paused_at": NOON, "pauses": 1} | job
    return JobState(a_job(**known))


def test_a_job_in_our_own_queue_is_paused_at_once_and_free() -> None:
    change = request_pause(queued(), clock(), by=ADA)

    job = change.after.job
    assert (job.status, job.work, job.due_at, change.cost) == ("paused", None, None, None)


@pytest.mark.parametrize("run", [RunState.CANCELLED, RunState.COMPLETED, RunState.GONE])
def test_a_running_job_is_paused_when_its_gpu_has_stopped(run: RunState) -> None:
    asked = request_pause(training(checkpoint=KEPT), clock(), by=ADA)
    assert asked.after.job.status == "running"
    change = stopped_by(asked.after, run)

    job = change.after.job
    assert (job.status, job.stop, job.checkpoint, job.work) == ("paused", None, KEPT, None)
    assert (job.current_cost, job.final_cost, change.cost) == (Decimal("0.070000"), None, None)
    assert change.notifications == ()


def test_a_pause_lets_the_worker_keep_a_checkpoint_first() -> None:
    state = training(stop=PAUSE)

    assert not reconcile.must_stop_provider(state, clock(89), LIMITS)
    assert reconcile.must_stop_provider(state, clock(90), LIMITS)


def test_a_pause_does_not_wait_for_a_worker_that_never_came() -> None:
    assert reconcile.must_stop_provider(submitted(stop=PAUSE), clock(), LIMITS)


def test_a_success_is_collected_although_a_pause_was_asked_for() -> None:
    state = training(attempt={"state": "finished", "finish": success()}, stop=PAUSE)

    assert stopped_by(state, RunState.COMPLETED).after.job.waits_for(Work.COLLECT)


def test_what_cannot_be_trained_fails_instead_of_being_paused() -> None:
    verdict = failure(FailureCode.BAD_DATASET)
    state = training(attempt={"state": "finished", "finish": verdict}, stop=PAUSE)

    assert stopped_by(state, RunState.COMPLETED).after.job.error_code == "bad_dataset"


def test_a_failure_that_another_try_may_heal_is_paused() -> None:
    verdict = failure(FailureCode.UPLOAD_FAILED)
    state = training(attempt={"state": "finished", "finish": verdict}, stop=PAUSE)

    assert stopped_by(state, RunState.COMPLETED).after.job.status == "paused"


def test_asking_twice_changes_nothing() -> None:
    asked = request_pause(training(), clock(), by=ADA).after
    done = request_pause(queued(), clock(), by=ADA).after

    assert request_pause(asked, clock(5), by=ADA).is_empty
    assert request_pause(done, clock(5), by=ADA).is_empty
    gone_on = resume(paused(), clock(5), by=ADA, checkpoint_is_there=True).after
    assert resume(gone_on, clock(6), by=ADA, checkpoint_is_there=True).is_empty


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_an_ended_job_is_neither_paused_nor_resumed(status: JobStatus) -> None:
    state = JobState(a_job(status=status, pauses=1))

    with pytest.raises(InvalidTransition):
        request_pause(state, clock(), by=ADA)
    with pytest.raises(InvalidTransition):
        resume(state, clock(), by=ADA, checkpoint_is_there=True)


def test_a_job_being_cancelled_is_not_paused_but_a_pause_can_become_a_cancel() -> None:
    cancelling = training(stop=PAUSE.model_copy(update={"reason": StopReason.CANCELLED_BY_USER}))
    with pytest.raises(InvalidTransition, match="being stopped"):
        request_pause(cancelling, clock(), by=ADA)
    order = request_cancel(training(stop=PAUSE), clock(), by=ADA).after.job.stop

    assert order is not None
    assert order.reason == "cancelled_by_user"


def test_a_job_being_published_is_not_paused() -> None:
    with pytest.raises(InvalidTransition, match="being published"):
        request_pause(training(work="collect#0"), clock(), by=ADA)


def test_a_paused_job_is_cancelled_at_once_and_billed() -> None:
    change = request_cancel(paused(spent_gpu_seconds=36.0), clock(), by=ADA)

    assert (change.after.job.status, change.after.job.final_cost) == (
        "cancelled",
        Decimal("0.070000"),
    )
    assert change.cost is not None


def test_a_resumed_job_is_due_at_once_and_its_rest_is_not_counted_as_time() -> None:
    deadline = NOON + timedelta(hours=3)
    state = paused(checkpoint=KEPT, deadline_at=deadline)
    job = resume(state, clock(3600), by=ADA, checkpoint_is_there=True).after.job

    assert (job.status, job.checkpoint, job.paused_at) == ("queued", KEPT, None)
    assert job.waits_for(Work.DISPATCH)
    assert job.due_at == NOON + timedelta(hours=1)
    assert job.deadline_at == NOON + timedelta(hours=4)


def test_a_checkpoint_that_is_gone_is_not_resumed_from_and_the_story_says_so() -> None:
    change = resume(paused(checkpoint=KEPT), clock(), by=ADA, checkpoint_is_there=False)

    assert change.after.job.checkpoint is None
    assert "from the beginning because its checkpoint is gone" in change.events[0].message


def test_pauses_do_not_use_up_attempts() -> None:
    """Two pauses, then three losses: only the third loss is the last."""
    state = training(attempt={"number": 3}, spared_attempts=2)
    third = JobState(state.job.model_copy(update={"attempt": 3}), state.attempt)

    assert stopped_by(third, RunState.FAILED).after.job.status == "queued"


def test_a_pause_spares_the_attempt_it_ended() -> None:
    in_queue = request_pause(queued(), clock(), by=ADA).after.job
    on_gpu = stopped_by(training(stop=PAUSE), RunState.CANCELLED).after.job

    assert (in_queue.spared_attempts, on_gpu.spared_attempts) == (0, 1)


def test_a_pause_that_meets_a_refused_submission_is_a_pause() -> None:
    change = begin_attempt(
        queued(stop=PAUSE, attempt=1), clock(), LIMITS, endpoint_id="e", token_hash="x"
    )

    assert change.after.job.status == "paused"
