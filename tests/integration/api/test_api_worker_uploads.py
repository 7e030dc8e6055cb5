"""What the edge says to a worker's uploads, as JSON: refusals have a shape, answers no surprise."""

import pytest

from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.api.http_calls import Call, identity
from tests.support.factories import ADA, JOB_ID, SHA256, a_job, an_attempt

PART_BYTES = 5 * 1024**2
WORKER = identity(kind="worker", user_id=ADA, job_id=JOB_ID, attempt="1")
PATH = f"POST /worker/v1/jobs/{JOB_ID}/attempts/1"
WHOLE = {
    "name": "adapter_model.safetensors",
    "size_bytes": PART_BYTES + 1,
    "sha256": SHA256,
    "kind": "artifact",
}
IN_PARTS = WHOLE | {"part_size_bytes": PART_BYTES, "parts": [SHA256, SHA256]}


@pytest.fixture(autouse=True)
def at_work(deps: Deps) -> None:
    job = a_job(status=JobStatus.RUNNING, attempt=1)
    attempt = an_attempt(state=AttemptState.STARTED, worker_id="worker-1")
    commit(deps.table, [put_new(deps.table, job), put_new(deps.table, attempt)])


def test_a_file_that_goes_whole_is_answered_as_ever(api: Call) -> None:
    """A worker of an earlier version refuses a field it does not know."""
    (upload,) = api(f"{PATH}/uploads", {"files": [WHOLE]}, caller=WORKER).data["uploads"]

    assert upload.keys() == {"name", "url", "headers"}


def test_a_file_in_parts_is_answered_with_its_parts(api: Call) -> None:
    (upload,) = api(f"{PATH}/uploads", {"files": [IN_PARTS]}, caller=WORKER).data["uploads"]

    assert upload["url"] is None
    assert [part["number"] for part in upload["parts"]] == [1, 2]


def test_parts_that_do_not_make_the_file_are_refused_by_name(api: Call) -> None:
    wrong = IN_PARTS | {"parts": [SHA256]}

    refused = api(f"{PATH}/uploads", {"files": [wrong]}, caller=WORKER)

    assert refused.refusal == (400, "invalid_request")
    assert "1 parts were declared, 2 make this file" in refused.text


def test_completing_what_has_not_come_names_the_missing_parts(api: Call) -> None:
    (upload,) = api(f"{PATH}/uploads", {"files": [IN_PARTS]}, caller=WORKER).data["uploads"]

    said = IN_PARTS | {"upload_id": upload["upload_id"]}
    refused = api(f"{PATH}/complete", said, caller=WORKER)

    assert refused.refusal == (409, "upload_incomplete")
    assert refused.body["details"] == {"missing_parts": [1, 2]}


def test_a_file_that_is_too_large_is_refused_with_the_limit(api: Call) -> None:
    over = WHOLE | {"size_bytes": 5 * 1024**3 + 1}

    refused = api(f"{PATH}/uploads", {"files": [over]}, caller=WORKER)

    assert refused.refusal == (413, "too_large")
    assert refused.body["details"] == {
        "file_size": 5368709121,
        "max_file_size": 5368709120,
    }


def test_an_upload_of_another_place_is_not_open_here(api: Call) -> None:
    """An upload's id opens nothing: key, attempt and token decide."""
    refused = api(f"{PATH}/complete", IN_PARTS | {"upload_id": "of-somebody-else"}, caller=WORKER)

    assert refused.refusal == (409, "upload_incomplete")
