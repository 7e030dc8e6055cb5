"""Jobs over HTTP: listed, told, cancelled, tried again."""

from typing import Any

import pytest

from brightrun.datasets.record import Dataset
from brightrun.jobs.events import EventLevel, JobEvent
from brightrun.jobs.record import Job, JobStatus, StoredCheckpoint
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.places import place, place_of_point
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.writes import commit, put
from brightrun.runtime import Deps
from brightrun.training.protocol import Point, StoredFile
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.factories import ADA, JOB_ID, NOON, SHA256
from tests.support.ordered_jobs import counts, stored_job

# ---- reading


def test_a_page_of_jobs_has_its_dataset_and_true_totals(api: Call, deps: Deps) -> None:
    for number in range(12):
        stored_job(deps, id=f"{JOB_ID[:-2]}{number:02d}")

    first = api("GET /api/jobs").data
    second = api("GET /api/jobs", query={"page": 2}).data
    third = api("GET /api/jobs", query={"page": 3}).data

    assert [job["id"][-2:] for job in first["jobs"]] == [f"{n:02d}" for n in range(11, 1, -1)]
    assert [job["id"][-2:] for job in second["jobs"]] == ["01", "00"]
    assert third["jobs"] == []
    assert first["pagination"] | {"cursor": None} == {
        "page": 1, "limit": 10, "total": 12, "totalPages": 2, "cursor": None, "complete": True,
    }  # fmt: skip
    assert first["jobs"][0]["dataset"]["name"] == "Bakery letters"
    assert first["counts"]["queued"] == 12
    following = api("GET /api/jobs", query={"cursor": first["pagination"]["cursor"]}).data
    assert following["jobs"] == second["jobs"]


def test_jobs_of_one_status_are_listed_alone(api: Call, deps: Deps) -> None:
    stored_job(deps)
    stored_job(deps, id=f"{JOB_ID[:-2]}99", status=JobStatus.FAILED)

    failed = api("GET /api/jobs", query={"status": "failed"}).data

    assert [job["status"] for job in failed["jobs"]] == ["failed"]
    assert failed["pagination"]["total"] == 1


def test_a_cursor_of_another_list_is_refused(api: Call, deps: Deps) -> None:
    stored_job(deps)
    stored_job(deps, id=f"{JOB_ID[:-2]}99")
    cursor = api("GET /api/jobs", query={"limit": 1}).data["pagination"]["cursor"]

    theirs = api("GET /api/jobs", query={"cursor": cursor}, caller=BOB_CALLS)
    garbled = api("GET /api/jobs", query={"cursor": "AAAA"})

    assert theirs.refusal == garbled.refusal == (400, "invalid_request")


def test_a_job_page_has_the_newest_hundred_points_in_order(api: Call, deps: Deps) -> None:
    stored_job(deps)
    for step in range(150):
        point = Point(step=step, epoch=1.0, timestamp=NOON, training_loss=2.0)
        commit(deps.table, [put(deps.table, point, place_of_point(JOB_ID, point))])

    metrics = api(f"GET /api/jobs/{JOB_ID}").data["metrics"]
    whole = api(f"GET /api/jobs/{JOB_ID}", query={"resolution": 4}).data["metrics"]

    assert [point["step"] for point in metrics] == list(range(50, 150))
    assert [point["step"] for point in whole] == [0, 49, 99, 149]


def test_a_story_is_paged_filtered_and_downloaded(api: Call, deps: Deps) -> None:
    stored_job(deps)
    for number, level in enumerate([EventLevel.INFO, EventLevel.WARNING, EventLevel.INFO]):
        event = JobEvent(
            job_id=JOB_ID, id=f"{number}", time=NOON, level=level,
            type=f"attempt.{number}", message=f"line {number}",
        )  # fmt: skip
        commit(deps.table, [put(deps.table, event, place(event))])

    def lines(**query: Any) -> list[str]:
        told = api(f"GET /api/jobs/{JOB_ID}/logs", query=query).data
        return [event["message"] for event in told["events"]]

    first = api(f"GET /api/jobs/{JOB_ID}/logs", query={"limit": 2}).data
    text = api(f"GET /api/jobs/{JOB_ID}/logs", query={"format": "text"})

    assert lines() == ["line 0", "line 1", "line 2"]
    assert lines(order="newest", limit=1) == ["line 2"]
    assert lines(level="warning") == ["line 1"]
    assert lines(type="attempt.2") == ["line 2"]
    assert lines(cursor=first["cursor"]) == ["line 2"]
    assert text.text.splitlines()[1] == (
        "2026-11-20T12:00:00.000000Z WARNING system     attempt.1: line 1"
    )


# ---- cancelling


def test_a_queued_job_is_cancelled_at_once_and_again_changes_nothing(api: Call, deps: Deps) -> None:
    stored_job(deps)

    first = api(f"POST /api/jobs/{JOB_ID}/cancel").data
    second = api(f"POST /api/jobs/{JOB_ID}/cancel").data

    assert first["outcome"] == second["outcome"] == "cancelled"
    assert first["job"] == second["job"]
    assert first["job"]["final_cost"] == 0.0
    assert counts(deps) == {"cancelled": 1}
    costs = api(f"GET /api/jobs/{JOB_ID}").data["cost_records"]
    assert [cost["amount"] for cost in costs] == [0.0]


def test_a_running_job_is_told_to_stop_and_says_so(api: Call, deps: Deps) -> None:
    stored_job(deps, status=JobStatus.RUNNING)

    answer = api(f"POST /api/jobs/{JOB_ID}/cancel").data

    assert answer["outcome"] == "stopping"
    assert answer["job"]["status"] == "running"
    assert answer["job"]["stop_requested"] == "cancelled_by_user"


def test_a_completed_job_cannot_be_cancelled(api: Call, deps: Deps) -> None:
    stored_job(deps, status=JobStatus.COMPLETED)

    assert api(f"POST /api/jobs/{JOB_ID}/cancel").refusal == (409, "invalid_transition")


# ---- trying again


@pytest.fixture
def failed(deps: Deps, dataset: Dataset) -> Job:
    """A failed job whose last checkpoint is still there."""
    file = StoredFile(name="adapter.bin", size_bytes=3, sha256=SHA256)
    kept = StoredCheckpoint(job_id=JOB_ID, attempt=2, step=40, files=(file,))
    key = f"staging/{JOB_ID}/2/checkpoint-40/adapter.bin"
    deps.store.client.put_object(Bucket=deps.store.bucket, Key=key, Body=b"abc")
    model = deps.catalog.base_models[0].id
    return stored_job(deps, status=JobStatus.FAILED, checkpoint=kept, base_model=model)


def test_a_retry_is_a_new_job_linked_to_the_old_from_its_checkpoint(
    api: Call, deps: Deps, failed: Job
) -> None:
    job = api(f"POST /api/jobs/{JOB_ID}/retry").data

    stored = find(deps.table, keys.job(ADA, job["id"]), Job)
    assert stored is not None
    assert (stored.retry_of, stored.status) == (JOB_ID, JobStatus.QUEUED)
    assert stored.checkpoint == failed.checkpoint
    assert stored.hyperparameters == failed.hyperparameters
    assert stored.base_model_revision == failed.base_model_revision


def test_a_retry_may_begin_anew(api: Call, failed: Job) -> None:
    job = api(f"POST /api/jobs/{JOB_ID}/retry", {"from": "beginning"}).data

    assert job["checkpoint_step"] is None


def test_a_retry_begins_anew_when_the_checkpoint_has_expired(
    api: Call, deps: Deps, failed: Job
) -> None:
    key = f"staging/{JOB_ID}/2/checkpoint-40/adapter.bin"
    deps.store.client.delete_object(Bucket=deps.store.bucket, Key=key)

    assert api(f"POST /api/jobs/{JOB_ID}/retry").data["checkpoint_step"] is None


def test_a_completed_job_is_not_tried_again(api: Call, deps: Deps, dataset: Dataset) -> None:
    stored_job(deps, status=JobStatus.COMPLETED)

    assert api(f"POST /api/jobs/{JOB_ID}/retry").refusal == (409, "invalid_transition")
