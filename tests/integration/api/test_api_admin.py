"""What administrators see: sums over users that agree with what the users did."""

from decimal import Decimal
from typing import Any

from brightrun.clock import Clock
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.completion.collecting import published
from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.jobs.termination import fail
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import change_job, create_job
from brightrun.runtime import Deps
from brightrun.training.protocol import FinishRequest
from tests.support.api.http_calls import Call, identity
from tests.support.factories import (
    ADA,
    BOB,
    DATASET_ID,
    JOB_ID,
    NOON,
    a_dataset,
    a_job,
    a_model,
    a_summary,
    an_attempt,
)

ADMIN = identity(user_id="root", admin="true")


def run_job(deps: Deps, job_id: str, how: str) -> None:
    """A job of Ada's from its creation to its end."""
    job = a_job(id=job_id, status=JobStatus.QUEUED)
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)
    clock = Clock(NOON, deps.new_id)
    finish = FinishRequest(outcome="succeeded", execution_seconds=260, summary=a_summary())
    attempt = an_attempt(job_id=job_id, state=AttemptState.ENDED, finish=finish)

    def begin(state: JobState) -> Change:
        before = Change(before=state, after=JobState(state.job, attempt))
        return before.with_job(status=JobStatus.RUNNING, attempt=1, spent_gpu_seconds=260.0)

    def end(state: JobState) -> Change:
        if how == "completed":
            return published(state, clock, a_model(job_id=job_id))
        return fail(unchanged(state), clock, code=how, message="m")

    change_job(deps.table, ADA, job_id, begin)
    change_job(deps.table, ADA, job_id, end)


def test_the_overview_sums_up_what_the_users_did(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset(status="validating"))
    create_dataset(deps.table, a_dataset(user_id=BOB, status="error"))
    run_job(deps, JOB_ID, "completed")
    run_job(deps, f"{JOB_ID[:-1]}2", "out_of_memory")

    seen: dict[str, Any] = api("GET /api/admin/overview", caller=ADMIN).data

    assert (seen["users"], seen["complete"]) == (2, True)
    assert seen["datasets"] == {"error": 1, "validating": 1}
    assert seen["jobs"] == {"completed": 1, "failed": 1}
    assert seen["models"] == {"stored": 1}
    assert seen["failures"] == {"out_of_memory": 1}
    assert seen["quality"] == {"4": 1}
    assert seen["storage_bytes"] == {"datasets": 2468, "models": 1200}
    # 2 x 260 s at 7.00 an hour
    assert seen["spent_this_month"] == float(Decimal("1.011112"))
    calibrated = seen["calibration"][0]
    assert (calibrated["base_model"], calibrated["gpu_type"]) == (a_job().base_model, "A100-80GB")
    assert (calibrated["runs"], calibrated["measured"]) == (1, None)


def test_users_are_listed_with_their_counts(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    create_dataset(deps.table, a_dataset(id=f"{DATASET_ID[:-1]}2", user_id=BOB))

    first = api("GET /api/admin/users", query={"limit": 1}, caller=ADMIN).data
    rest = api("GET /api/admin/users", query={"cursor": first["cursor"]}, caller=ADMIN).data

    assert [user["user_id"] for user in (*first["users"], *rest["users"])] == [BOB, ADA]
    assert first["users"][0]["datasets"] == {"ready": 1}
