"""What follows when no GPU works on a run any more: what is an attempt, and what was delivered."""

import pytest

from brightrun.jobs.change import Change, JobState
from brightrun.jobs.execution import reconcile
from brightrun.jobs.execution.observation import Observation
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.record import AttemptState
from brightrun.training.protocol import RunSummary
from tests.support.factories import a_summary
from tests.support.job_states import LIMITS, clock, submitted, success, training


def observe(state: JobState, looked: Observation) -> Change:
    return reconcile.observe(state, clock(60), LIMITS, looked)


def seen(state: RunState, gpu_seconds: float | None = None) -> Observation:
    return Observation(ProviderRun(state, gpu_seconds))


@pytest.mark.parametrize(
    ("summary", "step"),
    [
        (a_summary(total_steps=14, delivered_step=7), 7),
        (a_summary(total_steps=14), 14),  # a worker of an earlier version
        (None, None),
    ],
)
def test_a_job_knows_the_step_whose_adapter_is_its_model(
    summary: RunSummary | None, step: int | None
) -> None:
    finish = success().model_copy(update={"summary": summary})
    state = training({"state": AttemptState.FINISHED, "finish": finish})

    assert observe(state, seen(RunState.COMPLETED, 60.0)).after.job.delivered_step == step


@pytest.mark.parametrize("state", [RunState.GONE, RunState.FAILED, RunState.CANCELLED])
def test_a_run_on_which_no_gpu_has_worked_is_no_attempt(state: RunState) -> None:
    """RunPod's queue may lose a run; what it never executed uses up nothing."""
    job = observe(submitted(), seen(state, None)).after.job

    assert (job.status, job.attempt - job.spared_attempts) == ("queued", 0)


def test_a_run_on_which_a_gpu_has_worked_is_an_attempt() -> None:
    job = observe(submitted(), seen(RunState.FAILED, 42.0)).after.job

    assert (job.status, job.attempt - job.spared_attempts) == ("queued", 1)


def test_a_worker_that_could_not_reach_us_has_used_up_no_attempt() -> None:
    """Its first call met our own outage; RunPod saw it fail after some seconds of GPU."""
    looked = Observation(
        ProviderRun(RunState.FAILED, gpu_seconds=20.0), listening_since=clock(30).at
    )
    job = reconcile.observe(submitted(), clock(60), LIMITS, looked).after.job

    assert (job.status, job.attempt - job.spared_attempts) == ("queued", 0)
    assert job.current_cost > 0
